"""YAML files read and checked against a model, with errors in one sentence."""

import difflib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from proprionet.errors import InputError, brief


def read_yaml(path: Path) -> dict[str, Any]:
    """Keys and values of a YAML file.

    Raises
    ------
    InputError
        If the file is missing or cannot be read, is not YAML, or is not a list of keys and values.
    """
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), _UniqueKeys)  # as safe as safe_load
    except InputError as error:
        raise InputError(f"{path}, {error}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); config/ has examples") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise InputError(f"{path}{f', line {mark.line + 1}' if mark else ''}: is not valid YAML") from None
    if not isinstance(values, dict):
        found = "nothing" if values is None else type(values).__name__
        raise InputError(f"{path}: expected keys and values such as 'seed: 1', found {found}")
    return values


class _UniqueKeys(yaml.SafeLoader):
    """Refuses a key that is there twice, of which YAML would silently take the last."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.value != "<<"]
        if repeated := sorted(key for key in set(keys) if keys.count(key) > 1):
            raise InputError(f"line {node.start_mark.line + 1}: '{repeated[0]}' is set twice; keep one of them")
        return super().construct_mapping(node, deep)


def nearest(name: str, valid: list[str]) -> str:
    """Hint for a name that does not exist: the nearest valid one, or all of them."""
    close = difflib.get_close_matches(name, valid, n=1, cutoff=0.5)
    return f"did you mean '{close[0]}'?" if close else f"valid names: {', '.join(valid)}"


def check(model: type[BaseModel], values: dict[str, Any], where: str) -> Any:
    """Validate ``values`` against ``model``; the error is one sentence naming the setting and the remedy.

    Raises
    ------
    InputError
        On an unknown key (with the nearest valid name) or a bad value.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = error.errors(include_url=False)
        first = next((problem for problem in found if problem["type"] == "extra_forbidden"), found[0])
        raise InputError(f"{where}: {_sentence(model, first)}{_also_missing(first, found)}") from None


def _sentence(model: type[BaseModel], problem: Any) -> str:
    location = [str(part) for part in problem["loc"]]
    path = ".".join(location)
    if problem["type"] == "extra_forbidden":
        owner = _model_at(model, location[:-1])
        valid = list(owner.model_fields) if owner else []
        return f"unknown setting '{path}'; {nearest(location[-1], valid)}"
    if problem["type"] == "missing":
        return f"'{path}' is missing"
    message = problem["msg"].removeprefix("Value error, ")
    if not location:
        return message
    if isinstance(problem["input"], float) and math.isnan(problem["input"]):
        return f"'{path}' is not a number"
    return f"'{path}' is {brief(problem['input'])}: {message[0].lower()}{message[1:]}"


def _also_missing(first: Any, found: Sequence[Any]) -> str:
    """The other settings that are missing, where ``first`` is missing."""
    others = [".".join(map(str, other["loc"])) for other in found if other["type"] == "missing" and other is not first]
    return f", and so are {', '.join(map(repr, others))}" if first["type"] == "missing" and others else ""


def _model_at(model: type[BaseModel], location: list[str]) -> type[BaseModel] | None:
    """Model of the section that a location of a validation error lies in."""
    for part in location:
        annotation = model.model_fields[part].annotation if part in model.model_fields else None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return None
        model = annotation
    return model
