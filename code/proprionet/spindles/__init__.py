"""Muscle-spindle inputs: what the muscles tell the networks."""

from typing import cast, get_args

from proprionet.config import nearest
from proprionet.errors import InputError
from proprionet.spindles.afferents import LinearAfferents, PowerAfferents
from proprionet.spindles.cards import Card, Parameter
from proprionet.spindles.models import Firing, Kinematic, Model, NoiseKind, PublishedFiring, Statistics
from proprionet.spindles.signals import kinematic, statistics

__all__ = ["MODELS", "Card", "Model", "NoiseKind", "Parameter", "Statistics", "kinematic", "make", "statistics"]

MODELS: dict[str, type[Model]] = {
    model.card.model: model for model in (Kinematic, PublishedFiring, Firing, LinearAfferents, PowerAfferents)
}
"""Every spindle model by its name; ``MODELS[name].card`` says what it computes from which numbers."""


def make(name: str, seed: int, statistics: Statistics | None = None, noise_kind: str = "gaussian") -> Model:
    """One of ``MODELS``, ready to respond.

    Parameters
    ----------
    seed : int
        Of the noise, and of the parameters of each afferent.
    statistics : dict, optional
        What :func:`statistics` found in the training part; all but ``kinematic`` without noise and
        ``firing_published`` need it.
    noise_kind : "gaussian" or "poisson"
        What ``respond`` adds where a noise level is given; see :class:`Model`.

    Raises
    ------
    InputError
        If there is no such model or noise, statistics are needed and missing, or spikes are to be counted of
        what is no rate of 0 or more.
    """
    if name not in MODELS:
        raise InputError(f"spindle model '{name}' is not known; {nearest(name, list(MODELS))}")
    if noise_kind not in get_args(NoiseKind):
        raise InputError(f"noise kind '{noise_kind}' is not known; {nearest(noise_kind, list(get_args(NoiseKind)))}")
    return MODELS[name](seed, statistics, cast(NoiseKind, noise_kind))
