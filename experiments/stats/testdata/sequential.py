"""Writes sequential.json beside this file: bounds and errors of tests with several looks, by other routes than the Go code takes.

    pip install scipy==1.17.1 numpy==2.4.6
    python3 sequential.py

Bounds on z come from dense matrices of transitions over 2001 places; the rejections they make are checked here against scipy's
multivariate normal integral (Genz). The published ones are those of gsDesign (sfLDOF) and ldbounds (iuse = 1) in R, which print
four digits; 3.3569 is 3.35701 by adaptive quadrature. Errors of sequential t-tests, with given nominal p at each look, are simulated with eight million draws each.
"""

import json
import pathlib

import numpy as np
from scipy.optimize import brentq
from scipy.stats import multivariate_normal, norm, t

PLACES = 2001


def spent(alpha, fraction):
    return 4 * norm.sf(norm.isf(alpha / 4) / np.sqrt(fraction))


def bounds(fractions, alpha):
    zs, before, at, mass = [], 0.0, np.zeros(1), np.ones(1)
    for k, now in enumerate(fractions):
        sd = np.sqrt(now - (fractions[k - 1] if k else 0))
        side = (spent(alpha, now) - before) / 2
        before = spent(alpha, now)
        z = brentq(lambda c: (mass * norm.sf((c * np.sqrt(now) - at) / sd)).sum() / side - 1, 0, 12, xtol=1e-12)
        places = np.linspace(-z * np.sqrt(now), z * np.sqrt(now), PLACES)
        weights = np.where(np.arange(PLACES) % 2, 4.0, 2.0)
        weights[[0, -1]] = 1
        mass = weights * (places[1] - places[0]) / 3 * (norm.pdf((places[:, None] - at) / sd) / sd * mass).sum(1)
        at = places
        zs.append(z)
    root = np.sqrt(fractions)
    covariance = np.minimum.outer(fractions, fractions) / np.outer(root, root)
    stays = multivariate_normal.cdf(zs, mean=np.zeros(len(zs)), cov=covariance, lower_limit=-np.array(zs), abseps=1e-7, maxpts=10**7)
    assert abs(1 - stays - spent(alpha, fractions[-1])) < 2e-6, (fractions, alpha, 1 - stays)
    return {"fractions": fractions, "alpha": alpha, "z": zs, "spent": [float(spent(alpha, f)) for f in fractions]}


def errors(looks, ps, draws=8_000_000, part=100_000):
    rng = np.random.default_rng(20)
    critical = [t.isf(p / 2, n - 1) for n, p in zip(looks, ps)]
    stops = np.zeros(len(looks))
    for _ in range(draws // part):
        xs = rng.standard_normal((part, looks[-1]))
        going = np.ones(part, bool)
        for k, n in enumerate(looks):
            first = xs[:, :n]
            reach = going & (np.abs(first.mean(1)) / first.std(1, ddof=1) * np.sqrt(n) >= critical[k])
            stops[k] += reach.sum()
            going &= ~reach
    return {"looks": looks, "p": ps, "draws": draws, "stops": (stops / draws).tolist()}


fixtures = {
    "published": [
        {"alpha": 0.05, "fractions": [0.2, 0.4, 0.6, 0.8, 1], "z": [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]},
        {"alpha": 0.05, "fractions": [1 / 3, 2 / 3, 1], "z": [3.7103, 2.5114, 1.9930]},
        {"alpha": 0.05, "fractions": [0.25, 0.5, 0.75, 1], "z": [4.3326, 2.9631, 2.3590, 2.0141]},
        {"alpha": 0.05, "fractions": [0.5, 1], "z": [2.9626, 1.9686]},
    ],
    "bounds": [bounds(f, a) for f, a in (
        ([1.0], 0.05), ([0.5, 1.0], 0.01), ([0.3, 0.5, 0.7, 1.0], 0.05), ([0.13, 0.4, 0.69, 0.9, 0.98], 0.05),
        ([0.5, 0.6, 0.7, 0.8, 0.9, 1.0], 0.1), ([0.4, 0.41, 0.97, 1.0], 0.02))],
    "errors": [errors(n, p) for n, p in (
        ([3, 5, 7, 10], [0.01, 0.02, 0.03, 0.04]), ([3, 4, 5, 6, 7, 8], [0.03] * 6), ([4, 12], [0.2, 0.3]),
        ([5, 6, 14, 15], [0.0001, 0.05, 0.001, 0.05]))],
}
path = pathlib.Path(__file__).with_name("sequential.json")
path.write_text(json.dumps(fixtures, indent=1) + "\n")
