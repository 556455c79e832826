"""Fast muscle lengths: tables that OpenSim filled once, and splines through them.

The length of a muscle's path is tabulated over the angles of the joints that it spans; what becomes of it, such as the
length of the fibre, over the length of the path, on which alone it depends.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import proprionet
from proprionet import store
from proprionet.arm import building, splines
from proprionet.arm.certificate import MEASURES, Bound, Certificate, Progress, certify
from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError

if TYPE_CHECKING:  # tables are used without OpenSim
    from proprionet.arm.muscles import EngineSettings

SPACING_DEG = 5.0
BOUNDS = {"human": Bound(length_rms=0.02, length_max=0.5, velocity_rms=0.5)}
BOUND = Bound(length_rms=0.05, length_max=1.0, velocity_rms=1.5)  # of other arms

_KIND = "muscle_tables"
_WAIT_S = 0.5


@dataclass(frozen=True, eq=False)
class MuscleTables:
    """Muscle lengths of one arm from splines, as fast as a million postures a second.

    ``certificate`` says how well they agree with OpenSim; None where that is not known.
    """

    paths: splines.Tables
    curves: splines.Curves
    joint_names: tuple[str, ...]
    certificate: Certificate | None = None

    def lengths(self, joint_angles: np.ndarray) -> np.ndarray:
        """Lengths of all muscles, of the kind that the tables were made for.

        Parameters
        ----------
        joint_angles : array, shape (time, joint)
            Degrees.

        Returns
        -------
        array, shape (time, muscle)
            mm; NaN where a joint angle is NaN, and where a path jumps nearby, so that splines do not follow it.

        Raises
        ------
        InputError
            If an angle is outside the tables, which end at the joint limits that they were made for, or the number of
            joints is another.
        """
        joint_angles = np.ascontiguousarray(joint_angles, dtype=float)
        if joint_angles.ndim != 2 or joint_angles.shape[1] != len(self.joint_names):
            expected = f"(time, {len(self.joint_names)})"
            raise InputError(f"joint angles have the shape {joint_angles.shape}; the muscle tables are for {expected}")
        lengths = np.empty((len(joint_angles), len(self.paths.constant)))
        outside = splines.evaluate(joint_angles, self.paths, self.curves, lengths)
        if outside >= 0:
            self._refuse(joint_angles[outside])
        return lengths

    def arrays(self) -> dict[str, np.ndarray]:
        """All numbers by name, for :func:`engine_from`."""
        return self.paths._asdict() | self.curves._asdict()

    def _refuse(self, posture: np.ndarray) -> None:
        lower, upper = self.paths.lower, self.paths.upper
        joint = int(np.argmax(np.maximum(lower - posture, posture - upper)))
        raise InputError(
            f"{self.joint_names[joint]} is {posture[joint]:g} degrees, outside the muscle tables "
            f"({lower[joint]:g} to {upper[joint]:g}); keep to these limits, or use --engine exact"
        )


@dataclass(frozen=True)
class FastSettings:
    """Where the tables of an arm are; small enough to be sent to a process."""

    path: Path

    def load(self) -> MuscleTables:
        """Load the tables; for errors see :func:`load`."""
        return load(self.path)


def build(
    settings: "EngineSettings",
    lower_deg: Sequence[float],
    upper_deg: Sequence[float],
    spacing_deg: float = SPACING_DEG,
    jobs: int = 1,
    progress: Progress | None = None,
) -> MuscleTables:
    """Make tables with OpenSim, without a certificate.

    Parameters
    ----------
    settings : EngineSettings
        The exact engine that the tables stand for.
    lower_deg, upper_deg : for each joint
        Where the tables end.
    spacing_deg : float
        Largest distance of neighbouring postures; each range is cut into at least 3 equal steps.
    jobs : int
        Number of processes.
    progress : callable, optional
        ``progress(items, total=..., about=...)`` goes through items and shows how far it is.

    Raises
    ------
    InputError
        If muscles depend on more than 3 joints at once, or somewhere one has no path or no equilibrium.
    """
    if not spacing_deg > 0:
        raise InputError(f"the spacing of muscle tables is {spacing_deg:g} degrees; it must be above 0")
    grids = [
        np.linspace(lower, upper, max(splines.FEWEST, int(np.ceil((upper - lower) / spacing_deg - 1e-9)) + 1))
        for lower, upper in zip(lower_deg, upper_deg, strict=True)
    ]
    return MuscleTables(*building.tabulate(settings, grids, jobs, progress), settings.coordinates)


def ensure(
    settings: "EngineSettings",
    profile: ArmProfile,
    spacing_deg: float = SPACING_DEG,
    jobs: int = 1,
    say: Callable[[str], None] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Path of the tables of an arm within its joint limits; they are made and certified unless they are there.

    A process that finds another one making them waits for it.

    Parameters
    ----------
    say : callable, optional
        Told in one line what takes time.
    settings, spacing_deg, jobs, progress : as of :func:`build`.

    Raises
    ------
    InputError
        As :func:`build`; or if the tables are not as accurate as they must be (:func:`bound_of`), naming the muscle.
    """
    path = path_for(settings, profile.lower_limit_deg, profile.upper_limit_deg, spacing_deg)
    tables, say = _kept(path), say or (lambda _: None)
    if tables is None:
        with _turn(path, say):
            tables = _kept(path) or _make(path, settings, profile, spacing_deg, jobs, say, progress)
    if tables.certificate is not None and (shortfall := tables.certificate.shortfall(bound_of(profile))):
        raise InputError(
            f"the muscle tables of '{profile.name}' every {spacing_deg:g} degrees are not accurate enough "
            f"({shortfall}); leave out the wrap object over which this muscle jumps (patches), choose a smaller "
            "--grid-deg, or use --engine exact"
        )
    return path


