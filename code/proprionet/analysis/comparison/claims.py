"""The seven qualitative claims of Sandbrink et al. 2023, each as contrasts whose sign says whether it holds.

A contrast is one number for each instance (seed) of a network, built so that it is positive where the claim is true.
Its mean over instances has a confidence interval (Student's t). The contrast

* holds where the whole interval lies above 0,
* does not hold where the whole interval lies below the smallest difference that would be worth a claim,
* is undecided, with the reason, where the interval holds 0 as well as such differences, where fewer than two instances
  have all that it needs, or where that is undefined.

A claim holds where all its contrasts do, does not hold where one does not, and is undecided otherwise. Controls are
contrasts that the paper does not make; they are shown beside a claim and do not count.

Layers: *hidden* ones are all but the input; *middle* ones are the hidden layers in the second and third quarter of the
depth (layers 3 to 6 of 8, 2 and 3 of 4). Means over layers take in those at which both sides are defined. ART is the
network trained on action recognition, TDT on trajectory decoding, TDT-PV on position and velocity.

(i) Direction tuning is kept through the middle layers by ART, and unlearnt by TDT. 90 % quantile over units of the
    variance explained by direction, mean of the middle layers: ART - TDT, ART - untrained, untrained - TDT.
(ii) Position tuning is gained by TDT and lost by ART. The same quantile for position, mean of the hidden layers:
    TDT - ART, TDT - untrained, untrained - ART.
(iii) Preferred directions of ART are more uniform than those of the untrained network, and those of the spindles lie
    along one axis. Total absolute deviation from uniformity in horizontal planes, mean of the middle layers:
    untrained - ART; control: the same less what as many uniform directions would have, as few look less uniform.
    Input: resultant length of the doubled directions, less the length that chance exceeds once in 20 times.
(iv) Preferred directions of ART are more alike in all planes. Mean absolute deviation from the central plane, mean of
    the middle layers: untrained - ART, in vertical and in horizontal planes.
(v) Direction and speed are decoded better from ART, position from TDT. Explained variance on held-out movements, mean
    of the hidden layers: ART - TDT for direction (mean of cosine and sine, or the angle) and for speed, TDT - ART for
    position (mean of x and y).
(vi) TDT-PV behaves like TDT. Distance from ART less distance from TDT, where a distance is the mean of the absolute
    difference over hidden layers, of the 90 % quantiles for direction and for position.
(vii) Classes appear in the last layers of ART only. Correlation of RDM and ideal observer: rise of ART from the first
    to the last hidden layer; that rise less the rise of TDT, and of the untrained network; rise of ART from the middle
    layers (mean) to the last, less its rise from the first to the middle layers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from proprionet.analysis.comparison.evidence import (
    SHORT,
    Evidence,
    Measure,
    UndecidedError,
    difference,
    late_rise,
    likeness,
    one_axis,
    rise,
)
from proprionet.analysis.comparison.instances import DECODING, RECOGNITION, UNTRAINED
from proprionet.analysis.statistics import MeanInterval, instance_interval

HOLDS, FAILS, UNDECIDED = 1, 0, -1
VERDICTS = {HOLDS: "holds", FAILS: "does not hold", UNDECIDED: "cannot be said"}

CLAIMS = {
    1: "ART keeps direction tuning through the middle layers, TDT unlearns it",
    2: "TDT gains position tuning, ART loses it",
    3: "preferred directions of ART are more uniform than untrained ones, those of spindles lie along one axis",
    4: "preferred directions of ART are more invariant across planes in the middle layers",
    5: "direction and speed are decoded better from ART, position from TDT",
    6: "TDT-PV behaves like TDT",
    7: "class structure appears in the last layers of ART only",
}
"""By number, (i) to (vii), in the paper's words for the networks."""

_ROMAN = ("", "i", "ii", "iii", "iv", "v", "vi", "vii")


@dataclass(frozen=True)
class Contrast:
    """One comparison that a claim stands on: positive where the claim is true."""

    claim: int
    about: str
    measure: Measure
    worth: float
    """Smallest difference worth a claim: about half of the paper's, where it gives a number."""
    unit: str = "1"
    paper: dict[str, float] = field(default_factory=dict)
    """The paper's value by family of networks; some are read off its figures."""
    note: str = ""
    """What else the paper says."""
    control: bool = False
    of_input: bool = False
    """The input of all instances is the same: no sample of them, and held against chance within the measure instead."""


@dataclass(frozen=True)
class Finding:
    """What came of a contrast."""

    contrast: Contrast
    interval: MeanInterval
    verdict: int
    reason: str


