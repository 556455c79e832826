"""Compare predictions of neurons by many networks and baselines: tables, tests, and a ranking of the models."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from proprionet.store import Writer

KINDS = ("prediction", "evaluation")


@stage("predictivity", "comparison", kind="predictivity")
@click.argument("results", nargs=-1, required=True, type=InputFile())
def compare_predictions(run: Run, results: tuple[Path, ...]) -> None:
    """Compare RESULTS: predictions (from predict.py and fit_baselines.py) of any sessions, networks and baselines.

    Writes what every model scores at its best layer; paired tests over neurons and over architectures, between tasks,
    with untrained twins, the best baseline and controls; and a ranking of the models of each area by the share of the
    noise ceiling that they reach. If evaluations (from evaluate.py) of the networks are among RESULTS, their task
    performance is correlated with what they explain. Beside the file lie the tables as CSV (.csv has one row a neuron,
    model, layer and condition; .models, .tests, .correlations, .controls, .leaderboard) and the leaderboard as HTML.

    Example: python neural_prediction/compare_predictions.py results/mine/prediction/*.h5 results/mine/evaluation/*.h5
    """
    predictions, evaluations = _by_kind(results)

    from proprionet import store
    from proprionet.neural.predictivity import comparisons, models, performance, ranking, table
    from proprionet.plotting import leaderboard

    options, confidence = run.settings, run.settings.confidence
    rows = table.gather(run.progress(predictions, about="predictions"), options.ceiling)
    if options.ceiling == "true_rate" and rows["ceiling"].isna().all():
        raise InputError("--ceiling true_rate is known of simulated neurons only; choose split_half or poisson")
    best = models.best_layers(rows, options.best_layer)
    scores = models.model_scores(best)
    tables = {
        "ranking": ranking.rank(best, run.seed, confidence),
        "test": comparisons.condition_tests(best, run.seed, confidence),
        "control": ranking.controls(best, run.seed, confidence),
    }
    if evaluations:
        performing = performance.with_performance(scores, performance.evaluations(evaluations))
        tables["correlation"] = performance.correlations(performing, confidence)
    _headlines(run, scores, tables, 1 - confidence)
    with run.write() as out:
        _write(out, tables)
        out.set(best_layer=options.best_layer, ceiling=options.ceiling, confidence=confidence)
        for suffix, one in {"": rows, ".models": scores, **{NAMES[name]: one for name, one in tables.items()}}.items():
            store.write_text(run.out.with_suffix(f"{suffix}.csv"), one.to_csv(index=False, float_format="%.6g"))
        page = leaderboard.render(run.out.absolute().parent.name, tables["ranking"], tables["control"], run.recipe)
        store.write_text(run.out.with_suffix(".html"), page)
    run.done("papermill paper_figures/cell2024_predictivity.ipynb")


NAMES = {"ranking": ".leaderboard", "test": ".tests", "control": ".controls", "correlation": ".correlations"}


def _by_kind(paths: tuple[Path, ...]) -> list[list[Path]]:
    """Files of each of :data:`KINDS`."""
    from proprionet import store

    found: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    for path in paths:
        with store.read(path) as file:
            if file.kind not in KINDS:
                raise InputError(f"{path}: is a file of kind {file.kind}, expected {' or '.join(KINDS)}")
            found[file.kind].append(path)
    return list(found.values())


def _headlines(run: Run, scores: "pd.DataFrame", tables: "Mapping[str, pd.DataFrame]", level: float) -> None:
    """What a reader would quote: how much there is, the best model of each area, and how many differences are clear."""
    from proprionet.neural.baselines import called
    from proprionet.neural.predictivity.table import BASELINE

    networks = scores.loc[scores["model"] != BASELINE, ["name", "task", "trained", "instance"]]
    run.headline("networks", len(networks.drop_duplicates()), "networks", sessions=int(scores["session"].nunique()))
    for first in tables["ranking"].query("rank == 1").itertuples():
        what = called(first.name) if first.model == BASELINE else first.condition
        where = "_".join(filter(None, ("best", first.area.replace(" ", "_"), first.movement)))
        bounds = {"low": first.low, "high": first.high}
        run.headline(where, first.score, first.unit, n=first.n_neurons, model=what, **bounds)
    for over, tests in tables["test"].query("reason == ''").groupby("over", sort=False):
        run.headline(f"clear_differences_over_{over}", (tests["holm"] < level).mean(), "of tests (Holm)", n=len(tests))
    if "correlation" in tables and (r := tables["correlation"]["r"].dropna()).size:
        run.headline("mean_correlation_with_task_performance", r.abs().mean(), "absolute r", n=r.size)


def _write(out: "Writer", tables: "Mapping[str, pd.DataFrame]") -> None:
    """Every column of every table; texts as places in the list of all words."""
    words: dict[str, int] = {}
    for name, rows in tables.items():
        for column in rows:
            values = rows[column].tolist()
            if any(isinstance(value, str) for value in values):
                values = [words.setdefault(value, len(words)) for value in values]
            out.write(f"{name}/{column}", values)
    out.set(words=list(words))


if __name__ == "__main__":
    compare_predictions()
