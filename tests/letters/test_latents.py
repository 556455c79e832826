import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proprionet.errors import InputError
from proprionet.letters.latents import VALUES, Latents, draw, to_world, vary

SEGMENT = np.column_stack([np.linspace(0, 4, 41), np.zeros(41)])
letter_paths = st.integers(60, 182).map(lambda n: np.random.default_rng(n).normal(size=(n, 2)).cumsum(axis=0))
angles = st.sampled_from(VALUES["rotation"])


def one(path, **values):
    """One letter, varied once."""
    varied, offsets = vary(path, np.array([0, len(path)]), np.zeros(1, int), Latents.of(1, **values))
    np.testing.assert_array_equal(offsets, [0, len(varied)])
    return varied


def resample(series, length):
    index = np.linspace(0, len(series) - 1, length)
    return np.column_stack([np.interp(index, np.arange(len(series)), column) for column in series.T])


def reference(path, size, rotation, shear_x, shear_y, speed, noise):
    """The same in NumPy, one letter at a time: resample the velocity, sum it, turn and shear, resample the path."""
    velocity = np.diff(path, axis=0, prepend=path[:1])
    resized = path[0] + np.cumsum(resample(velocity, int(len(path) * size)), axis=0)
    turn = np.array([[np.cos(rotation), -np.sin(rotation)], [np.sin(rotation), np.cos(rotation)]])
    shear = np.array([[1, np.tan(shear_x)], [np.tan(shear_y), 1]])
    return resample(resized @ (shear @ turn).T, int(len(resized) / speed))


@given(
    lengths=st.lists(st.integers(8, 182), min_size=1, max_size=5),
    count=st.integers(0, 12),
    seed=st.integers(0, 1000),
)
def test_many_letters_are_varied_as_each_would_be_alone(lengths, count, seed):
    random = np.random.default_rng(seed)
    letters = [random.normal(size=(n, 2)).cumsum(axis=0) for n in lengths]
    chosen = random.integers(len(letters), size=count)
    varied = draw(random.random((count, 6)))
    offsets = np.cumsum([0, *lengths])
    paths, ends = vary(np.concatenate(letters), offsets, chosen, varied)
    assert len(ends) == count + 1
    for i, letter in enumerate(chosen):
        latents = {name: getattr(varied, name)[i] for name in VALUES}
        np.testing.assert_allclose(paths[ends[i] : ends[i + 1]], reference(letters[letter], **latents), atol=1e-10)


@given(path=letter_paths)
def test_neutral_latents_return_the_path(path):
    np.testing.assert_allclose(one(path), path, atol=1e-10)


def test_rotation_of_a_segment():
    turned = one(SEGMENT, rotation=np.pi / 6)
    np.testing.assert_allclose(turned, np.outer(np.linspace(0, 4, 41), [np.sqrt(3) / 2, 1 / 2]), atol=1e-12)


def test_shear_of_the_axes():
    upright = SEGMENT[:, ::-1]
    np.testing.assert_allclose(one(upright, shear_x=np.pi / 6)[-1], [4 / np.sqrt(3), 4])
    np.testing.assert_allclose(one(SEGMENT, shear_y=np.pi / 6)[-1], [4, 4 / np.sqrt(3)])


def test_rotation_comes_before_shear():
    end = one(SEGMENT, rotation=np.pi / 6, shear_x=np.pi / 12)[-1]
    np.testing.assert_allclose(end, [4 * np.cos(np.pi / 6) + 4 * np.sin(np.pi / 6) * np.tan(np.pi / 12), 2])


@pytest.mark.parametrize("size", VALUES["size"])
def test_size_changes_amplitude_and_duration_and_keeps_the_start(size):
    path = np.column_stack([3 + np.linspace(0, 4, 1001), np.full(1001, -1.0)])
    resized = one(path, size=size)
    assert len(resized) == int(1001 * size)
    np.testing.assert_allclose(resized[0], [3, -1])
    np.testing.assert_allclose(np.ptp(resized[:, 0]), 4 * size, rtol=2e-3)


@given(path=letter_paths, speed=st.sampled_from(VALUES["speed"]), rotation=angles)
def test_speed_keeps_the_ends_of_the_path(path, speed, rotation):
    written = one(path, rotation=rotation)
    hurried = one(path, rotation=rotation, speed=speed)
    assert len(hurried) == int(len(path) / speed)
    np.testing.assert_allclose(hurried[[0, -1]], written[[0, -1]], atol=1e-9)


@given(path=letter_paths, noise=st.sampled_from(VALUES["noise"]))
def test_noise_leaves_the_path_alone(path, noise):
    np.testing.assert_array_equal(one(path, noise=noise), one(path))


def test_lengths_span_the_published_range():
    lengths = [
        len(one(np.ones((samples, 2)), size=size, speed=speed))
        for samples in (60, 182)
        for size in VALUES["size"]
        for speed in VALUES["speed"]
    ]
    assert (min(lengths), max(lengths)) == (30, 295)


def test_draw_is_uniform_over_the_published_values():
    drawn = draw(np.random.default_rng(0).random((3000, 6)))
    assert len(drawn) == 3000
    for name, values in VALUES.items():
        found, counts = np.unique(getattr(drawn, name), return_counts=True)
        np.testing.assert_array_equal(found, values)
        np.testing.assert_allclose(counts / 3000, 1 / len(values), atol=0.04)


def test_every_latent_has_a_random_number_of_its_own():
    lowest, highest = np.zeros(6), np.full(6, np.nextafter(1, 0))
    for column, (name, values) in enumerate(VALUES.items()):
        mixed = lowest.copy()
        mixed[column] = highest[column]
        drawn = draw(mixed[None])
        assert {other: getattr(drawn, other)[0] for other in VALUES} == {
            other: values[-1] if other == name else VALUES[other][0] for other in VALUES
        }


def test_the_latents_of_some_movements():
    drawn = draw(np.random.default_rng(0).random((9, 6)))
    some = drawn[np.array([4, 1])]
    assert len(some) == 2
    np.testing.assert_array_equal(some.rotation, drawn.rotation[[4, 1]])
    np.testing.assert_array_equal(some.noise, drawn.noise[[4, 1]])


def test_planes_of_the_world():
    pen = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    centres = np.array([[30.0, -20.0, -5.0], [25.0, 0.0, 8.0]])
    written = to_world(np.concatenate([pen, pen]), np.array([0, 3, 6]), np.array([0, 1]), centres)
    # Pen right is the world's right (-y); pen up is forward (x) on the table and up (z) on the wall.
    np.testing.assert_array_equal(written[:3] - centres[0], [[0, 0, 0], [0, -1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(written[3:] - centres[1], [[0, 0, 0], [0, -1, 0], [0, 0, 1]])


def test_an_unknown_plane_is_refused():
    with pytest.raises(InputError, match=r"a plane is one of 0 \(horizontal\), 1 \(vertical\)"):
        to_world(SEGMENT, np.array([0, 41]), np.array([2]), np.zeros((1, 3)))
