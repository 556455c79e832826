"""The two ways in which a user can be told that something is wrong."""


class InputError(ValueError):
    """Bad input. The message is one sentence for the user: what, where, what to do."""


class MissingPartError(InputError):
    """An optional part of the project is not installed; the message names the extra that brings it."""


def needs(extra: str, package: str) -> MissingPartError:
    """The error for a missing optional package, e.g. ``raise needs("arm", "opensim")``."""
    return MissingPartError(f"this step needs {package}: pip install 'proprionet[{extra}]'")
