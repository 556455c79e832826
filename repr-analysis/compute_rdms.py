"""Compute the RDM of every layer of a network and its agreement with the ideal observer."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("rdm", kind="rdm")
@click.argument("activations", type=InputFile("activations"))
def compute_rdms(run: Run, activations: Path) -> None:
    """Compare the stimuli of ACTIVATIONS layer by layer.

    Writes one RDM a layer (1 - r, or distance), and the Pearson and Kendall correlation of each with the RDM of the
    ideal observer (0 within a letter, 1 between letters). Units that never vary are left out.

    Example: python repr-analysis/compute_rdms.py results/demo/activations/action_recognition.h5 --out rdm.h5
    """
    import numpy as np

    from proprionet import store
    from proprionet.analysis import rdm, units
    from proprionet.errors import InputError

    dissimilarity = {"correlation": rdm.correlation_rdm, "euclidean": rdm.euclidean_rdm}[run.settings.metric]
    with store.read(activations, "activations", finite=True) as responses, run.write() as out:
        layers, label = responses.attribute("layers"), responses["label"]
        if not 1 < len(np.unique(label)) < len(label):
            raise InputError(
                f"{activations}: needs movements of two letters, and two of one letter, to compare letters"
            )
        oracle = rdm.ideal_observer(label)
        agreement = []
        for layer in run.progress(layers, about="layers"):
            patterns = responses[f"layers/{layer}"].reshape(len(label), -1)
            matrix = dissimilarity(patterns[:, units.living_units(patterns)])
            out.write(f"rdm/{layer}", matrix)
            agreement.append(rdm.compare(matrix, oracle))
        out.write("label", label)
        for measure in ("pearson", "kendall"):
            out.write(measure, [scores[measure] for scores in agreement])
        out.set(layers=layers, metric=run.settings.metric)
        out.set(**{name: responses.attribute(name) for name in ("alphabet", "task", "trained")})
        about = {"unit": "correlation", "n": len(label), "with": "RDM of the ideal observer"}
        run.headline("agreement_of_input", agreement[0]["pearson"], **about)
        run.headline("agreement_of_last_layer", agreement[-1]["pearson"], **about)
    run.done("python single_cell/fit_tuning.py ACTIVATIONS")


if __name__ == "__main__":
    compute_rdms()
