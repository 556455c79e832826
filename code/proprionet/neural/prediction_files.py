"""Predictions in files of kind ``prediction``."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from proprionet.neural.regression import Prediction
from proprionet.neural.responses import Responses
from proprionet.store import Writer

_CEILINGS = {"split_half": "ceiling_split_half", "poisson": "ceiling_poisson", "true_rate": "ceiling"}
EXAMPLE_BINS = 600
"""How many bins of the best layer's held-out predictions a file keeps."""


def best_layer(validation: np.ndarray, model: str) -> int:
    """Which layer, or feature set, is best by its mean over neurons; the input of a network does not compete.

    Parameters
    ----------
    validation : array, shape (layer, neuron)
        Explained variance of inner folds, NaN of neurons that have none.
    model : str
        What the layers are of: a network, or a baseline.
    """
    first = int(model == "network" and len(validation) > 1)
    return first + int(np.argmax(np.nanmean(validation[first:], axis=1)))


def save(
    out: Writer, found: Mapping[str, Prediction], of: Responses, undefined: Mapping[str, str], **about: Any
) -> None:
    """Write the predictions of every layer, or feature set, into an open file of its kind.

    Parameters
    ----------
    found : mapping of layer to Prediction
        From :attr:`.Responses.values`, in the order of the layers.
    undefined : mapping
        What could not be predicted, and why; reasons of undefined ceilings are added.
    about
        The other attributes of the kind: of the network, ``model`` and ``control``.
    """
    layers, session = list(found.values()), of.session
    for name in ("explained_variance", "r2", "correlation", "deviance_explained"):
        out.write(name, np.stack([getattr(layer.scores, name) for layer in layers]))
    out.write("explained_variance_interval", np.stack([layer.interval for layer in layers], axis=1))
    for name in ("validation", "training"):
        out.write(name, np.stack([getattr(layer, name) for layer in layers]))
    out.write("alpha", np.stack([layer.alpha for layer in layers], axis=1))
    if len(of.lags) > 1:
        lag = np.stack([of.lags[layer.lag] * session.bin_width_s for layer in layers])
        out.write("latency_s", np.where(np.isfinite(layers[0].scores.explained_variance), lag, np.nan))
    for name, ceiling in of.ceilings.items():
        out.write(_CEILINGS[name], ceiling.explained_variance)
        undefined = {
            **undefined,
            **{f"{_CEILINGS[name]} of neuron {neuron}": why for neuron, why in ceiling.undefined.items()},
        }
    shown = layers[best_layer(np.stack([layer.validation for layer in layers]), about["model"])]
    for name, rates in (("observed", shown.observed), ("predicted", shown.predicted)):
        out.write(f"example/{name}", rates[:EXAMPLE_BINS].T / session.bin_width_s)
    out.write("fold", layers[0].fold)
    out.write("trial_id", session.trial_id[np.unique(of.bins.trial)])
    for name in ("electrode", "unit_number"):
        out.write(name, getattr(session, name))
    where = {"session": session.name, "area": session.area, "monkey": session.monkey, "movement": of.movement}
    out.set(bin_width_s=session.bin_width_s)
    out.set(layers=list(found), undefined=dict(undefined), **where, **about)
