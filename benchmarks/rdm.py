"""Correlation RDM of a layer: products of normalised patterns, or SciPy's pdist, or rsatoolbox."""

import click
import numpy as np
from common import measure, report
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm
from scipy.spatial.distance import pdist

from proprionet.analysis.layers.rdm import correlation_rdm


@click.command()
@click.option("--quick", is_flag=True, help="400 stimuli and 1,000 units.")
def main(quick: bool) -> None:
    """Time all three on the same random responses in double precision."""
    n_stimuli, n_units = (400, 1000) if quick else (2000, 2000)
    responses = np.random.default_rng(0).normal(size=(n_stimuli, n_units))
    references = {
        "scipy": lambda: pdist(responses, "correlation"),
        "rsatoolbox": lambda: calc_rdm(Dataset(responses), method="correlation").dissimilarities[0],
    }
    found = correlation_rdm(responses)
    ours = measure(lambda: correlation_rdm(responses))
    for package, reference in references.items():
        report(
            f"correlation RDM of {n_stimuli} stimuli, {n_units} units, vs {package}",
            unit="s",
            ours=ours,
            reference=measure(reference),
            max_difference=float(np.abs(found - reference()).max()),
            n=n_stimuli,
            packages=["rsatoolbox"],
        )


if __name__ == "__main__":
    main()
