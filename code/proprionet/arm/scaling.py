"""Fit an arm model to an animal: segment lengths from its markers, and the model scaled to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import opensim

from proprionet.arm import markers as marker_kinematics
from proprionet.arm.opensim_model import initialise, open_model
from proprionet.config import nearest
from proprionet.errors import InputError
from proprionet.store import replacing

_FRAMES = 200  # of a recording that are looked at
_ROUNDS = 10
_SETTLED = 1e-4  # change of a factor that needs no other round


@dataclass(frozen=True)
class Segment:
    """Bodies of a model that are scaled so that two markers are as far apart as in the recording."""

    markers: tuple[str, str]
    bodies: tuple[str, ...]


MACAQUE = (
    Segment(("Shoulder_JC", "Marker_6"), ("humerus",)),
    Segment(("Marker_6", "Marker_5"), ("ulna1", "ulna", "radius_jcc", "radius", "radius1")),
)
"""Segments of the Chan & Moran arm that Marin Vargas et al. 2024 measured; the others have factors set by hand."""


def measure(
    model_path: str | Path,
    markers: np.ndarray,
    names: Sequence[str],
    segments: Sequence[Segment] = MACAQUE,
    given: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """How much larger than a model an animal is, body by body.

    The distance between the markers of a segment is compared with that in the model in the same posture, which is found
    by inverse kinematics; with the model scaled, posture and factors are found again until they settle. (OpenSim's
    scaling tool takes one posture for all frames, which is some percent off where a marker is on the next segment, as
    that of the elbow is.)

    Parameters
    ----------
    model_path : path of an .osim file
    markers : array, shape (time, marker, 3)
        cm, in the ground frame of the model; NaN where a marker was not seen. 200 frames of it are used.
    names : names of the markers in the model
    segments : what is measured
    given : factors of other bodies, such as clavicle and scapula

    Returns
    -------
    dict of float
        Factor of every body that is measured or given; no others are scaled.

    Raises
    ------
    InputError
        If a marker or body is not in the model, the markers of a segment are nowhere seen together with enough others,
        or the factors do not settle.
    """
    for segment in segments:
        for name in segment.markers:
            if name not in names:
                raise InputError(f"the recording has no marker '{name}'; {nearest(name, list(names))}")
    ends = [[names.index(name) for name in segment.markers] for segment in segments]
    whole = np.flatnonzero(np.isfinite(markers[:, np.ravel(ends)]).all(axis=(1, 2)))
    if not whole.size:
        needed = sorted({name for segment in segments for name in segment.markers})
        raise InputError(f"no frame has all of the markers {', '.join(needed)}")
    seen = markers[whole[np.linspace(0, len(whole) - 1, min(len(whole), _FRAMES)).astype(int)]]
    factors = {body: 1.0 for segment in segments for body in segment.bodies} | dict(given or {})
    with TemporaryDirectory() as folder:
        scaled = Path(folder) / Path(model_path).name
        for _ in range(_ROUNDS):
            write_scaled(model_path, scaled, factors)
            change = _too_short(scaled, seen, names, ends)
            for segment, ratio in zip(segments, change, strict=True):
                factors |= {body: factors[body] * float(ratio) for body in segment.bodies}
            if np.abs(change - 1).max() < _SETTLED:
                return factors
    raise InputError(f"{model_path}: scale factors do not settle; are the markers in its ground frame, in cm?")


def write_scaled(model_path: str | Path, out: str | Path, factors: Mapping[str, float]) -> None:
    """Write a model with scaled bodies: their joints, muscle paths, wraps and markers; total mass stays.

    Parameters
    ----------
    model_path, out : paths of .osim files
    factors : of each body to scale, the same along all axes

    Raises
    ------
    InputError
        If the file is no model, has no such body, or a factor is not above 0.
    """
    path = Path(model_path)
    model = open_model(path)
    state = initialise(path, model)
    bodies = [model.getBodySet().get(i).getName() for i in range(model.getBodySet().getSize())]
    scales = opensim.ScaleSet()
    for name, factor in factors.items():
        if name not in bodies:
            raise InputError(f"{path}: has no body '{name}'; {nearest(name, bodies)}")
        if not 0 < factor < np.inf:
            raise InputError(f"the scale factor of body '{name}' is {factor:g}; it must be above 0")
        scale = opensim.Scale()
        scale.setSegmentName(name)
        scale.setScaleFactors(opensim.Vec3(factor))
        scale.setApply(True)
        scales.cloneAndAppend(scale)
    model.scale(state, scales, True, model.getTotalMass(state))
    with replacing(Path(out)) as temporary:
        model.printToXML(str(temporary))


def _too_short(model: Path, seen: np.ndarray, names: Sequence[str], ends: Sequence[Sequence[int]]) -> np.ndarray:
    """Recorded over model's distance between the markers of each segment, median over frames: (segment,)."""
    posture = marker_kinematics.solve(model, seen, names, rate_hz=1)
    placed = marker_kinematics.positions(model, posture.joint_angles, posture.coordinates, names)
    ratio = np.stack([_apart(seen, pair) / _apart(placed, pair) for pair in ends])
    known = np.isfinite(ratio).all(axis=0)
    if not known.any():
        raise InputError(f"{model.name}: no frame has enough markers to find its posture")
    return np.median(ratio[:, known], axis=1)


def _apart(markers: np.ndarray, pair: Sequence[int]) -> np.ndarray:
    return np.linalg.norm(markers[:, pair[0]] - markers[:, pair[1]], axis=1)
