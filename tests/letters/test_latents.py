import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proprionet.errors import InputError
from proprionet.letters.latents import ANGLES, SIZES, SPEEDS, Latents, apply, draw, to_world

SEGMENT = np.column_stack([np.linspace(0, 4, 41), np.zeros(41)])
letter_paths = st.integers(60, 182).map(lambda n: np.random.default_rng(n).normal(size=(n, 2)).cumsum(axis=0))
angles = st.sampled_from(ANGLES)


@given(path=letter_paths)
def test_identity_returns_the_path(path):
    np.testing.assert_allclose(apply(path, Latents()), path, atol=1e-10)


def test_rotation_of_a_segment():
    turned = apply(SEGMENT, Latents(rotation=np.pi / 6))
    np.testing.assert_allclose(turned, np.outer(np.linspace(0, 4, 41), [np.sqrt(3) / 2, 1 / 2]), atol=1e-12)


def test_shear_of_the_axes():
    upright = SEGMENT[:, ::-1]
    np.testing.assert_allclose(apply(upright, Latents(shear_x=np.pi / 6))[-1], [4 / np.sqrt(3), 4])
    np.testing.assert_allclose(apply(SEGMENT, Latents(shear_y=np.pi / 6))[-1], [4, 4 / np.sqrt(3)])


def test_rotation_comes_before_shear():
    end = apply(SEGMENT, Latents(rotation=np.pi / 6, shear_x=np.pi / 12))[-1]
    np.testing.assert_allclose(end, [4 * np.cos(np.pi / 6) + 4 * np.sin(np.pi / 6) * np.tan(np.pi / 12), 2])


@pytest.mark.parametrize("size", SIZES)
def test_size_changes_amplitude_and_duration_and_keeps_the_start(size):
    path = np.column_stack([3 + np.linspace(0, 4, 1001), np.full(1001, -1.0)])
    resized = apply(path, Latents(size=size))
    assert len(resized) == int(1001 * size)
    np.testing.assert_allclose(resized[0], [3, -1])
    np.testing.assert_allclose(np.ptp(resized[:, 0]), 4 * size, rtol=2e-3)


@given(path=letter_paths, speed=st.sampled_from(SPEEDS), rotation=angles)
def test_speed_keeps_the_ends_of_the_path(path, speed, rotation):
    written = apply(path, Latents(rotation=rotation))
    hurried = apply(path, Latents(rotation=rotation, speed=speed))
    assert len(hurried) == int(len(path) / speed)
    np.testing.assert_allclose(hurried[[0, -1]], written[[0, -1]], atol=1e-9)


def test_lengths_span_the_published_range():
    lengths = [
        len(apply(np.ones((samples, 2)), Latents(size=size, speed=speed)))
        for samples in (60, 182)
        for size in SIZES
        for speed in SPEEDS
    ]
    assert (min(lengths), max(lengths)) == (30, 295)


def test_draw_is_uniform_over_the_published_values():
    drawn = [draw(np.random.default_rng(i)) for i in range(3000)]
    for name, values in [
        ("size", SIZES),
        ("rotation", ANGLES),
        ("shear_x", ANGLES),
        ("shear_y", ANGLES),
        ("speed", SPEEDS),
    ]:
        found, counts = np.unique([getattr(latents, name) for latents in drawn], return_counts=True)
        np.testing.assert_array_equal(found, values)
        np.testing.assert_allclose(counts / 3000, 1 / len(values), atol=0.04)


def test_planes_of_the_world():
    pen = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    centre = np.array([30.0, -20.0, -5.0])
    # Pen right is the world's right (-y); pen up is forward (x) on the table and up (z) on the wall.
    np.testing.assert_array_equal(to_world(pen, "horizontal", centre) - centre, [[0, 0, 0], [0, -1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(to_world(pen, "vertical", centre) - centre, [[0, 0, 0], [0, -1, 0], [0, 0, 1]])


def test_unknown_plane_is_named():
    with pytest.raises(InputError, match="plane 'oblique' is not known; choose one of horizontal, vertical"):
        to_world(SEGMENT, "oblique", np.zeros(3))  # pyright: ignore[reportArgumentType]
