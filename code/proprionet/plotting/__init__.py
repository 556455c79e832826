"""One style, figure functions that take arrays and return figures, and the report of an experiment."""

from importlib.util import find_spec

from proprionet.errors import needs

for _package in ("matplotlib", "jinja2", "scipy"):
    if find_spec(_package) is None:
        raise needs("report", _package)
