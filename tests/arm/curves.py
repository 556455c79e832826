"""Smooth hand paths, as long and as fast as handwriting."""

import numpy as np


def write(seed: int, centre, time: int = 120, size: float = 4.0, plane: str = "horizontal") -> np.ndarray:
    """A random closed curve of ``size`` cm around ``centre`` that starts and ends at rest: (time, 3), world, cm."""
    random = np.random.default_rng(seed)
    phase = 2 * np.pi * (1 - np.cos(np.linspace(0, np.pi, time))) / 2
    x, y = (
        sum(random.normal() / k * np.sin(k * phase + random.uniform(0, 2 * np.pi)) for k in (1, 2)) for _ in range(2)
    )
    x, y = size * x / np.abs(x).max(), size * y / np.abs(y).max()
    zero = np.zeros(time)
    return np.asarray(centre) + np.stack([y, -x, zero] if plane == "horizontal" else [zero, -x, y], axis=1)
