"""When a reach starts, and when the hand is fastest."""

import numpy as np

LEAST_ACCELERATION = 30.0  # cm/s^2: 0.3 cm/s between bins of 10 ms, TrialData's default
PEAK_DIVISOR = 2.0
SPEED_THRESHOLD = 10.0  # cm/s


def movement_onset(speed: np.ndarray, bin_width_s: float, first: int, last: int) -> tuple[int, int]:
    """Bins of movement onset and of peak speed between two bins, -1 where there is no movement.

    Onset is the last bin before the first peak of the hand's acceleration in which that is below half of the peak;
    where there is no such bin, the first in which the hand is faster than 10 cm/s.

    Parameters
    ----------
    speed : array, shape (bin,)
        Speed of the hand in a trial, cm/s.
    bin_width_s : float
    first, last : int
        Bins that the movement is looked for in, e.g. the go cue and the end.

    Source: Chowdhury, Glaser & Miller 2020 (getMoveOnsetAndPeak of the lab's TrialData, method "peak").
    """
    gain = np.diff(speed, prepend=speed[:1])
    change = np.diff(gain, prepend=gain[:1])
    inside = np.zeros(len(speed), bool)
    inside[first : last + 1] = True
    rises_then_falls = np.append((change[:-1] > 0) & (change[1:] < 0), False)
    bins = np.arange(len(speed))
    peaks = bins[rises_then_falls & inside & (bins > first) & (gain > LEAST_ACCELERATION * bin_width_s)]
    onset = -1
    if peaks.size:
        below = bins[inside & (bins < peaks[0]) & (gain < gain[peaks[0]] / PEAK_DIVISOR)]
        onset = int(below[-1]) if below.size else -1
    if onset < 0:
        fast = bins[inside & (speed > SPEED_THRESHOLD)]
        onset = int(fast[0]) if fast.size else -1
    if onset < 0:
        return -1, -1
    return onset, int(onset + np.argmax(speed[onset : last + 1]))