def evaluate(table: pd.DataFrame, confidence: float = 0.95) -> list[Finding]:
    """Evaluate every contrast on one network.

    Parameters
    ----------
    table : DataFrame
        Of :func:`proprionet.analysis.comparison.instances.gather`, with rows of one ``network`` only.
    confidence : float
        Of the intervals over instances.
    """
    evidence = Evidence(table)
    return [_find(contrast, evidence, confidence) for contrast in CONTRASTS]


def _find(contrast: Contrast, evidence: Evidence, confidence: float) -> Finding:
    try:
        found = instance_interval(contrast.measure(evidence), confidence)
    except UndecidedError as error:
        return Finding(contrast, MeanInterval(np.nan, np.nan, np.nan, 0), UNDECIDED, str(error))
    if contrast.of_input and found.n:
        outcome = HOLDS if found.mean > 0 else FAILS
        return Finding(contrast, MeanInterval(found.mean, np.nan, np.nan, 1), outcome, "one input, held against chance")
    return Finding(contrast, found, *_judge(found, contrast.worth))


def _judge(found: MeanInterval, worth: float) -> tuple[int, str]:
    if found.n < 2:
        how_many = "one instance" if found.n else "no instance"
        return UNDECIDED, f"defined in {how_many}, an interval needs two"
    if found.low > 0:
        return HOLDS, ""
    if found.high < 0:
        return FAILS, "the difference is the other way"
    if found.high < worth:
        return FAILS, f"no difference of {worth:g} or more"
    return UNDECIDED, f"the interval holds 0 as well as differences of {worth:g} and more"


def verdicts(findings: list[Finding]) -> dict[int, int]:
    """Verdict on each claim as a whole, by its number."""
    made: dict[int, set[int]] = {claim: set() for claim in CLAIMS}
    for finding in findings:
        if not finding.contrast.control:
            made[finding.contrast.claim].add(finding.verdict)
    worst_first = (FAILS, UNDECIDED, HOLDS)
    return {claim: next(outcome for outcome in worst_first if outcome in found) for claim, found in made.items()}


def as_table(found: Mapping[str, list[Finding]], families: Mapping[str, str]) -> pd.DataFrame:
    """Findings of several networks, one a row, in words.

    Returns
    -------
    DataFrame
        ``network``, ``family``, ``claim`` (1 to 7), ``contrast``, ``value`` (mean over instances), ``low``, ``high``,
        ``n``, ``unit``, ``paper`` (NaN where it gives no number for this family), ``note``, ``counts`` (false for a
        control), ``verdict`` and ``reason``.
    """
    rows = [
        {
            "network": network,
            "family": families[network],
            "claim": contrast.claim,
            "contrast": contrast.about,
            **{"value": interval.mean, "low": interval.low, "high": interval.high, "n": interval.n},
            "unit": contrast.unit,
            "paper": contrast.paper.get(families[network], np.nan),
            "note": contrast.note,
            "counts": not contrast.control,
            "verdict": VERDICTS[finding.verdict],
            "reason": finding.reason,
        }
        for network, findings in found.items()
        for finding in findings
        for contrast, interval in [(finding.contrast, finding.interval)]
    ]
    return pd.DataFrame(rows)


def page(title: str, family: str, findings: list[Finding]) -> str:
    """What came of every claim, for the eye: the verdict, and a line for each contrast."""
    lines = [title]
    for claim, outcome in verdicts(findings).items():
        lines += ["", f"({_ROMAN[claim]}) {CLAIMS[claim]}: {VERDICTS[outcome].upper()}"]
        lines += [_line(found, family) for found in findings if found.contrast.claim == claim]
    return "\n".join(lines) + "\n"


def _line(found: Finding, family: str) -> str:
    contrast, interval = found.contrast, found.interval
    unit = "" if contrast.unit == "1" else f" {contrast.unit}"
    bounds = f" [{interval.low:+.3f}, {interval.high:+.3f}]" if interval.n > 1 else ""
    value = f"{interval.mean:+.3f}{bounds}{unit}" if interval.n else "no value"
    known = [f"{contrast.paper[family]:+.3f}"] if family in contrast.paper else []
    paper = "; ".join([*known, *filter(None, [contrast.note])])
    said = "control" if contrast.control else VERDICTS[found.verdict]
    reason = f": {found.reason}" if found.reason and not contrast.control else ""
    return f"    {contrast.about}\n        {value}, n = {interval.n} | paper: {paper} | {said}{reason}"


