"""Views of movements for redundancy reduction: parts of the inputs are silenced or made noisy."""

from collections.abc import Callable, Sequence

import numpy as np

from proprionet.config import nearest
from proprionet.errors import InputError

WINDOW = 50 / 400  # of the movement's steps
MOST_MUSCLES = 18 / 39
NOISE = (0.1, 0.2, 0.3, 0.4)  # standard deviations


def two_views(
    inputs: np.ndarray,
    random: np.random.Generator,
    kinds: Sequence[str] = ("time",),
    mean: np.ndarray | float = 0.0,
    deviation: np.ndarray | None = None,
) -> np.ndarray:
    """Two views of every movement, each changed for itself by the given kinds of augmentation, one after another.

    Parameters
    ----------
    inputs : array, shape (movement, muscle, step, channel)
        Any unit (mm and mm/s).
    random : numpy.random.Generator
    kinds : sequence of {"time", "muscle", "noise"}
        ``time`` silences two windows of an eighth of the movement, one that starts in the first half and one in the
        second. ``muscle`` silences muscles, from none to 18 of 39. ``noise`` adds Gaussian noise to as many: 0.1, 0.2,
        0.3 or 0.4 standard deviations, one factor a view.
    mean : array, shape (muscle, channel)
        What a silent muscle says; where inputs are standardised their mean, otherwise 0 (published).
    deviation : array, shape (muscle, channel), optional
        Standard deviations of the muscles, by default of each in each view over time (published).

    Returns
    -------
    array, shape (2 * movement, muscle, step, channel), float32
        View A of every movement, then view B of every movement; the inputs themselves are left as they are.

    Raises
    ------
    InputError
        If a kind is unknown.

    Source: the published code of Marin Vargas et al. 2024.
    """
    if unknown := [kind for kind in kinds if kind not in AUGMENTATIONS]:
        raise InputError(f"augmentation '{unknown[0]}' is unknown; {nearest(unknown[0], list(AUGMENTATIONS))}")
    views = np.concatenate([inputs, inputs], dtype=np.float32, casting="same_kind")
    _, n_muscles, _, n_channels = views.shape
    silence = np.broadcast_to(mean, (n_muscles, n_channels))[:, None]
    for kind in kinds:
        AUGMENTATIONS[kind](views, random, silence, deviation)
    return views


def _silence_windows(views, random, silence, deviation):
    n_views, _, n_steps, _ = views.shape
    length, middle = round(WINDOW * n_steps), round(n_steps / 2)
    first = random.integers(0, middle, n_views, endpoint=True)
    second = random.integers(middle, n_steps - length, n_views, endpoint=True)
    after = np.arange(n_steps) - np.stack([first, second])[..., None]  # steps after the start of each window
    silent = ((after >= 0) & (after < length)).any(axis=0)
    np.copyto(views, silence, where=silent[:, None, :, None], casting="same_kind")


def _silence_muscles(views, random, silence, deviation):
    np.copyto(views, silence, where=_some_muscles(views, random)[..., None, None], casting="same_kind")


def _add_noise(views, random, silence, deviation):
    chosen = _some_muscles(views, random)
    muscles = views[chosen]
    spread = muscles.std(axis=1) if deviation is None else np.broadcast_to(deviation, views[:, :, 0].shape)[chosen]
    factor = np.repeat(random.choice(NOISE, len(views)), chosen.sum(axis=1))
    scale = (factor[:, None] * spread)[:, None].astype(np.float32)
    views[chosen] = muscles + scale * random.standard_normal(muscles.shape, dtype=np.float32)


def _some_muscles(views, random) -> np.ndarray:
    """Muscles of each view, none to 18 of 39 of them, each number and each set as likely as another."""
    n_views, n_muscles = views.shape[:2]
    count = random.integers(0, round(MOST_MUSCLES * n_muscles), n_views, endpoint=True)
    return random.permuted(np.tile(np.arange(n_muscles), (n_views, 1)), axis=1) < count[:, None]


AUGMENTATIONS: dict[str, Callable[..., None]] = {
    "time": _silence_windows,
    "muscle": _silence_muscles,
    "noise": _add_noise,
}
