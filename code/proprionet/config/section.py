"""What every section of an experiment's settings is, and types that several have."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

Plane = Literal["horizontal", "vertical"]
Split = Literal["train", "validation", "test"]


class Section(BaseModel):
    """Settings of one stage. Each field is also an option of the stage's script."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def _file_or_name(value: str | Path) -> str | Path:
    """A file counts among the inputs of a stage, so that it is known when it changes."""
    return Path(value) if str(value).endswith((".yaml", ".yml")) else str(value)


FileOrName = Annotated[str | Path, AfterValidator(_file_or_name)]
