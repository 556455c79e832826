"""Direction tuning of all units of a layer: one solve for all of them, or scikit-learn unit by unit."""

import click
import numpy as np
from common import measure, report
from sklearn.linear_model import LinearRegression

from proprionet.analysis import tuning


def unit_by_unit(design_train, responses_train, design_test, responses_test):
    """Coefficients (feature + 1, unit) and held-out R2 (unit,) of one LinearRegression a unit."""
    coefficients, r2 = [], []
    for train, test in zip(responses_train.T, responses_test.T, strict=True):
        line = LinearRegression().fit(design_train, train)
        coefficients.append([*line.coef_, line.intercept_])
        r2.append(line.score(design_test, test))
    return np.array(coefficients).T, np.array(r2)


@click.command()
@click.option("--quick", is_flag=True, help="A tenth of the samples.")
def main(quick: bool) -> None:
    """Time both on float32 activations of one layer, as recorded from networks."""
    n_samples, n_units = (30_000, 128) if quick else (300_000, 128)
    random = np.random.default_rng(0)
    angle = random.uniform(-np.pi, np.pi, n_samples)
    design = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    responses = design @ random.normal(size=(2, n_units)) + random.normal(size=(n_samples, n_units))
    responses = responses.astype(np.float32)
    n_train = n_samples * 4 // 5
    parts = design[:n_train], responses[:n_train], design[n_train:], responses[n_train:]
    double = [part.astype(float) for part in parts]

    found, expected = tuning.fit_linear(*parts), unit_by_unit(*double)
    report(
        f"tuning of {n_units} units, {n_samples} samples, vs scikit-learn LinearRegression a unit",
        unit="s",
        ours=measure(lambda: tuning.fit_linear(*parts)),
        reference=measure(lambda: unit_by_unit(*double)),
        max_difference=max(float(np.abs(a - b).max()) for a, b in zip(found, expected, strict=True)),
        n=n_units,
        packages=["scikit-learn"],
    )


if __name__ == "__main__":
    main()
