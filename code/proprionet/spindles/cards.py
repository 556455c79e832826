"""Parameter cards: the numbers behind a spindle model, and where they come from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """One number of a model, or the distribution that it is drawn from."""

    name: str
    value: float | str
    unit: str
    source: str


@dataclass(frozen=True)
class Card:
    """What a spindle model computes, from which numbers."""

    model: str
    formula: str
    parameters: tuple[Parameter, ...]

    def rows(self) -> list[dict[str, float | str]]:
        """One row a parameter, for tables: model, parameter, value, unit, source."""
        return [
            {"model": self.model, "parameter": one.name, "value": one.value, "unit": one.unit, "source": one.source}
            for one in self.parameters
        ]
