"""How a user is told that something is wrong."""


class InputError(ValueError):
    """Bad input. The message is one sentence for the user: what, where, what to do."""
