"""Writes fixtures.json beside this file: what other people's programs say about the same numbers.

    pip install scipy==1.17.1 statsmodels==0.15.0 numpy==2.4.6 mpmath==1.4.1
    python3 fixtures.py

The tests read the JSON and need no Python. Values are those of the named functions; where no library has the quantity it is
computed here by brute force or with 50 digits, by another route than the Go code takes.
"""

import itertools
import json
import math
import pathlib

import mpmath
import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

mpmath.mp.dps = 50

SAMPLES = {
    "three accuracies": [0.9123, 0.9178, 0.9101],
    "five accuracies": [0.9311, 0.9287, 0.9342, 0.9298, 0.9325],
    "two": [1.5, -2.25],
    "large offset": [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16],
    "tiny": [1e-200, 3e-200, 2e-200, 7e-200],
    "huge": [1e300, 3e300, -2e300],
    "ten losses": [0.31, 0.29, 0.35, 0.28, 0.33, 0.30, 0.34, 0.27, 0.36, 0.32],
    "skewed": [0.1, 0.2, 0.15, 0.12, 9.7, 0.18, 0.11, 3.2, 0.16, 0.14, 0.13],
}

# Student 1908 (sleep, R's data set sleep: extra hours, drugs 1 and 2) and Darwin's maize as in Fisher 1935.
PAIRED = {
    "sleep": ([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4], [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]),
    "maize": ([188, 96, 168, 176, 153, 172, 177, 163, 146, 173, 186, 168, 177, 184, 96],
              [139, 163, 160, 160, 147, 149, 149, 122, 132, 144, 130, 144, 102, 124, 144]),
    "three seeds": ([0.9123, 0.9178, 0.9101], [0.9055, 0.9080, 0.9042]),
    "five seeds, no effect": ([0.93, 0.91, 0.92, 0.94, 0.90], [0.92, 0.93, 0.91, 0.93, 0.92]),
    "eight, all up": ([2, 3, 5, 7, 11, 13, 17, 19], [1, 1, 2, 3, 5, 8, 13, 14]),
}


def sample(xs):
    exact = [mpmath.mpf(x) for x in xs]
    mean = mpmath.fsum(exact) / len(xs)
    sd = mpmath.sqrt(mpmath.fsum((x - mean) ** 2 for x in exact) / (len(xs) - 1))
    intervals = {}
    for level in (0.9, 0.95, 0.99):
        half = mpmath.mpf(float(stats.t.ppf(0.5 + level / 2, len(xs) - 1))) * sd / mpmath.sqrt(len(xs))
        intervals[str(level)] = [float(mean - half), float(mean + half)]
    return {"values": xs, "mean": float(mean), "sd": float(sd), "intervals": intervals,
            "median": float(np.median(xs)), "iqm": float(stats.trim_mean(xs, 0.25))}


def sign_flip(differences):
    """Brute force over all sign patterns, in rational arithmetic."""
    from fractions import Fraction
    ds = [Fraction(repr(d)) for d in differences]
    observed = abs(sum(ds))
    far = sum(abs(sum(s * d for s, d in zip(signs, ds))) >= observed for signs in itertools.product((1, -1), repeat=len(ds)))
    return far / 2 ** len(ds)


def hedges(df):
    half = mpmath.mpf(df) / 2
    return float(mpmath.gamma(half) / (mpmath.sqrt(half) * mpmath.gamma(half - mpmath.mpf(1) / 2)))


def paired(a, b):
    a, b = np.array(a, float), np.array(b, float)
    # Differences as written in decimal, so that the brute force sees the ties that a reader sees.
    d = [round(x - y, 10) for x, y in zip(a.tolist(), b.tolist())]
    result = stats.ttest_rel(a, b)
    interval = result.confidence_interval(0.95)
    dz = np.mean(a - b) / np.std(a - b, ddof=1)
    nonzero = [x for x in d if x != 0]
    ranks = (stats.rankdata(np.abs(nonzero)) * np.sign(nonzero)).tolist()
    fixture = {"a": a.tolist(), "b": b.tolist(), "differences": d, "mean": float(np.mean(a - b)), "sd": float(np.std(a - b, ddof=1)),
               "t": float(result.statistic), "p": float(result.pvalue), "interval": [float(interval.low), float(interval.high)],
               "effect": float(dz * hedges(len(a) - 1)), "sign_flip": sign_flip(d), "signed_rank": sign_flip(ranks)}
    if len(nonzero) == len(d) and len(set(map(abs, d))) == len(d):  # scipy is exact only without ties and zeros
        assert math.isclose(fixture["signed_rank"], stats.wilcoxon(d, method="exact").pvalue)
    return fixture


