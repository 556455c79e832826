"""What a recording holds: spikes of every neuron in one trial, and how much the neurons fire."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from proprionet.plotting import style


@style.styled
def recording(example: np.ndarray, mean_count: np.ndarray, bin_width_s: float) -> Figure:
    """Spike counts of all neurons in one trial, and the mean rate of every neuron.

    Parameters
    ----------
    example : array, shape (bin, neuron)
        Spikes in each bin of one trial.
    mean_count : array, shape (neuron,)
        Mean number of spikes in a bin over all trials.
    bin_width_s : float
        Width of a bin in s.
    """
    figure = style.new_figure(style.WIDE_CM, 6.5)
    left, right = figure.subplots(1, 2, width_ratios=(2, 1))
    n_bins, n_neurons = example.shape
    image = left.imshow(
        example.T,
        aspect="auto",
        interpolation="none",
        cmap="Greys",
        extent=(0, n_bins * bin_width_s, n_neurons, 0),
    )
    ticks = MaxNLocator(integer=True)
    figure.colorbar(image, ax=left, label=f"spikes in {1000 * bin_width_s:g} ms (count)", ticks=ticks)
    left.set_xlabel("time (s)")
    left.set_ylabel("neuron")
    left.set_title("one trial")
    right.hist(mean_count / bin_width_s, bins=20, color=style.COLOURS[0])
    right.set_xlabel("mean rate (Hz)")
    right.set_ylabel("neurons (count)")
    right.set_title("all trials")
    return figure
