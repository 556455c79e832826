"""Compute the RDM of every layer of a network and its agreement with the ideal observer."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage


@stage("rdm", kind="rdm")
@click.argument("activations", type=InputFile("activations"))
def compute_rdms(run: Run, activations: Path) -> None:
    """Compare the stimuli of ACTIVATIONS layer by layer.

    Writes one RDM a layer (1 - r, distance, or 1 - rank correlation), and the Pearson and Kendall correlation of each
    with the RDM of the ideal observer (0 within a letter, 1 between letters). Hand, joints and muscle lengths come
    before the spindle input as layers of their own. Units that never vary are left out; a layer that has no RDM is
    NaN in the comparison, and the attribute 'undefined' says why.

    Example: python repr-analysis/compute_rdms.py results/demo/activations/action_recognition.h5 --out rdm.h5
    """
    import numpy as np

    from proprionet import store
    from proprionet.analysis import units
    from proprionet.analysis.layers import gram, rdm
    from proprionet.dataset.stimuli import check_stimuli
    from proprionet.errors import InputError

    metric = run.settings.metric
    with store.read(activations, "activations", finite=True) as responses, run.write() as out:
        check_stimuli(responses)
        layers, label = responses.attribute("layers"), responses["label"]
        if not 1 < len(np.unique(label)) < len(label):
            raise InputError(
                f"{activations}: needs movements of two letters, and two of one letter, to compare letters"
            )
        recorded = {name: responses.dataset(name) for name in rdm.KINEMATICS}
        recorded |= {name: responses.dataset(f"layers/{name}") for name in layers}
        needed = max(rdm.memory_bytes(len(label), np.prod(values.shape[1:]), metric) for values in recorded.values())
        run.say_size(f"{len(label)} stimuli, {len(recorded)} layers", needed)
        oracle, undefined = rdm.ideal_observer(label), {}
        agreement = {layer: {"pearson": np.nan, "kendall": np.nan} for layer in recorded}
        for layer in run.progress(recorded, about="layers"):
            living = units.varies(*gram.unit_moments(recorded[layer]))
            try:
                matrix = rdm.METRICS[metric](recorded[layer], living, n_jobs=run.jobs)
                agreement[layer] = rdm.compare(matrix, oracle)
            except gram.UndefinedError as error:
                undefined[layer] = str(error)
                run.say(f"{layer} has no RDM: {error}")
            else:
                out.write(f"rdm/{layer}", matrix)
        out.write("label", label)
        for measure in ("pearson", "kendall"):
            out.write(measure, [scores[measure] for scores in agreement.values()])
        out.set(layers=list(recorded), metric=metric, undefined=undefined, alphabet=responses.attribute("alphabet"))
        out.set(**{name: responses.attribute(name) for name in store.ABOUT_NETWORK})
        about = {"unit": "correlation", "n": len(label), "with": "RDM of the ideal observer"}
        for name, layer in (("input", layers[0]), ("last_layer", layers[-1])):
            if layer not in undefined:
                run.headline(f"agreement_of_{name}", agreement[layer]["pearson"], **about)
    run.done("python single_cell/fit_tuning.py ACTIVATIONS")


if __name__ == "__main__":
    compute_rdms()
