"""Arm profiles: everything that makes one arm different from another, besides its OpenSim model."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from proprionet.config import Section, check, read_yaml

Angles = tuple[float, float, float, float]

# fmt: off
_HUMAN_MUSCLES = (
    "CORB", "DELT1", "DELT2", "DELT3", "INFSP", "LAT1", "LAT2", "LAT3", "PECM1", "PECM2", "PECM3",
    "SUBSC", "SUPSP", "TMAJ", "TMIN",  # shoulder
    "ANC", "BIClong", "BICshort", "BRA", "BRD", "ECRL", "PT", "TRIlat", "TRIlong", "TRImed",  # elbow
)
# fmt: on

# Wrap objects over which the path of a muscle jumps by centimetres between neighbouring postures of the reference arm.
_HUMAN_PATCHES = (
    ("TMIN", "INFSP_and_TMIN_hum_head"),
    ("TMIN", "TMINhum"),
    ("LAT1", "TMAJ_LAThum"),
    ("LAT1", "LAT_TMAJ2hh"),
    ("LAT2", "TMAJ_LAThum"),
    ("LAT2", "LAT_TMAJ2hh"),
    ("LAT3", "TMAJ_LAThum"),
    ("LAT3", "LAT_TMAJ2hh"),
    ("TMAJ", "TMAJ_LAThum"),
    ("TMAJ", "LAT_TMAJ2hh"),
    ("PECM1", "PEC12hum"),
    ("PECM1", "PEC1hh"),
    ("DELT1", "DELT1hh"),
    ("DELT3", "delt3hum"),
    ("BIClong", "BIClong"),
    ("TRIlong", "TRIlongglen"),
    ("CORB", "CORBhum"),
)


class ArmProfile(Section):
    """A right arm of two links and four joint angles, and the part of its OpenSim model that is used.

    The joint angles are, in this order, the plane of elevation (0 is sideways, 90 is forward), the elevation and the
    axial rotation of the shoulder, and the flexion of the elbow; see :mod:`proprionet.arm.kinematics`. What is not
    given is that of the reference human arm (MoBL-ARMS; Saul et al. 2015) as used by Sandbrink et al. 2023.
    """

    name: str = Field(min_length=1)
    upper_arm_cm: float = Field(default=33.0, gt=0, description="shoulder to elbow")
    forearm_cm: float = Field(default=26.0, gt=0, description="elbow to hand")
    coordinates: tuple[str, str, str, str] = ("elv_angle", "shoulder_elv", "shoulder_rot", "elbow_flexion")
    lower_limit_deg: Angles = (-90.0, 0.0, -90.0, 0.0)
    upper_limit_deg: Angles = (130.0, 180.0, 20.0, 130.0)
    start_posture_deg: Angles = Field(default=(50.0, 40.0, 20.0, 75.0), description="posture before a movement")
    muscles: tuple[str, ...] = Field(default=_HUMAN_MUSCLES, min_length=1, description="names, in the order of files")
    patches: tuple[tuple[str, str], ...] = Field(
        default=_HUMAN_PATCHES, description="(muscle, wrap object) pairs that patched muscle geometry leaves out"
    )

    @model_validator(mode="after")
    def _check_angles(self) -> Self:
        limits = zip(self.coordinates, self.lower_limit_deg, self.upper_limit_deg, self.start_posture_deg, strict=True)
        for joint, (name, lower, upper, start) in enumerate(limits):
            if not lower < upper <= lower + 360:
                raise ValueError(f"limits of {name}: {lower:g} to {upper:g} degrees is not a range within one turn")
            if joint in (1, 3) and (lower < 0 or upper > 180):
                raise ValueError(f"limits of {name}: {lower:g} to {upper:g} degrees must lie within 0 to 180")
            if not lower <= start <= upper:
                raise ValueError(f"start_posture_deg: {name} {start:g} is outside its limits {lower:g} to {upper:g}")
        for field, names in (("coordinates", self.coordinates), ("muscles", self.muscles)):
            if repeated := {name for name in names if names.count(name) > 1}:
                raise ValueError(f"{field}: '{min(repeated)}' is there twice")
        return self


HUMAN = ArmProfile(name="human")


def read_profile(path: str | Path) -> ArmProfile:
    """Read the profile of a user's own arm from a YAML file.

    The keys are the fields of :class:`ArmProfile`; ``name`` is needed, what else is left out is that of the reference
    human arm (give ``patches: []`` for a model without its wrap objects).

    Raises
    ------
    InputError
        If the file is missing or is not YAML, or a key or value is wrong; names the file, the key and the remedy.
    """
    return check(ArmProfile, read_yaml(Path(path)), str(path))


def choose(path: Path | None) -> ArmProfile:
    """The profile in a file, or the human arm where there is none."""
    return HUMAN if path is None else read_profile(path)
