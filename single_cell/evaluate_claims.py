"""Say which of the published claims about trained networks hold for these ones."""

from pathlib import Path
from typing import Any

import click

from proprionet.cli import InputFile, Run, explained, stage
from proprionet.errors import InputError

FOLDERS = ("summaries", "decoding", "rdm")


class Results(InputFile):
    """A file, or the files in the folders of an experiment."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(value)
        if not path.is_dir():
            return super().convert(value, param, ctx)
        where = path / "instances" if (path / "instances").is_dir() else path
        files = tuple(sorted(file for name in FOLDERS for file in (where / name).glob("*.h5")))
        with explained(debug=ctx is not None and ctx.params.get("debug", False)):
            if not files:
                raise InputError(f"{path}: has no .h5 files in {', '.join(FOLDERS)}; give the folder of an experiment")
        return files


@stage("comparison", kind="claims")
@click.argument("results", nargs=-1, required=True, type=Results())
def evaluate_claims(run: Run, results: tuple[Any, ...]) -> None:
    """Evaluate the seven qualitative claims of Sandbrink et al. 2023 on RESULTS, and print what holds.

    RESULTS are folders of experiments (with summaries/, decoding/ and rdm/) or files from summarise_tuning.py,
    decode_population.py and compute_rdms.py, of several instances of a network trained on each task and untrained. Each
    claim stands on contrasts that are positive where it is true: printed are their mean over instances, its confidence
    interval, the paper's value, and whether the claim holds. A table (CSV) lies beside the file.

    Example: python single_cell/evaluate_claims.py results/elife2023_small/instances
    """
    from proprionet import store
    from proprionet.analysis.comparison import claims, instances

    table = instances.gather(file for item in results for file in (item if isinstance(item, tuple) else (item,)))
    families = dict(zip(table["network"], table["family"], strict=True))
    found = {
        network: claims.evaluate(table[table["network"] == network], run.settings.confidence) for network in families
    }
    rows = claims.as_table(found, families)
    verdicts = {network: claims.verdicts(findings) for network, findings in found.items()}
    for outcome in (claims.HOLDS, claims.FAILS, claims.UNDECIDED):
        count = sum(made == outcome for each in verdicts.values() for made in each.values())
        run.headline(claims.VERDICTS[outcome].replace(" ", "_"), count, "claims", n=len(verdicts) * len(claims.CLAIMS))
    with run.write() as out:
        for name in ("claim", "value", "low", "high", "n", "paper"):
            out.write(name, rows[name].to_numpy())
        out.write("network", rows["network"].map(list(found).index).to_numpy())
        out.write("outcome", [finding.verdict for findings in found.values() for finding in findings])
        out.write("verdict", [list(each.values()) for each in verdicts.values()])
        out.set(networks=list(found), families=list(families.values()), confidence=run.settings.confidence)
        out.set(claims=list(claims.CLAIMS.values()))
        out.set(contrasts=rows["contrast"].tolist(), units=rows["unit"].tolist(), reasons=rows["reason"].tolist())
        store.write_text(run.out.with_suffix(".csv"), rows.to_csv(index=False, float_format="%.6g"))
    for network, family in families.items():
        click.echo(claims.page(f"{network}, {family}", family, found[network]))
    run.done("python paper_figures/make_report.py RESULTS...")


if __name__ == "__main__":
    evaluate_claims()