def save(path: Path, tables: MuscleTables, settings: "EngineSettings") -> None:
    """Write certified tables into a file of kind ``muscle_tables``."""
    certificate = tables.certificate
    assert certificate is not None
    recipe = asdict(settings) | {"model_path": settings.model_path.name}
    with store.create(path, _KIND, settings=recipe, inputs=[settings.model_path]) as file:
        for name, array in (tables.arrays() | certificate.arrays()).items():
            file.write(name, array)
        file.set(
            joint_names=list(tables.joint_names),
            muscle_names=list(certificate.muscle_names),
            length_kind=settings.length_kind,
            n_movements=certificate.n_movements,
            n_samples=certificate.n_samples,
        )


def load(path: Path) -> MuscleTables:
    """Tables and certificate from a file; StoreError if it is not a good one."""
    with store.read(path, _KIND, finite=True) as file:
        arrays = {name: file[name] for name in (*splines.Tables._fields, *splines.Curves._fields, *MEASURES)}
        names, counts = file.attribute("muscle_names"), [file.attribute(key) for key in ("n_movements", "n_samples")]
        certificate = Certificate.of(names, arrays, *counts)
        return replace(engine_from(arrays, file.attribute("joint_names")), certificate=certificate)


def arrays(path: Path) -> dict[str, np.ndarray]:
    """All numbers of the tables in a file, for :func:`engine_from`."""
    return load(path).arrays()


def engine_from(arrays: Mapping[str, np.ndarray], joint_names: Sequence[str] | None = None) -> MuscleTables:
    """Tables from their numbers.

    Raises
    ------
    StoreError
        If numbers are missing or do not fit each other, as in a file that was tampered with.
    """
    if missing := {*splines.Tables._fields, *splines.Curves._fields} - arrays.keys():
        raise store.StoreError(f"the muscle tables lack '{min(missing)}'; make the file again")
    paths = splines.Tables(*(arrays[name] for name in splines.Tables._fields))
    curves = splines.Curves(*(arrays[name] for name in splines.Curves._fields))
    if not splines.consistent(paths, curves):
        raise store.StoreError("the muscle tables do not fit together; make the file again")
    return MuscleTables(paths, curves, tuple(joint_names or (f"joint {i + 1}" for i in range(len(paths.lower)))))


def bound_of(profile: ArmProfile) -> Bound:
    """The errors that tables of an arm may have."""
    return BOUNDS.get(profile.name, BOUND)


def path_for(
    settings: "EngineSettings", lower_deg: Sequence[float], upper_deg: Sequence[float], spacing_deg: float
) -> Path:
    """Where the tables are kept: in the user's cache, under a name made from all that they depend on."""
    import pooch

    recipe = asdict(settings) | {
        "model_path": store.sha256(settings.model_path),
        "limits": [[float(limit) for limit in limits] for limits in (lower_deg, upper_deg)],
        "spacing": float(spacing_deg),
        "versions": [store.KINDS[_KIND].version, proprionet.__version__],
    }
    digest = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
    return Path(pooch.os_cache("proprionet")) / "muscle_tables" / f"{settings.model_path.stem}-{digest[:16]}.h5"


def _kept(path: Path) -> MuscleTables | None:
    """The tables in a file of the cache; None if there are none, or they are spoilt."""
    try:
        return load(path)
    except store.StoreError:
        return None


@contextmanager
def _turn(path: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Let one process at a time make a file; the others wait."""
    with ExitStack() as stack:
        waiting = False
        while True:
            try:
                stack.enter_context(store.locked(path))
                break
            except InputError:
                if not waiting:
                    say(f"waiting for another process that is making the same muscle tables: {path}")
                waiting = True
                time.sleep(_WAIT_S)
        yield


def _make(
    path: Path,
    settings: "EngineSettings",
    profile: ArmProfile,
    spacing_deg: float,
    jobs: int,
    say: Callable[[str], None],
    progress: Progress | None,
) -> MuscleTables:
    """Build, certify and keep tables."""
    settings.load()  # what is wrong with the model is said before what takes long
    say(f"making muscle tables of '{profile.name}' every {spacing_deg:g} degrees, once: {path}")
    tables = build(settings, profile.lower_limit_deg, profile.upper_limit_deg, spacing_deg, jobs, progress)
    tables = replace(tables, certificate=certify(settings, tables, profile, jobs, progress))
    save(path, tables, settings)
    return tables
