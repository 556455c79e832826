"""The leaderboard: models ranked by how much they explain of what can be explained of neurons, on one page of HTML."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from proprionet.neural.baselines import called
from proprionet.plotting.models_of_neurons import colour_of, label_of, where
from proprionet.plotting.report import page

WIDTH, MARGIN = 200, 8
"""Of the picture in a row of the table, pixels."""


def render(name: str, ranked: pd.DataFrame, controls: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """One HTML page with everything inside it.

    Parameters
    ----------
    name : str
        Heads the page.
    ranked, controls : DataFrame
        Of :func:`.predictivity.ranking.rank` and :func:`.predictivity.ranking.controls`.
    settings : mapping
        ``best_layer``, ``ceiling`` and ``confidence`` that they were made with.
    """
    rankings = [_ranking(of) for _, of in ranked.groupby(["area", "movement"], sort=False)]
    of_controls = controls.assign(
        label=controls["condition"].map(label_of),
        where=[where(area, movement) for area, movement in zip(controls["area"], controls["movement"], strict=True)],
    )
    return page(
        "leaderboard.html.j2",
        name=name,
        rankings=rankings,
        controls=of_controls.to_dict("records"),
        settings=settings,
        width=WIDTH,
    )


def _ranking(of: pd.DataFrame) -> dict[str, Any]:
    """The models of one area and movement, and where each number lies in the picture of its row."""
    first = of.iloc[0]
    ends = [*of["low"], *of["high"], *of["score"], 0.0]
    low, high = np.nanmin(ends), np.nanmax(ends)

    def place(value: float) -> float | None:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(MARGIN + (WIDTH - 2 * MARGIN) * share, 1) if np.isfinite(value) else None

    rows = [
        row
        | {
            "label": label_of(row["condition"], row["name"]),
            "colour": colour_of(row["condition"]),
            "at": {key: place(row[key]) for key in ("score", "low", "high", "untrained", "baseline")},
        }
        for row in of.to_dict("records")
    ]
    return {
        "title": where(first["area"], first["movement"]),
        "unit": first["unit"],
        "best_baseline": called(first["best_baseline"]),
        "n_neurons": of["n_neurons"].to_numpy().max(),
        "n_sessions": of["n_sessions"].to_numpy().max(),
        "zero": place(0.0),
        "rows": rows,
    }
