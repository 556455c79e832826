"""Setting up a writer of movements from the settings of an experiment: its arm, its muscles, its places."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from proprionet.arm import fetch, profiles, tables
from proprionet.arm.muscles import EngineSettings
from proprionet.arm.profiles import ArmProfile
from proprionet.errors import InputError, brief
from proprionet.letters.latents import PLANES
from proprionet.letters.strokes import Letters
from proprionet.movements.writing import Limits, Loadable, WriterSettings
from proprionet.store import Reader, Writer, sha256


@dataclass(frozen=True)
class Arm:
    """An arm profile with link lengths and limits, and the OpenSim model it belongs to."""

    profile: ArmProfile
    model: Path

    @property
    def name(self) -> str:
        """What the arm is called in files: its profile, the file of its model, and the beginning of its SHA-256."""
        return f"{self.profile.name} ({self.model.name}, SHA-256 {sha256(self.model)[:12]})"


def choose_arm(options: Any) -> Arm:
    """The arm of the settings (section ``arm``); the model of the reference arm where none is given for a human one.

    Raises
    ------
    InputError
        If the arm is not known, there is no model, or they do not fit each other.
    """
    profile = profiles.choose(options.profile)
    model = _model(options, profile)
    return Arm(profiles.fitted(profile, model, options.limits), model)


def choose_profile(options: Any) -> ArmProfile:
    """The arm of the settings for what needs no muscles; a model is only opened if something is taken from it.

    Raises
    ------
    InputError
        As :func:`choose_arm`.
    """
    profile = profiles.choose(options.profile)
    if options.model is not None:
        profiles.check_model(profile, options.model)
    of_model = options.limits == "model" or None in (profile.upper_arm_cm, profile.forearm_cm)
    return profiles.fitted(profile, _model(options, profile) if of_model else None, options.limits)


def _model(options: Any, profile: ArmProfile) -> Path:
    if options.model is not None:
        return options.model
    if profile.based_on == "human":
        return fetch.default_model()
    raise InputError(f"arm '{profile.name}' has no model that could be fetched; give one: --model PATH.osim")


def check_start_points(places: Reader, profile: ArmProfile) -> None:
    """Refuse start points that were found for another arm, or for other limits or link lengths.

    Raises
    ------
    InputError
        Naming what differs.
    """
    then, now = places.attribute("arm_kinematics"), profiles.kinematics_of(profile)
    differing = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    if differing:
        raise InputError(
            f"{places.path.name}: was found for the arm '{places.attribute('arm')}', whose {differing[0]} is "
            f"{then.get(differing[0])}, not {now.get(differing[0])} as for '{profile.name}' now; find start points "
            "again with the same --profile, --model and --limits"
        )


def check_same_arm(data: Reader, arm: Arm, options: Any = None) -> None:
    """Refuse to go on with one arm, and with ``options`` with other muscle lengths, where a data set has another.

    Raises
    ------
    InputError
        Naming what differs.
    """
    named: dict[str, Any] = {"joint_names": list(arm.profile.coordinates), "time_step_s": arm.profile.time_step_s}
    if options is not None:
        named |= {"muscle_names": list(arm.profile.muscles)}
        named |= {"length_kind": options.length_kind, "geometry": options.geometry}
    now = {**profiles.kinematics_of(arm.profile), **named}
    then = {**data.attribute("arm_kinematics"), **{name: data.attribute(name) for name in named}}
    for name, value in now.items():
        if then.get(name) != value:
            raise InputError(
                f"{data.path.name}: its {name} is {brief(then.get(name))}, that of the experiment {brief(value)}; "
                "give the arm and the --config that the data set was made with"
            )


def choose_muscles(
    options: Any, arm: Arm, jobs: int, say: Callable[[str], None], progress: Callable[..., Iterable[Any]]
) -> Loadable:
    """What gives the muscle lengths (section ``movements``): OpenSim, or tables, which are made first if need be.

    Raises
    ------
    InputError
        If the model does not fit the profile, the tables miss the bounds of their certificate, or a compact form is
        wanted of lengths that only OpenSim can give.
    """
    if options.engine == "exact" and options.form == "compact":
        raise InputError("form compact leaves the lengths to the tables of the fast engine; choose that or form full")
    return choose_engine(options, arm, jobs, say, progress)


def choose_engine(
    options: Any, arm: Arm, jobs: int, say: Callable[[str], None], progress: Callable[..., Iterable[Any]]
) -> Loadable:
    """The same for settings that have no form (section ``reconstruction``)."""
    exact = EngineSettings.of(arm.profile, arm.model, geometry=options.geometry, length_kind=options.length_kind)
    if options.engine == "exact":
        return exact
    return tables.FastSettings(
        tables.ensure(exact, arm.profile, options.grid_deg, jobs=jobs, say=say, progress=progress)
    )


def choose_limits(options: Any) -> Limits:
    """What a movement must keep."""
    muscle_jerk = np.inf if options.muscle_jerk_limit is None else options.muscle_jerk_limit
    return Limits(options.tracing_error_limit, options.joint_jerk_limit, muscle_jerk, options.max_attempts)


def about(arm: Arm, options: Any) -> dict[str, Any]:
    """Attributes of a file of movements, without its alphabet and rejections."""
    profile = arm.profile
    return {
        "time_step_s": profile.time_step_s,
        "arm": arm.name,
        "arm_kinematics": profiles.kinematics_of(profile),
        "joint_names": list(profile.coordinates),
        "muscle_names": list(profile.muscles),
        "length_kind": options.length_kind,
        "geometry": options.geometry,
        "engine": options.engine,
        "shard": options.shard,
    }


def choose_writer(
    options: Any, arm: Arm, muscles: Loadable, letters: Letters, places: Reader, seed: int
) -> WriterSettings:
    """All that the writer needs (section ``movements``).

    Raises
    ------
    InputError
        If a plane has no start points.
    """
    return WriterSettings(
        letters=letters,
        start_points={plane: places[plane] for plane in PLANES},
        profile=arm.profile,
        engine=muscles,
        limits=choose_limits(options),
        seed=seed,
        random_posture=options.start_posture == "random",
        compact=options.form == "compact",
    )


def keep_tables(out: Writer, muscles: Loadable) -> None:
    """Put the tables into a compact file, so that it can be read wherever it goes."""
    if isinstance(muscles, tables.FastSettings):
        for name, values in muscles.load().arrays().items():
            out.write(f"tables/{name}", values)
