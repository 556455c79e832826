"""Sum up what the units of every layer are tuned to."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("summary", kind="unit_summary")
@click.argument("tuning", type=InputFile("tuning"))
def summarise_tuning(run: Run, tuning: Path) -> None:
    """Statistics of the units of every layer in TUNING.

    Quantiles of tuning scores, shares of tuned units, letter selectivity, uniformity of preferred directions and its
    tests, invariance across planes. Writes a value for each statistic and layer, and for each channel of the input
    alone; a table of them (CSV) lies beside the file.

    Example: python single_cell/summarise_tuning.py results/demo/tuning/action_recognition.h5
    """
    import numpy as np
    import pandas as pd

    from proprionet import store
    from proprionet.analysis.single_units.unit_summary import TuningTable, unit_statistics, why_undefined

    with store.read(tuning, "tuning", finite=True) as file:
        layers, plane = file.attribute("layers"), run.settings.plane
        made = {name: file.attribute(name) for name in ("rules", "shuffled", "held_out", "undefined")}
        arrays = (file[name] for name in ("orientation", "level", "r2", "preferred_direction", "selectivity"))
        table = TuningTable(file.attribute("features"), *arrays)
        layer, channel = file["layer"], file["channel"]
        about = {name: file.attribute(name) for name in store.ABOUT_NETWORK}
    channels = np.unique(channel[layer == 0]) if layers[0] == "input" else []
    groups = {name: layer == index for index, name in enumerate(layers)}
    groups |= {f"input, channel {index}": (layer == 0) & (channel == index) for index in channels}
    found = {
        name: unit_statistics(table.of(units), plane, made["rules"])
        for name, units in run.progress(groups.items(), total=len(groups), about="layers")
    }
    statistics = list(found[layers[0]])
    values = np.array([[found[name][statistic] for name in groups] for statistic in statistics])
    for name, reason in made["undefined"].items():
        run.say(f"{name}: {reason}")
    _headlines(run, found, layers[-1])
    with run.write() as out:
        out.write("value", values[:, : len(layers)])
        if len(channels):
            out.write("input_channel", values[:, len(layers) :])
        out.set(**about, layers=layers, statistics=statistics, plane=plane, **made)
        rows = pd.DataFrame(values.T, pd.Index(groups, name="layer"), pd.Index(statistics, name="statistic"))
        rows = rows.stack().rename("value").reset_index().assign(**about)
        reasons = [
            why_undefined(layer, statistic, made["undefined"]) if np.isnan(value) else ""
            for layer, statistic, value in zip(rows["layer"], rows["statistic"], rows["value"], strict=True)
        ]
        tidy = rows.assign(reason=reasons)[[*about, "layer", "statistic", "value", "reason"]]
        store.write_text(run.out.with_suffix(".csv"), tidy.to_csv(index=False, float_format="%.6g"))
    run.done("python single_cell/compare_networks.py SUMMARY...")


def _headlines(run: Run, found: dict, last: str) -> None:
    """Numbers of the last layer, as far as they are defined."""
    from math import isfinite

    for name, unit in (("q90_direction", "of variance"), ("q90_position", "of variance"), ("label_max_q90", "of 1")):
        if isfinite(value := found[last].get(name, float("nan"))):
            run.headline(f"{name}_of_last_layer", value, unit, n=int(found[last]["n_units"]))


if __name__ == "__main__":
    summarise_tuning()
