"""What is to be predicted of a session: smoothed responses in its windows, at several lags, and their ceilings."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from proprionet.neural import ceilings, regression
from proprionet.neural.ceilings import Ceiling
from proprionet.neural.session import Session
from proprionet.neural.windows import Bins, Movement, Windows, bins

Control = Literal["none", "shuffled_bins"]


@dataclass(frozen=True, eq=False)
class Responses:
    """Responses of a session's neurons in windows of one kind of movement."""

    session: Session
    movement: Movement
    bins: Bins
    lags: np.ndarray
    """(lag,): bins that a response comes after the bin it stands for."""
    values: np.ndarray
    """(bin, lag, neuron): spikes a bin, smoothed."""
    ceilings: dict[str, Ceiling]
    """By name: ``split_half``, ``poisson``, and ``true_rate`` of simulated neurons, all at no lag."""

    def predicted_from(
        self, features: np.ndarray, *, control: Control = "none", seed: int = 0, **how: Any
    ) -> regression.Prediction:
        """Predict the neurons from features (bin, unit) in the bins that count; see :func:`.regression.predict`."""
        if control == "shuffled_bins":
            features = regression.shuffled_in_trials(features, self.bins.trial, seed)
        return regression.predict(features, self.values, self.bins.trial, seed=seed, **how)


def responses(
    session: Session,
    of: Windows,
    *,
    movement: Movement = "active",
    smoothing_s: float,
    longest_lag_s: float = 0.0,
    seed: int = 0,
) -> Responses:
    """Responses in the bins that count, smoothed within trials before windows are cut.

    Parameters
    ----------
    of : Windows
    movement : what these are windows of; passive ones are repeated by the direction of the bump.
    smoothing_s : float
        Width of the centred boxcar, s; below three bins there is none.
    longest_lag_s : float
        Lags reach from minus to plus this, bin by bin.

    Raises
    ------
    InputError
        If no trial is recorded long enough for the lags.
    """
    longest = round(longest_lag_s / session.bin_width_s)
    lags = np.arange(-longest, longest + 1)
    counted = bins(session, of, lags)
    smoothed = session.smoothed(smoothing_s)
    values = smoothed[counted.row]
    direction = session.bump_direction if movement == "passive" else session.target_direction
    known = {
        "split_half": ceilings.split_half(values, counted.trial, counted.place, direction, seed),
        "poisson": ceilings.poisson(values, session.n_smoothed(smoothing_s)[counted.row]),
    }
    if session.true_rate is not None:
        rate = session.smoothed(smoothing_s, session.true_rate)[counted.row]
        known["true_rate"] = ceilings.true_rate(values, rate * session.bin_width_s)
    return Responses(session, movement, counted, lags, smoothed[counted.row[:, None] + lags], known)
