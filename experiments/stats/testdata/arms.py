"""Writes arms.json beside this file: equivalence, probability of improvement and bootstrap intervals of two arms of runs.

    pip install scipy==1.17.1 statsmodels==0.15.0 numpy==2.4.6
    python3 arms.py

A bootstrap of other random numbers agrees only roughly. So scipy's intervals are those of draws that are written down here, and
the tests ask for the intervals of the same draws.
"""

import json
import pathlib

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from statsmodels.stats.weightstats import ttost_paired

A = [0.9311, 0.9287, 0.9342, 0.9298, 0.9325]
B = [0.9302, 0.9291, 0.9329, 0.9301, 0.9311]


def tost(a, b, delta):
    p, (_, below, _), (_, above, _) = ttost_paired(np.array(a), np.array(b), -delta, delta)
    interval = stats.ttest_rel(a, b).confidence_interval(0.9)
    return {"a": a, "b": b, "delta": delta, "below": float(below), "above": float(above), "p": float(p),
            "interval": [float(interval.low), float(interval.high)]}


def improvement(a, b, level=0.95):
    theta = float(stats.mannwhitneyu(a, b).statistic) / len(a) / len(b)
    m, n, z = len(a), len(b), stats.norm.isf((1 - level) / 2)
    q1, q2 = lambda p: p / (2 - p), lambda p: 2 * p * p / (1 + p)
    each = (m + n) / 2 - 1  # Hanley and McNeil's variance with both numbers replaced by their mean
    variance = lambda p: (p * (1 - p) + each * (q1(p) - p * p) + each * (q2(p) - p * p)) / (m * n)
    gap = lambda p: (theta - p) ** 2 - z * z * variance(p)
    edge = 1e-9
    low = brentq(gap, edge, theta - edge, xtol=1e-14) if theta > 0 else 0.0
    high = brentq(gap, theta + edge, 1 - edge, xtol=1e-14) if theta < 1 else 1.0
    return {"a": a, "b": b, "level": level, "probability": theta, "interval": [low, high]}


def bootstrap(name, xs, level):
    exact = {"mean": np.mean, "median": np.median, "iqm": lambda x, axis: stats.trim_mean(x, 0.25, axis=axis)}[name]
    statistic = lambda x, axis=-1: np.round(exact(x, axis=axis), 15)  # so that equal values are ties, whatever their rounding
    rng = np.random.default_rng(len(xs))
    draws = np.sort(statistic(rng.choice(xs, (199, len(xs))), axis=-1))
    given = type("Result", (), {"bootstrap_distribution": draws})()
    intervals = {}
    for method in ("percentile", "BCa"):
        ci = stats.bootstrap((xs,), statistic, n_resamples=0, bootstrap_result=given, confidence_level=level, method=method).confidence_interval
        intervals[method.lower()] = None if np.isnan(ci.low) else [float(ci.low), float(ci.high)]
    return {"statistic": name, "xs": xs, "level": level, "draws": draws.tolist(), **intervals}


SKEWED = [0.1, 0.2, 0.15, 0.12, 9.7, 0.18, 0.11, 3.2, 0.16, 0.14, 0.13]
fixtures = {
    "equivalence": [tost(A, B, 0.002), tost(A, B, 0.0005), tost(B, A, 0.002), tost([1, 2, 3.5], [5, 1, 2], 1),
                    tost([2, 3, 5, 7, 11, 13, 17, 19], [1, 1, 2, 3, 5, 8, 13, 14], 4)],
    "improvement": [improvement(A, B), improvement(B, A), improvement(A, B[:3]), improvement([1, 1], [1, 1, 1]),
                    improvement([3, 4, 5], [0, 1, 2, 2]), improvement([0], [1, 1]), improvement([1, 2, 2, 3], [2, 2, 1], 0.8)],
    "bootstrap": [bootstrap("mean", A, 0.95), bootstrap("mean", SKEWED, 0.9), bootstrap("iqm", SKEWED, 0.95),
                  bootstrap("median", [1, 2, 2, 2, 3, 7], 0.8)],
}
path = pathlib.Path(__file__).with_name("arms.json")
path.write_text(json.dumps(fixtures) + "\n")
