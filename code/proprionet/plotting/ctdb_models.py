"""How well data-driven models recover the system behind a recording, beside what was published.

Source of the published values: Computation-through-Dynamics Benchmark (Versteeg et al. 2025), 3-bit flip-flop of a GRU.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from proprionet.errors import InputError
from proprionet.plotting import style

SCORES = {
    "rate_r2": "rate R²",
    "state_r2": "state R²",
    "co_bps": "co-bps (bits/spike)",
    "cycle_consistency": "cycle consistency",
}
"""What is shown, and what it is called."""
OTHER_SCORES = ("state_r2_reverse", "held_out_rate_r2", "input_r2", "task_r2")
"""What tables have beside."""


def _published(*values: float) -> dict[str, float]:
    return dict(zip(SCORES, values, strict=True))


PUBLISHED = {
    "GRU": _published(0.969, 0.962, 0.136, 0.918),
    "LFADS": _published(0.930, 0.881, 0.129, 0.721),
    "LDS": _published(0.244, 0.488, 0.035, 0.722),
    "NODE 3": _published(0.851, 0.961, 0.118, 1.00),
    "NODE 5": _published(0.887, 0.963, 0.123, 1.00),
    "NODE 8": _published(0.906, 0.952, 0.126, 1.00),
    "NODE 16": _published(0.911, 0.789, 0.126, 0.80),
    "NODE 32": _published(0.913, 0.651, 0.127, 0.65),
    "NODE 64": _published(0.914, 0.547, 0.127, 0.59),
}
"""By model, a NODE with its number of states."""
CALLED = {"gru": "GRU", "vanilla": "RNN", "linear": "LDS"}
OURS, THEIRS = style.COLOURS[0], style.COLOURS[3]


def by_name(models: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Scores of models by the names that the benchmark has for them.

    Of models that share a name (seeds) there are the mean, the standard deviation (``<score>_sd``) and the number
    (``n_seeds``).

    Parameters
    ----------
    models : iterable of mapping
        Attributes of files of kind ``inferred``.
    """
    found: dict[str, list[Mapping[str, float]]] = {}
    for about in models:
        cell, settings = about["network"], about["settings"]
        name = CALLED.get(cell["cell"], f"NODE {cell['n_units']}")
        if settings["variational"]:
            name = "LFADS, inferred inputs" if settings["n_inferred_inputs"] else "LFADS"
        found.setdefault(name, []).append(about["metrics"])
    return {name: _over_seeds(found[name]) for name in sorted(found, key=lambda name: (len(name), name))}


def _over_seeds(models: list[Mapping[str, float]]) -> dict[str, float]:
    values = {score: [one.get(score, np.nan) for one in models] for score in (*SCORES, *OTHER_SCORES)}
    means = {score: float(np.mean(of)) for score, of in values.items()}
    if len(models) > 1:
        means |= {f"{score}_sd": float(np.std(of, ddof=1)) for score, of in values.items()}
    return means | {"n_seeds": len(models)}


@style.styled
def benchmark(scores: Mapping[str, Mapping[str, float]]) -> Figure:
    """A row for each model and a panel for each score: ours filled, the published one open, joined where both are.

    Bars: standard deviation over seeds.

    Parameters
    ----------
    scores : mapping of model to mapping of score to number
        As :func:`by_name` gives them. Names as in :data:`PUBLISHED` are held against it; others stand alone. NaN is not
        drawn.

    Raises
    ------
    InputError
        If there is no model.
    """
    if not scores:
        raise InputError("there is no model of a recording to show")
    rows = np.arange(len(scores))
    figure = style.new_figure(style.WIDE_CM, 2.6 + 0.55 * len(scores))
    panels = figure.subplots(1, len(SCORES), sharey=True)
    for axes, (score, name) in zip(panels, SCORES.items(), strict=True):
        ours = np.array([found.get(score, np.nan) for found in scores.values()])
        theirs = np.array([PUBLISHED.get(model, {}).get(score, np.nan) for model in scores])
        axes.hlines(rows, ours, theirs, color="#b0b0b0", linewidth=0.8, zorder=1)
        axes.plot(theirs, rows, "o", color=THEIRS, markerfacecolor="white", markersize=5.5, label="published")
        spread = [found.get(f"{score}_sd", np.nan) for found in scores.values()]
        axes.errorbar(ours, rows, xerr=spread, fmt="o", color=OURS, linewidth=1.2, label="here")
        axes.set_xlim(min(0.0, np.nanmin([*ours, 0.0])) - 0.02, None if score == "co_bps" else 1.05)
        axes.set_xlabel(name)
        axes.grid(axis="x", color="#e6e6e6", linewidth=0.5)
        axes.set_axisbelow(True)
    panels[0].set_yticks(rows, list(scores))
    panels[0].set_ylim(len(scores) - 0.5, -0.5)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


@style.styled
def over_sized(scores: Mapping[int, Mapping[str, float]]) -> Figure:
    """What happens to each score as a NODE has more states than the system that it models.

    Rates and held-out neurons stay well predicted while the model invents activity. Dashed: published. Bars: standard
    deviation over seeds.

    Parameters
    ----------
    scores : mapping of number of states to mapping of score to number

    Raises
    ------
    InputError
        If there is no model.
    """
    if not scores:
        raise InputError("there is no model of a recording to show")
    figure = style.new_figure(style.NARROW_CM, 7.0)
    axes = figure.subplots()
    published = {int(name.split()[1]): values for name, values in PUBLISHED.items() if name.startswith("NODE")}
    shown = [score for score in SCORES if score != "co_bps"]
    for colour, score in zip(style.COLOURS, shown, strict=False):
        for table, line, label in ((scores, "o-", SCORES[score]), (published, ".--", None)):
            sizes = sorted(table)
            alpha, width = (1.0, 1.2) if label else (0.6, 0.8)
            values = [table[size][score] for size in sizes]
            spread = [table[size].get(f"{score}_sd", np.nan) for size in sizes]
            axes.plot(sizes, values, line, color=colour, label=label, alpha=alpha, linewidth=width)
            axes.errorbar(sizes, values, spread, fmt="none", color=colour, linewidth=width)
    axes.set_xscale("log", base=2)
    ticks = sorted({*scores, *published})
    axes.set_xticks(ticks, [str(size) for size in ticks])
    axes.set_xticks([], minor=True)
    lowest = min(found[score] for found in scores.values() for score in shown)
    axes.set_ylim(min(0.0, 1.1 * lowest), 1.03)
    axes.set(xlabel="states of the NODE", ylabel="share of variance")
    axes.plot([], [], ".--", color="black", alpha=0.6, linewidth=0.8, label="published")
    figure.legend(loc="outside upper center", ncols=2)
    return figure
