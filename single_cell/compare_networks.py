"""Compare what networks were trained on: paired tests over their instances, layer by layer."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import InputError


@stage("comparison", kind="comparison")
@click.argument("summaries", nargs=-1, required=True, type=InputFile())
def compare_networks(run: Run, summaries: tuple[Path, ...]) -> None:
    """Compare SUMMARIES (from summarise_tuning.py, decode_population.py or compute_rdms.py) of any number of networks.

    For each architecture: the mean of every statistic over instances with its confidence interval, and for each pair of
    tasks, or task and untrained, a t-test paired by instance, with p-values corrected over layers by Bonferroni, Holm
    and the false discovery rate. Tables (CSV) of both lie beside the file.

    Example: python single_cell/compare_networks.py results/elife2023_small/instances/summaries/*.h5
    """

    from proprionet import store
    from proprionet.analysis.comparison import differences, instances

    table = instances.gather(summaries)
    means = differences.group_means(table, run.settings.confidence)
    tests = differences.condition_tests(table, run.settings.confidence)
    if tests.empty:
        found = ", ".join(sorted(set(means["network"] + ": " + means["condition"])))
        raise InputError(f"no network is here in two conditions ({found}); give files of another task, or untrained")
    names = {
        "network": list(means["network"].unique()),
        "condition": instances.ordered(means["condition"]),
        "statistic": list(means["statistic"].unique()),
        "layer": list(means["layer"].unique()),
    }
    possible = tests["holm"].notna()
    run.headline("comparisons", possible.sum(), "tests", n=int(table["instance"].nunique()))
    if possible.any():
        clear = tests.loc[possible, "holm"] < 1 - run.settings.confidence
        run.headline("clear_differences", clear.mean(), "of tests (Holm)")
    else:
        run.say("nothing can be tested: no two conditions have two instances in common")
    with run.write() as out:
        for prefix, rows in (("", tests), ("mean_", means)):
            for column in rows.columns.drop("reason", errors="ignore"):
                known = names.get("condition" if column in ("first", "second") else column)
                values = [known.index(value) for value in rows[column]] if known else rows[column].to_numpy()
                out.write(prefix + column, values)
        out.set(**{f"{name}s": values for name, values in names.items()}, confidence=run.settings.confidence)
        store.write_text(run.out.with_suffix(".csv"), tests.to_csv(index=False, float_format="%.6g"))
        store.write_text(run.out.with_suffix(".means.csv"), means.to_csv(index=False, float_format="%.6g"))
    run.done("python single_cell/evaluate_claims.py RESULTS...")


if __name__ == "__main__":
    compare_networks()
