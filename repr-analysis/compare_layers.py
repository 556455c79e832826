"""Compare every layer of one network with every layer of another: CKA, CCA, SVCCA or Procrustes distance."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import InputError


@stage("similarity", kind="similarity")
@click.argument("a", type=InputFile("activations"))
@click.argument("b", type=InputFile("activations"))
def compare_layers(run: Run, a: Path, b: Path) -> None:
    """Compare the layers of activations A with those of B, recorded from the same movements.

    Writes one matrix, layers of A by layers of B, for each --measure (several with commas). CKA is debiased; cka_biased
    is the published form, which calls noise alike where there are more units than movements. CCA, SVCCA and Procrustes
    distance are those of --dimension principal components. Layers without variance are NaN.

    Example: python repr-analysis/compare_layers.py action_recognition.h5 untrained.h5 --measure cka,cka_biased
    """
    import numpy as np

    from proprionet import store
    from proprionet.analysis.layers import gram, similarity
    from proprionet.dataset.stimuli import check_same_movements, check_stimuli

    options = run.settings
    measures = list(dict.fromkeys(options.measure.split(",")))
    with store.read(a, "activations", finite=True) as one, store.read(b, "activations", finite=True) as other:
        check_stimuli(one)
        check_stimuli(other)
        check_same_movements(one, other)
        names = [file.attribute("layers") for file in (one, other)]
        layers = [[file.dataset(f"layers/{name}") for name in file.attribute("layers")] for file in (one, other)]
        n_stimuli = len(one["movement"])
        if {"cca", "svcca"} & set(measures) and n_stimuli <= 2 * options.dimension:
            most = (n_stimuli - 1) // 2
            raise InputError(
                f"{n_stimuli} movements are too few for --dimension {options.dimension}: choose up to {most}"
            )
        n_units = [int(np.prod(layer.shape[1:])) for layer in (*layers[0], *layers[1])]
        needed = similarity.memory_bytes(n_stimuli, n_units, gaussian="cka_rbf" in measures)
        run.say_size(f"{n_stimuli} stimuli, {len(n_units)} layers", needed)
        found, alive = similarity.compare(
            *layers,
            measures,
            dimension=options.dimension,
            bandwidth=options.bandwidth,
            n_jobs=run.jobs,
            watch=lambda items, about: run.progress(items, about=about),
        )
        about = [{name: file.attribute(name) for name in store.ABOUT_NETWORK} for file in (one, other)]
    keys = [f"{side}/{name}" for side, layers in zip("ab", names, strict=True) for name in layers]
    undefined = {keys[dead]: gram.NO_VARIATION for dead in np.flatnonzero(~alive)}
    for measure, matrix in found.items():
        between = alive[: len(names[0]), None] & alive[len(names[0]) :]
        if not np.isfinite(matrix[between]).all():
            undefined[measure] = "similarity is not a number for some layers that vary; choose another --bandwidth"
    for name, reason in undefined.items():
        run.say(f"{name}: {reason}")
    with run.write() as out:
        for measure, matrix in found.items():
            out.write(measure, matrix)
            if np.isfinite(matrix[-1, -1]):
                run.headline(f"{measure}_of_last_layers", matrix[-1, -1], "1", n=n_stimuli)
        out.set(a=about[0], b=about[1], layers_a=names[0], layers_b=names[1], n_stimuli=n_stimuli)
        out.set(undefined=undefined)
    run.done("python repr-analysis/embed.py ACTIVATIONS")


if __name__ == "__main__":
    compare_layers()
