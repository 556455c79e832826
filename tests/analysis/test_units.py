import numpy as np

from proprionet.analysis.units import living_units


def test_rounding_is_no_life():
    responses = np.random.default_rng(0).normal(size=(1000, 5)).astype(np.float32)
    responses[:, 1] = 0
    responses[:, 2] = 0.3
    responses[::2, 2] = np.nextafter(np.float32(0.3), np.float32(1))
    np.testing.assert_array_equal(living_units(responses), [True, False, False, True, True])


def test_one_response_among_many_is_life():
    responses = np.zeros((100_000, 1))
    responses[77] = 1e-3
    assert living_units(responses).all()
