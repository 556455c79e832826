"""Tables of networks that are compared, with numbers that are known."""

import itertools

import numpy as np
import pandas as pd

RECOGNITION, DECODING, UNTRAINED = "action recognition", "trajectory decoding", "untrained"
SPATIAL, RECURRENT = ("spatial_temporal", "spatial_temporal_best"), ("recurrent", "lstm_best")


def statistics(values, kinds=(SPATIAL,), conditions=(RECOGNITION, UNTRAINED), seeds=(1, 2, 3)):
    """Rows as ``instances.gather`` makes them; ``values`` gives the value of (statistic, condition, depth, seed)."""
    names = values if isinstance(values, dict) else {"some": values}
    return pd.DataFrame(
        {
            "family": family,
            "network": network,
            "condition": condition,
            "instance": seed,
            "layer": f"layer{depth}",
            "depth": depth,
            "statistic": name,
            "value": value(condition, depth, seed),
        }
        for (family, network), condition, seed, depth, (name, value) in itertools.product(
            kinds, conditions, seeds, range(4), names.items()
        )
    )


def units(conditions=(RECOGNITION, UNTRAINED), n=20, **columns):
    """``n`` units of each of three layers of one network and seed; columns are the same in all layers."""
    about = {"family": SPATIAL[0], "network": SPATIAL[1], "instance": 1}
    parts = [
        pd.DataFrame(about | {"condition": condition, "layer": f"layer{depth}", "depth": depth} | columns, range(n))
        for condition, depth in itertools.product(conditions, range(3))
    ]
    return pd.concat(parts, ignore_index=True)


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def titles(figure):
    return [axes.get_title() for axes in figure.axes]


def curves(axes, *, dashed=False):
    """Places and heights of the lines of a panel, (line, 2, point); ``dashed``: the published ones."""
    return [np.asarray(line.get_data()) for line in axes.lines if (line.get_linestyle() == ":") == dashed]