_QUANTILE = "90 % quantile for"
_NO_NUMBER = "no number"
_READ_OFF = "read off"
_PREPRINT = "networks of the preprint"
_S, _ST = "spatial_temporal", "spatiotemporal"


def _scores(claim: int, feature: str, first: str, second: str, where: str, note: str, **paper: float) -> Contrast:
    about = f"{_QUANTILE} {feature}, {where} layers, {SHORT[first]} - {SHORT[second]}"
    return Contrast(claim, about, difference(f"q90_{feature}", first, second, where), 0.05, paper=paper, note=note)


def _decoded(what: str, targets: str, first: str, second: str) -> Contrast:
    about = f"{what} decoded, hidden layers, {SHORT[first]} - {SHORT[second]}"
    statistics = " ".join(f"decoding_r2_{target}" for target in targets.split())
    return Contrast(5, about, difference(statistics, first, second, "hidden"), 0.05, note=_NO_NUMBER)


CONTRASTS = (
    _scores(1, "direction", RECOGNITION, DECODING, "middle", "S, L3-L6: t = 41.5 37.6 25.1 14.3"),
    _scores(1, "direction", RECOGNITION, UNTRAINED, "middle", _READ_OFF, spatial_temporal=0.0975),
    _scores(1, "direction", UNTRAINED, DECODING, "middle", _NO_NUMBER),
    _scores(2, "position", DECODING, RECOGNITION, "hidden", "S, L1-L8: t = 10.0 24.6 19.2 13.1 21.6 57.6 20.8 16.1"),
    _scores(2, "position", DECODING, UNTRAINED, "hidden", _NO_NUMBER),
    _scores(2, "position", UNTRAINED, RECOGNITION, "hidden", _NO_NUMBER),
    Contrast(
        3,
        "deviation from uniformity, middle layers, untrained - ART",
        difference("uniformity_tad_horizontal", UNTRAINED, RECOGNITION),
        0.25,
        paper={_S: 0.495},
        note="S read off; t: S, L3-L6 3.55 5.50 4.60 6.12, ST, L1-L2 4.25 2.46, LSTM, L2-L3 2.88 3.25",
    ),
    Contrast(
        3,
        "the same beyond that of as many uniform directions",
        difference("uniformity_tad_horizontal", UNTRAINED, RECOGNITION, less="uniformity_expected_horizontal"),
        0.25,
        note="not made",
        control=True,
    ),
    Contrast(
        3,
        "resultant length of doubled directions, input, beyond chance",
        one_axis,
        0.1,
        note="deviation from uniformity 1.12 (read off)",
        of_input=True,
    ),
    Contrast(
        4,
        "deviation across vertical planes, middle layers, untrained - ART",
        difference("invariance_mad_vertical", UNTRAINED, RECOGNITION),
        0.04,
        "rad",
        note="t: S, L3-L6 10.3 10.4 10.2 7.4, ST, L2-L3 4.1 8.9, LSTM, L3-L4 5.7 13.2",
    ),
    Contrast(
        4,
        "deviation across horizontal planes, middle layers, untrained - ART",
        difference("invariance_mad_horizontal", UNTRAINED, RECOGNITION),
        0.04,
        "rad",
        paper={_S: 0.07375},
        note=_READ_OFF,
    ),
    _decoded("direction", "direction_cos direction_sin direction_angle", RECOGNITION, DECODING),
    _decoded("speed", "speed", RECOGNITION, DECODING),
    _decoded("position", "x y z", DECODING, RECOGNITION),
    *(
        Contrast(
            6,
            f"{_QUANTILE} {feature}, hidden layers, TDT-PV nearer to TDT than to ART by",
            likeness(f"q90_{feature}"),
            0.05,
            note=_NO_NUMBER,
        )
        for feature in ("direction", "position")
    ),
    Contrast(
        7,
        "agreement with the ideal observer, last - first hidden layer, ART",
        rise(),
        0.05,
        paper={_S: 0.201, _ST: 0.168},
        note=_PREPRINT,
    ),
    Contrast(7, "that rise, ART - TDT", rise(DECODING), 0.05, note=_NO_NUMBER),
    Contrast(7, "that rise, ART - untrained", rise(UNTRAINED), 0.05, paper={_S: 0.2085, _ST: 0.1742}, note=_PREPRINT),
    Contrast(
        7,
        "rise from the middle layers to the last, less that from the first to the middle, ART",
        late_rise,
        0.05,
        paper={_S: 0.195, _ST: 0.142},
        note=_PREPRINT,
    ),
)
"""All contrasts, in the order of the claims."""
