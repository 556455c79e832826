"""Ridge with an alpha a neuron: one decomposition for all alphas and neurons, a grid search a neuron, or himalaya."""

import time
from collections.abc import Callable
from importlib.util import find_spec

import click
import numpy as np
from common import THREADS, measure, report
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from threadpoolctl import threadpool_limits

from proprionet.neural import regression, ridge

N_FEATURES, N_FOLDS, TRIAL_BINS = 75, 5, 50
Fit = tuple[np.ndarray, np.ndarray]
"""Held-out predictions (bin, neuron) and alphas (fold, neuron)."""


def some_neurons(n_bins: int, n_neurons: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features, Poisson counts that some of them drive a little, and trials; all folds are of one size."""
    random = np.random.default_rng(0)
    features = random.normal(size=(n_bins, N_FEATURES)) @ random.normal(size=(N_FEATURES, N_FEATURES))
    slopes = random.normal(size=(N_FEATURES, n_neurons)) * random.choice([0, 0.002, 0.01], n_neurons)
    return features, random.poisson(0.5 * np.exp(features @ slopes)), np.arange(n_bins) // TRIAL_BINS


def ours(features: np.ndarray, counts: np.ndarray, trial: np.ndarray) -> Fit:
    found = regression.predict(features, counts, trial, n_components=None, n_folds=N_FOLDS)
    return found.predicted, found.alpha


def by_folds(search: Callable[..., Fit]) -> Callable[..., Fit]:
    """The same folds and z-scores for a search: ``search(train x, train y, inner fold, test x)``."""

    def fit(features: np.ndarray, counts: np.ndarray, trial: np.ndarray) -> Fit:
        n_trials, predicted, alphas = trial[-1] + 1, np.empty(counts.shape), []
        fold = regression.trial_folds(n_trials, N_FOLDS, 0)
        for number in range(N_FOLDS):
            inner = np.full(n_trials, -1)
            inner[fold != number] = regression.trial_folds(int((fold != number).sum()), N_FOLDS, 0, "inner", number)
            train = (fold != number)[trial]
            x = (features - features[train].mean(axis=0)) / features[train].std(axis=0)
            predicted[~train], alpha = search(x[train], counts[train].astype(float), inner[trial][train], x[~train])
            alphas.append(alpha)
        return predicted, np.array(alphas)

    return fit


def grid_search(x: np.ndarray, y: np.ndarray, inner: np.ndarray, test: np.ndarray) -> Fit:
    """scikit-learn, neuron by neuron, since it knows one alpha for all."""
    grid, scoring = {"alpha": ridge.ALPHAS}, "neg_mean_squared_error"
    fits = [GridSearchCV(Ridge(), grid, cv=PredefinedSplit(inner), scoring=scoring).fit(x, of) for of in y.T]
    return np.stack([fit.predict(test) for fit in fits], axis=1), np.array([fit.best_params_["alpha"] for fit in fits])


def himalaya(x: np.ndarray, y: np.ndarray, inner: np.ndarray, test: np.ndarray) -> Fit:
    from himalaya.ridge import RidgeCV
    from himalaya.scoring import l2_neg_loss

    how = {"score_func": l2_neg_loss, "warn": False}
    fit = RidgeCV(ridge.ALPHAS, fit_intercept=True, cv=PredefinedSplit(inner), solver_params=how).fit(x, y)
    return fit.predict(test), fit.best_alphas_


@click.command()
@click.option("--quick", is_flag=True, help="A fifth of the bins and neurons.")
def main(quick: bool) -> None:
    """One session and layer: 20,000 bins x 75 features -> 60 neurons x 15 alphas x 5 folds, inner folds too.

    The grid search is timed on two neurons, and its time scaled to all. Differences are of held-out predictions, in
    spikes a bin; ours also scores them, with intervals.
    """
    n_bins, n_neurons = (5_000, 12) if quick else (20_000, 60)
    work = some_neurons(n_bins, n_neurons)
    predicted, alpha = ours(*work)
    cpu = time.process_time()
    seconds = measure(lambda: ours(*work))
    cpu = (time.process_time() - cpu) / 4  # three calls that are timed, and the one before them
    few = 2
    for name, search, count in (("scikit-learn", grid_search, few), ("himalaya", himalaya, n_neurons)):
        if name == "himalaya" and not find_spec(name):
            click.echo("left out himalaya, which is not installed: pip install himalaya", err=True)
            continue
        features, counts, trial = work
        with threadpool_limits(THREADS):
            start = time.perf_counter()
            theirs, their_alpha = by_folds(search)(features, counts[:, :count], trial)
            reference = (time.perf_counter() - start) * n_neurons / count
        report(
            f"ridge of {n_neurons} neurons on {n_bins} bins x {N_FEATURES}, 15 alphas, 5 x 5 folds, vs {name}"
            + (f" (timed on {count} neurons)" if count < n_neurons else ""),
            unit="s",
            ours=seconds,
            reference=reference,
            max_difference=float(np.abs(theirs - predicted[:, :count]).max()),
            n=n_neurons,
            packages=[name],
            equal_alphas=bool(np.allclose(their_alpha, alpha[:, :count])),
            cpu_s=cpu,
        )


if __name__ == "__main__":
    main()
