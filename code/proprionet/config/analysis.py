"""Settings of what is asked of the layers and units of networks."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from proprionet.config.section import Plane, Section, Split

MEASURES = ("cka", "cka_biased", "cka_rbf", "cca", "svcca", "procrustes")


def _known_measures(text: str) -> str:
    if not set(text.split(",")) <= set(MEASURES):
        raise ValueError(f"expected one or several of {', '.join(MEASURES)}, with commas between them")
    return text


Measures = Annotated[str, AfterValidator(_known_measures)]


class Stimuli(Section):
    """The movements that networks and simulated neurons are compared on."""

    split: Split = Field(default="test", description="part of the data set to take them from")
    per_letter: int = Field(default=20, ge=2, le=10_000, description="movements per letter of the alphabet, at most")
    replacement: bool = Field(default=False, description="draw them with replacement, as published")


class Rdm(Section):
    """Representational dissimilarity."""

    metric: Literal["correlation", "euclidean", "spearman"] = Field(
        default="correlation", description="1 - r, distance, or 1 - rank correlation"
    )


class Similarity(Section):
    """How layers are compared with each other."""

    measure: Measures = Field(
        default="cka", description="one or several of cka, cka_biased, cka_rbf, cca, svcca, procrustes, with commas"
    )
    dimension: int = Field(
        default=20, ge=1, le=1000, description="principal components of a layer (cca, svcca, procrustes)"
    )
    bandwidth: float = Field(
        default=0.5, gt=0, le=100, description="width of the Gaussian kernel over the median distance (cka_rbf)"
    )


class Embedding(Section):
    """Maps of the stimuli in two dimensions."""

    method: Literal["tsne", "umap", "mds"] = Field(default="tsne", description="t-SNE, UMAP, or metric scaling")
    n_components: int = Field(default=50, ge=2, le=1000, description="principal components that the map is made from")
    perplexity: int = Field(default=40, ge=1, le=1000, description="neighbours of a stimulus that count (t-SNE)")
    planes: Literal["both", "horizontal", "vertical"] = Field(
        default="both", description="movements on the map; the published code took the horizontal ones"
    )


class Tuning(Section):
    """Single-unit tuning."""

    rules: Literal["corrected", "published"] = Field(
        default="corrected",
        description="true time stamps without both ends, splits by the seed; or samples and splits as published",
    )
    test_fraction: float = Field(default=0.2, gt=0, lt=0.9, description="share of movements held out")
    min_movements: int = Field(default=3, ge=2, le=10_000, description="planes with fewer movements are not fitted")
    shuffled: bool = Field(
        default=False, description="deal the movements of each plane out anew: the null that tuning is held against"
    )


class Decoding(Section):
    """The hand read from all units of a layer."""

    plane: Plane = Field(default="horizontal", description="movements written in planes of this orientation are used")
    direction: Literal["unit_vector", "angle"] = Field(
        default="unit_vector", description="decode direction as cosine and sine, or as the raw angle as published"
    )
    rules: Literal["corrected", "published"] = Field(
        default="corrected",
        description="true time stamps, without the ends, speed of the still hand too; or samples as published",
    )
    alpha: float = Field(default=1.0, gt=0, le=1e12, description="penalty of ridge regression (raw activations)")
    test_fraction: float = Field(default=0.2, gt=0, lt=0.9, description="share of movements held out")
    shuffles: int = Field(
        default=0, ge=0, le=10_000, description="decode so often with targets shuffled between movements, for the null"
    )


class Dissection(Section):
    """What the strongest responses of feature maps lie over."""

    top: int = Field(default=5, ge=1, le=1000, description="movements of each letter with the strongest response")


class Summary(Section):
    """What the units of a layer are tuned to, in numbers."""

    plane: Plane = Field(default="horizontal", description="tuning scores are those of planes of this orientation")


class Comparison(Section):
    """Networks compared over their instances."""

    confidence: float = Field(default=0.95, ge=0.5, lt=1, description="share of intervals that hold the true mean")
