"""The report of an experiment: one page of HTML that stands by itself, and its numbers as JSON."""

import base64
import math
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import jinja2
import yaml
from markupsafe import Markup

from proprionet.config import Experiment
from proprionet.plotting.gather import Headline, Result
from proprionet.plotting.section import Section
from proprionet.plotting.wording import TITLES, name_of, number, quantity, share


def summarise(experiment: str, results: Sequence[Result]) -> dict[str, Any]:
    """Headline numbers and run times (s) of every stage, ready for JSON; what is undefined is None."""
    return {
        "experiment": experiment,
        "headlines": {
            result.stage: {name: _defined(line.model_dump()) for name, line in result.provenance.headline.items()}
            for result in results
        },
        "run_times_s": {r.stage: r.provenance.elapsed_s for r in results if r.provenance.elapsed_s is not None},
    }


def render(
    sections: Sequence[Section], images: Mapping[str, bytes], name: str, settings: Experiment | None = None
) -> str:
    """One HTML page with everything inside it: no scripts, nothing fetched from elsewhere, every value escaped.

    Parameters
    ----------
    sections : sequence of Section
        As :func:`proprionet.plotting.sections.sections` makes them.
    images : mapping of str to bytes
        PNG of every drawing, by its name.
    name : str
        Heads the page.
    settings : Experiment, optional
        Shown whole; without them each file still shows its own.
    """
    present = {section.kind for section in sections}
    return page(
        "report.html.j2",
        name=name,
        settings=settings,
        sections=sections,
        images=images,
        absent=[title for kind, title in TITLES.items() if kind not in present],
        quantities=lambda section: list(dict.fromkeys(name for r in section.results for name in r.provenance.headline)),
        total_s=sum(result.provenance.elapsed_s or 0 for section in sections for result in section.results),
    )


def page(template: str, **content: Any) -> str:
    """Fill in one of the page templates that lie beside this module; every value is escaped."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "name": name_of,
        "number": number,
        "share": share,
        "quantity": quantity,
        "notes": _notes,
        "seconds": lambda value: "unknown" if value is None else f"{value:.1f} s",
        "yaml": _yaml,
        "base64": lambda data: base64.b64encode(data).decode("ascii"),
    }
    text, look = (
        resources.files("proprionet.plotting").joinpath(name).read_text(encoding="utf-8")
        for name in (template, "page_style.css.j2")
    )
    return environment.from_string(text).render(style=Markup(look), **content)


def _defined(value: Any) -> Any:
    """The same value without NaN and infinity, which JSON cannot hold."""
    if isinstance(value, dict):
        return {name: _defined(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_defined(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _notes(headline: Headline) -> str:
    """What the stage said about a number beyond its chance level and count."""
    return "; ".join(f"{name_of(name)}: {_plain(value)}" for name, value in (headline.model_extra or {}).items())


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return number(value) if isinstance(value, float) else str(value)


def _yaml(values: Any) -> str:
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