def median_interval(n, level):
    """The ranks (from 1) of the narrowest symmetric order-statistic interval and its coverage, by adding binomials exactly."""
    best = None
    for k in range(1, n // 2 + 1):
        below = sum(math.comb(n, i) for i in range(k))  # at most k − 1 values below the median
        coverage = 1 - 2 * below / 2 ** n
        if coverage >= level:
            best = {"n": n, "level": level, "low": k, "high": n + 1 - k, "coverage": coverage}
    return best


def noncentral_power(n, effect, alpha):
    """Power by integrating over the chi distribution of the sample deviation: not the series the Go code sums."""
    df = n - 1
    critical = float(stats.t.ppf(1 - alpha / 2, df))
    mu = effect * math.sqrt(n)
    density = lambda s: stats.chi.pdf(s * math.sqrt(df), df) * math.sqrt(df)
    from scipy.integrate import quad
    value, _ = quad(lambda s: (stats.norm.sf(critical * s - mu) + stats.norm.cdf(-critical * s - mu)) * density(s),
                    0, 12, epsabs=1e-13, epsrel=1e-11, limit=500, points=[1 / critical, 4 / critical, 0.5, 1, 2, min(12, mu / critical)])
    return value


def power():
    rows = []
    for n in (3, 5, 8, 20, 50):
        for effect in (0.2, 0.5, 1.0, 2.0):
            theirs = float(TTestPower().power(effect, n, 0.05, alternative="two-sided"))
            ours = noncentral_power(n, effect, 0.05)
            assert abs(theirs - ours) < 1e-7 or math.isnan(theirs), (n, effect, theirs, ours)  # NaN near power 1
            rows.append({"n": n, "effect": effect, "alpha": 0.05, "power": ours})
    for n in (3, 4, 6, 12, 201, 202, 5000):  # levels as corrections make them, where statsmodels finds none
        for effect in (0.03, 1.0, 40.0):
            for alpha in (0.05 / 7, 5e-6):
                rows.append({"n": n, "effect": effect, "alpha": alpha, "power": noncentral_power(n, effect, alpha)})
    return rows


def spread(n, level):
    low, high = (math.sqrt((n - 1) / float(stats.chi2.ppf(q, n - 1))) for q in ((1 + level) / 2, (1 - level) / 2))
    return {"n": n, "level": level, "low": low, "high": high}


def required():
    rows = []
    for effect in (0.2, 0.35, 0.5, 0.8, 1.0, 1.5, 2.5):
        for target in (0.8, 0.9):
            n = 3
            while noncentral_power(n, effect, 0.05) < target:
                n += 1
            rows.append({"effect": effect, "alpha": 0.05, "power": target, "pairs": n})
    return rows


def holm(ps):
    return {"p": ps, "corrected": multipletests(ps, method="holm")[1].tolist()}


def improvement(a, b):
    u = stats.mannwhitneyu(a, b).statistic
    return {"a": a, "b": b, "probability": float(u) / len(a) / len(b)}


fixtures = {
    "samples": {name: sample(xs) for name, xs in SAMPLES.items()},
    "paired": {name: paired(*ab) for name, ab in PAIRED.items()},
    "quantiles": [{"level": level, "df": df, "t": float(stats.t.ppf(0.5 + level / 2, df))}
                  for level in (0.5, 0.9, 0.95, 0.99, 0.9999) for df in (1, 2, 3, 4, 9, 29, 1000, 1048575)],
    "tails": [{"t": t, "df": df, "p": float(2 * stats.t.sf(t, df))} for t in (0, 0.1, 1, 4.3, 50, 1e4) for df in (1, 2, 4, 30)],
    "hedges": [{"df": df, "j": hedges(df)} for df in (2, 3, 4, 5, 9, 19, 50, 200, 5000)],
    "holm": [holm(ps) for ps in ([0.01, 0.04, 0.03, 0.005], [0.02, 0.02, 0.02], [0.5], [0.3, 0.9, 0.6], [0.0, 1.0, 0.04, 0.04, 0.011])],
    "median_intervals": [m for n in (5, 6, 7, 9, 10, 12, 20, 41) for level in (0.9, 0.95, 0.99) if (m := median_interval(n, level))],
    "improvement": [improvement([0.91, 0.92, 0.93], [0.90, 0.92, 0.915]), improvement([1, 1], [1, 1, 1]), improvement([3, 4], [1, 2, 2.5])],
    "power": power(),
    "required": required(),
    "spreads": [spread(n, level) for n in (2, 3, 5, 30, 1000) for level in (0.8, 0.95)],
}
path = pathlib.Path(__file__).with_name("fixtures.json")
path.write_text(json.dumps(fixtures, indent=1) + "\n")
