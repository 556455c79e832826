"""Tasks and cells as users name them: by name, by name with changes, in a YAML file, or as plain values."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from proprionet.config import Section, check, nearest, read_yaml
from proprionet.errors import InputError, brief

_COMMA = re.compile(r",(?![^\[]*\])")  # outside of brackets

Chosen = TypeVar("Chosen", bound=Section)


def choose(
    text: str | Path | Mapping[str, Any],
    key: str,
    models: Mapping[str, type[Chosen]],
    presets: Mapping[str, Mapping[str, Any]],
) -> Chosen:
    """Checked settings of one of ``models``.

    Parameters
    ----------
    text : str, Path or mapping
        ``NAME``, or ``NAME,SETTING=VALUE,...`` with the name of a model or preset; a file, or values, with the
        model's name under ``key``.
    key : str
        What the models are called in settings: "task" or "cell".

    Raises
    ------
    InputError
        If the name is unknown, or a setting is unknown or bad.
    """
    if isinstance(text, Mapping):
        values, where = dict(text), key
    elif isinstance(text, Path):
        values, where = read_yaml(text), str(text)
    else:
        name, *changes = _COMMA.split(text)
        values = {**presets.get(name, {key: name}), **dict(_change(one, text) for one in changes)}
        where = f"{key} '{text}'"
    name = values.get(key)
    if not isinstance(name, str) or name not in models:
        valid = [*models, *presets]
        raise InputError(f"{where}: there is no {key} {brief(name)}; {nearest(str(name), valid)}")
    return check(models[name], values, where)


def _change(text: str, whole: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign:
        raise InputError(f"'{whole}': expected changes such as n_steps=100 after the name, found '{text}'")
    try:
        return name.strip(), yaml.safe_load(value)
    except yaml.YAMLError:
        raise InputError(f"'{whole}': the value of '{name}' cannot be read") from None
