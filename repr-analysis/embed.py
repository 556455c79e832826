"""Map the stimuli in two dimensions as each layer sees them: t-SNE, UMAP or metric scaling."""

from pathlib import Path

import click

from proprionet.cli import InputFile, Run, stage
from proprionet.errors import InputError


@stage("embedding", kind="embedding")
@click.argument("activations", type=InputFile("activations"))
def embed(run: Run, activations: Path) -> None:
    """Map the movements of ACTIVATIONS layer by layer, and as the hand makes them.

    Each map is made from the largest principal components of a layer; the attribute 'explained' is the share of its
    variance that they hold. Layers that do not vary have no map, and the attribute 'undefined' says why.

    Example: python repr-analysis/embed.py results/demo/activations/action_recognition.h5 --method mds --out map.h5
    """
    import numpy as np

    from proprionet import store
    from proprionet.analysis.layers import embedding, gram
    from proprionet.analysis.layers.components import principal_components
    from proprionet.dataset.stimuli import check_stimuli

    options = run.settings
    more = {"perplexity": options.perplexity} if options.method == "tsne" else {}
    with store.read(activations, "activations", finite=True) as file:
        check_stimuli(file)
        plane, first, n_samples = file["plane"], file["first"], file["n_samples"]
        shown = slice(None) if options.planes == "both" else plane == ("horizontal", "vertical").index(options.planes)
        if (n_stimuli := len(plane[shown])) < 4:
            raise InputError(f"{activations}: {n_stimuli} movements ({options.planes} planes) are too few for a map")
        recorded = {"hand": file.dataset("hand")}
        recorded |= {name: file.dataset(f"layers/{name}") for name in file.attribute("layers")}
        needed = max(embedding.memory_bytes(n_stimuli, np.prod(values.shape[1:])) for values in recorded.values())
        run.say_size(f"{n_stimuli} stimuli, {len(recorded)} layers", needed)
        points, explained, undefined = {}, [], {}
        for layer in run.progress(recorded, about="layers"):
            responses = recorded[layer] if options.planes == "both" else recorded[layer][()][shown]
            try:
                components, share = principal_components(responses, options.n_components, run.jobs)
                points[layer] = embedding.METHODS[options.method](components, seed=run.seed, n_jobs=run.jobs, **more)
            except gram.UndefinedError as error:
                undefined[layer] = str(error)
                run.say(f"{layer} has no map: {error}")
            else:
                explained.append(share)
        middle = (first + n_samples // 2)[:, None, None]
        hand = np.take_along_axis(file["hand"], middle, axis=2)[..., 0]
        about = {"middle": hand, **{name: file[name] for name in ("label", "plane", "source")}}
        attributes = {name: file.attribute(name) for name in ("alphabet", *store.ABOUT_NETWORK)}
    with run.write() as out:
        for layer, places in points.items():
            out.write(f"points/{layer}", places)
        for name, values in about.items():
            out.write(name, values[shown])
        out.set(**attributes, layers=list(points), method=options.method, explained=explained, undefined=undefined)
        run.headline("explained_of_last_layer", explained[-1], "of variance", n=n_stimuli)
    run.done("python single_cell/fit_tuning.py ACTIVATIONS")


if __name__ == "__main__":
    embed()
