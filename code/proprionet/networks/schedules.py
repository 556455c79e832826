"""Learning rates that follow a course through a whole training."""

import numpy as np

WARM_UP, FIRST, LAST = 0.3, 1 / 25, 1e-4  # share of steps that rise; first rate over the highest, last over the first


def one_cycle(highest: float, step: int, n_steps: int) -> float:
    """Learning rate of a training step, counted from 0.

    It rises along a cosine to the highest rate in 30 % of the steps and falls along another; steps beyond the last have
    the rate of the last.

    Source: Smith & Topin 2018, in the form that PyTorch made common.
    """
    step = min(step, n_steps - 1)
    top = max(WARM_UP * n_steps - 1, 1e-9)
    rising = step < top
    share = step / top if rising else (step - top) / max(n_steps - 1 - top, 1e-9)
    start, end = (FIRST, 1.0) if rising else (1.0, FIRST * LAST)
    return highest * (end + (start - end) * (1 + np.cos(np.pi * share)) / 2)
