"""Tuning of every unit to every feature in every plane: one pass over a layer, or scikit-learn unit by unit."""

import time

import click
import numpy as np
from common import measure, report
from sklearn.linear_model import LinearRegression

from proprionet.analysis.single_units import features, sampling, tuning

LAYERS = [(320, 50), (320, 104), (320, 112), (320, 64), (320, 64), (107, 64), (36, 64), (12, 128), (4, 128)]
"""Steps and units of the layers of the best spatial-temporal network, the input first."""
N_STEPS, N_LETTERS, BLOCK = 320, 20, 512
LEVELS = (np.arange(-45, 31, 3), np.arange(0, 55, 3))
COMPARED = ("direction", "speed", "velocity", "acceleration", "position")


def some_movements(count: int) -> features.Movements:
    """Curves in 45 planes that begin and end anywhere in the record; joints and muscles follow smoothly."""
    random = np.random.default_rng(0)
    first, length = random.integers(0, 150, (count, 1)), random.integers(80, 170, (count, 1))
    moment = 0.015 * np.clip(np.arange(N_STEPS) - first, 0, length)[..., None]
    rate, phase = random.uniform(2, 6, (count, 1, 2)), random.uniform(0, 2 * np.pi, (count, 1, 2))
    curve = random.uniform(2, 6, (count, 1, 2)) * np.sin(rate * moment + phase)
    hand = np.empty((count, N_STEPS, 3))
    for index, (levels, axes, still) in enumerate(zip(LEVELS, ([0, 1], [1, 2]), (2, 0), strict=True)):
        rows = np.flatnonzero(np.arange(count) % 2 == index)
        hand[rows[:, None], :, axes] = 20 + curve[rows].swapaxes(1, 2)
        hand[rows, :, still] = random.choice(levels, (len(rows), 1))
    joints = 40 + 20 * np.sin(hand @ random.normal(size=(3, 4)) / 20)
    muscles = 200 + 20 * np.sin(joints @ random.normal(size=(4, 25)) / 30)
    kept = (values.astype(np.float32) for values in (hand, joints, muscles))
    label = random.integers(0, N_LETTERS, count)
    return features.Movements(*kept, label, N_LETTERS, np.arange(count), 0.015)


def some_responses(shown: features.Movements, n_steps: int, n_units: int) -> tuple[np.ndarray, np.ndarray]:
    """Mixtures of the hand's position and rectified noise, (movement, layer_time, unit), and the times of the steps."""
    stride = round(N_STEPS / n_steps)
    times = (stride - 1) / 2 + stride * np.arange(n_steps)
    random = np.random.default_rng(n_units)
    responses = random.standard_normal((len(shown.hand), n_steps, n_units), dtype=np.float32)
    np.maximum(responses, -0.5, out=responses)
    responses += shown.hand[:, times.astype(int)] @ random.normal(size=(3, n_units)).astype(np.float32) / 10
    return responses, times


def one_pass(shown, protocol, responses, times) -> tuning.Tuning:
    blocks = (responses[at : at + BLOCK] for at in range(0, len(responses), BLOCK))
    return tuning.fit_layer(blocks, shown, protocol, times)


def unit_by_unit(shown, protocol, responses, times) -> list[tuple[int, str, int, np.ndarray, float, float]]:
    """Plane, feature, unit, slopes, intercept and held-out R2 of one LinearRegression each."""
    times, fitted = sampling.steps(times, N_STEPS, protocol.rules)
    fits = []
    for plane in np.flatnonzero(protocol.n_movements >= protocol.min_movements):
        rows = np.flatnonzero(protocol.planes.members(plane))
        orientation = np.full(len(rows), protocol.planes.orientation[plane])
        design, samples = features.features_at(shown, rows, orientation, times[fitted])
        held_out = protocol.held_out[int(plane < 2), rows][:, None]
        of_plane = responses[rows, fitted].astype(float)
        for feature in COMPARED:
            chosen = samples[features.FEATURES[feature]]
            train, test = chosen & ~held_out, chosen & held_out
            x_train, x_test, y_train, y_test = (a[side] for a in (design[feature], of_plane) for side in (train, test))
            for unit in range(responses.shape[2]):
                line = LinearRegression().fit(x_train, y_train[:, unit])
                score = float(line.score(x_test, y_test[:, unit]))
                fits.append((int(plane), feature, unit, line.coef_, float(line.intercept_), score))
    return fits


def largest_difference(found: tuning.Tuning, expected: list) -> float:
    names = list(features.FEATURES)
    return max(
        max(
            np.abs(found.coefficients[plane, found.columns[feature], unit] - slopes).max(),
            abs(found.intercept[plane, names.index(feature), unit] - intercept),
            abs(found.r2[plane, names.index(feature), unit] - score),
        )
        for plane, feature, unit, slopes, intercept, score in expected
    )


@click.command()
@click.option("--quick", is_flag=True, help="A tenth of the movements.")
def main(quick: bool) -> None:
    """Time both on one layer, then ours on a whole network.

    Ours does more than what it is compared with: nine features, and selectivity for letters.
    """
    count = 400 if quick else 4000
    shown = some_movements(count)
    protocol = sampling.protocol(shown)
    n_planes, n_subset = len(protocol.planes.level) - 2, 4
    about = f"{n_planes} planes and all, {count} movements"
    subset = (shown, protocol, *some_responses(shown, N_STEPS, n_subset))
    found, expected = [], []
    ours = measure(lambda: found.append(one_pass(*subset)), repeats=1)
    reference = measure(lambda: expected.append(unit_by_unit(*subset)), repeats=1)
    difference = float(largest_difference(found[0], expected[0]))
    report(
        f"tuning of {n_subset} units of {N_STEPS} steps to {len(COMPARED)} features in {about}, vs LinearRegression",
        unit="s",
        ours=ours,
        reference=reference,
        max_difference=difference,
        n=n_subset,
        packages=["scikit-learn"],
    )
    wall = cpu = scaled = 0.0
    for n_steps, n_units in LAYERS:
        layer = (shown, protocol, *some_responses(shown, n_steps, n_units))
        started, cpu_started = time.perf_counter(), time.process_time()
        one_pass(*layer)
        wall += time.perf_counter() - started
        cpu += time.process_time() - cpu_started
        scaled += reference * n_units / n_subset * n_steps / N_STEPS
    n_units = sum(n for _, n in LAYERS)
    report(
        f"tuning of all {n_units} units of a spatial-temporal network in {about}, vs the above scaled by samples",
        unit="s",
        ours=wall,
        reference=scaled,
        max_difference=difference,
        n=n_units,
        packages=["scikit-learn"],
        cpu_s=cpu,
    )


if __name__ == "__main__":
    main()
