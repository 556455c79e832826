"""Networks trained on neurons: a planted drive is found, and trials held out stay unseen."""

import numpy as np
from scipy.ndimage import gaussian_filter1d

from proprionet.networks.families import TemporalSpatial
from proprionet.networks.settings import Recipe
from proprionet.neural import data_driven
from proprionet.neural.regression import trial_folds
from proprionet.neural.responses import responses
from proprionet.neural.session import Session
from proprionet.neural.windows import windows

SETTINGS = TemporalSpatial(
    temporal_filters=(8,),
    spatial_filters=(8,),
    temporal_kernel=5,
    spatial_kernel=3,
    temporal_stride=2,
    spatial_stride=1,
)
RECIPE = Recipe(learning_rate=5e-3, batch_size=8, epochs=25)
N_FOLDS = 3


def recording(changed=None):
    """60 trials of 12 to 20 bins, a bin every two steps from step 8 on; the first neuron is driven by the first muscle,
    the second by nothing. The spikes of trials in ``changed`` are others."""
    random = np.random.default_rng(0)
    n_bins = random.integers(12, 21, 60)
    steps = 8 + 2.0 * np.arange(20)
    inputs = 4 * gaussian_filter1d(random.normal(size=(60, 3, 48, 1)).astype(np.float32), 4, axis=2)
    drive = inputs[:, 0, steps.astype(int), 0]
    rate = np.stack([np.exp(1 + 0.6 * drive), np.full(drive.shape, 3.0)], axis=-1)
    counts = random.poisson(rate)
    if changed is not None:
        counts[changed] = random.poisson(9, counts[changed].shape)
    inside = np.arange(20) < n_bins[:, None]
    events = {"movement_onset": np.zeros(60, int), "end": n_bins - 1}
    offsets = np.concatenate([[0], np.cumsum(n_bins)])
    session = Session("made", 0.02, offsets, counts[inside], events=events, target_direction=np.zeros(60))
    seen = windows(session)
    assert seen.n_bins.tolist() == n_bins.tolist()
    return data_driven.Recording(inputs, seen, steps, responses(session, seen, smoothing_s=0))


def fit(of, number=0):
    return data_driven.fit_fold(of, SETTINGS, RECIPE, number, n_folds=N_FOLDS, seed=1, weights_seed=1)


def test_a_planted_drive_is_found_on_trials_that_are_held_out():
    of = recording()
    found = data_driven.assemble(of, {number: fit(of, number) for number in range(N_FOLDS)}, seed=1)
    driven, noise = found.scores.explained_variance
    ceiling = of.wanted.ceilings["poisson"].explained_variance[0]
    assert 0.7 * ceiling < driven < 1.05 * ceiling
    assert noise < 0.05
    low, high = found.interval[:, 0]
    assert low < driven < high
    np.testing.assert_array_equal(found.fold, trial_folds(60, N_FOLDS, 1))
    assert abs(found.validation[0] - driven) < 0.15
    assert found.training[0] > 0.7 * ceiling


def test_what_is_held_out_is_never_seen():
    of = recording()
    held_out = np.flatnonzero(of.folds(N_FOLDS, 1) == 0)
    np.testing.assert_array_equal(fit(of).predicted, fit(recording(changed=held_out)).predicted)
