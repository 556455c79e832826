"""What a section of the report is made of."""

from dataclasses import dataclass

from matplotlib.figure import Figure

from proprionet.plotting.gather import Result


@dataclass(frozen=True)
class Drawing:
    """A figure of the report; ``name`` is that of its files."""

    name: str
    figure: Figure
    caption: str
    alt: str


@dataclass(frozen=True)
class Section:
    """All results of one stage."""

    kind: str
    title: str
    about: str
    results: list[Result]
    drawings: list[Drawing]
