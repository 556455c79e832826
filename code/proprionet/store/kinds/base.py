"""What a kind of file is, and arrays and attributes that several kinds have."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Array:
    """One dataset of a kind: ``dims`` of None admits any shape (weights); ``unit`` '1' means dimensionless."""

    dims: tuple[str, ...] | None
    dtype: str
    unit: str
    about: str
    finite: bool = True
    optional: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind of file: raise ``version`` whenever a reader of the old layout would misread the new one."""

    name: str
    about: str
    made_by: str
    arrays: dict[str, Array]
    attributes: dict[str, type] = field(default_factory=dict)
    version: int = 1


ABOUT_NETWORK: dict[str, type] = {
    "network": str,
    "family": str,
    "instance": int,
    "task": str,
    "trained": bool,
    "stimuli": str,
}
"""Attributes that say which network a result is of: architecture, its family, the seed of its weights and training,
and the task of its head; and which movements it was shown (a hash of them). The untrained twin of a network has its
architecture, instance and task."""

STATISTICS = {
    f"statistics/{name}": Array(("muscle",), "float32", unit, f"{about} over the training part", optional=True)
    for name, unit, about in (
        ("length_mean_mm", "mm", "mean length"),
        ("length_sd_mm", "mm", "standard deviation of length"),
        ("velocity_sd_mm_s", "mm/s", "standard deviation of velocity"),
        ("acceleration_sd_mm_s2", "mm/s^2", "standard deviation of acceleration"),
        (
            "rate_sd_hz",
            "Hz",
            "standard deviation of the Ia rate (Prochazka & Gorassini 1998) before it is cut off at 0",
        ),
    )
}


def letter(dim: str) -> dict[str, Array]:
    """Which letter was written, and in planes of which orientation."""
    return {
        "label": Array((dim,), "int64", "1", "letter of the alphabet, from 0"),
        "source": Array((dim,), "int64", "1", "id of the pen letter that was written"),
        "plane": Array((dim,), "uint8", "1", "0 horizontal, 1 vertical"),
    }


def latents(dim: str) -> dict[str, Array]:
    """The letter, how it was varied to make a movement, and where it was written."""
    return {
        **letter(dim),
        "start_point": Array((dim, "axis"), "float32", "cm", "centre of the letter's box, world frame"),
        "size": Array((dim,), "float32", "1", "scale of the letter"),
        "rotation": Array((dim,), "float32", "degree", "rotation in the plane"),
        "shear_x": Array((dim,), "float32", "degree", "shear along x"),
        "shear_y": Array((dim,), "float32", "degree", "shear along y"),
        "speed": Array((dim,), "float32", "1", "speed relative to the source letter"),
        "noise": Array((dim,), "float32", "1", "level of noise on the spindles, applied where the data set says so"),
    }
