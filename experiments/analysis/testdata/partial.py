"""Writes partial.json beside this file: a factorial that lacks cells, with values and costs, and what they come to.

    pip install scipy==1.17.1 statsmodels==0.15.0 numpy==2.4.6
    python3 partial.py

The test reads the JSON and needs no Python. Cells are matched here by hand-written rules over dictionaries, intervals of
ratios are found by bisection of the test that defines them: other routes than the Go code takes.
"""

import itertools
import json
import pathlib

import numpy as np
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests

SEEDS = 5
LEVELS = {"net": ["a", "b"], "depth": ["8", "14", "20"], "optim": ["sgd", "adam"], "momentum": ["0.9", "0"]}
BASE = {f: labels[0] for f, labels in LEVELS.items()}

cells = []
for net, depth, optim in itertools.product(LEVELS["net"], LEVELS["depth"], LEVELS["optim"]):
    for momentum in LEVELS["momentum"] if optim == "sgd" else [None]:
        if net == "b" and depth == "20" or depth == "14" and momentum == "0":
            continue
        cells.append({"net": net, "depth": depth, "optim": optim, "momentum": momentum})

rng = np.random.default_rng(5)
for c in cells:
    deep = {"8": 0, "14": 1, "20": 2}[c["depth"]]
    mean = 0.7 + 0.03 * deep - 0.02 * (c["net"] == "b") * (1 + 2 * deep) + 0.01 * (c["optim"] == "adam") - 0.05 * (c["momentum"] == "0")
    c["values"] = mean + rng.normal(0, 0.01, SEEDS)
    c["seconds"] = 60 * (1 + 0.5 * deep + 0.02 * (c["net"] == "b")) + rng.normal(0, 4, SEEDS)
    c["parameters"] = 75_000 + 110_000 * deep + 2_500 * (c["net"] == "b") * deep
    c["macs"] = 12_000_000 + 14_000_000 * deep


def find(**levels):
    return next((c for c in cells if all(c[f] == levels[f] for f in LEVELS)), None)


def beside(c, factor, label):
    """The cell that has another level of a factor; what applies on one side only has its baseline level there."""
    levels = {f: c[f] for f in LEVELS} | {factor: label}
    if factor == "optim" and label == "adam":
        if c["momentum"] not in (None, BASE["momentum"]):
            return None
        levels["momentum"] = None
    if factor == "optim" and label == "sgd" and c["momentum"] is None:
        levels["momentum"] = BASE["momentum"]
    return find(**levels)


def summary(d):
    n, half = len(d), stats.t.ppf(0.975, len(d) - 1) * stats.sem(d)
    return {"mean": d.mean(), "low": d.mean() - half, "high": d.mean() + half, "p": stats.ttest_1samp(d, 0).pvalue, "n": n}


def fieller(x, y):
    """The r for which the t-test of x - r y is at its edge, on both sides of the ratio; None if y is not told from zero."""
    if stats.ttest_1samp(y, 0).pvalue >= 0.05:
        return None
    edge = lambda r: abs((x - r * y).mean()) / stats.sem(x - r * y) - stats.t.ppf(0.975, len(x) - 1)
    ratio = x.mean() / y.mean()
    step = 1e-3
    while edge(ratio - step) < 0 or edge(ratio + step) < 0:
        step *= 2
    return [ratio, optimize.brentq(edge, ratio - step, ratio, xtol=1e-15), optimize.brentq(edge, ratio, ratio + step, xtol=1e-15)]


def costs(pairs, d):
    out, s = {}, summary(d)
    for name, unit in (("macs", 1e9), ("parameters", 1e6)):
        added = np.mean([a[name] - b[name] for a, b in pairs]) / unit
        out[name] = [added] + ([s[k] / added for k in ("mean", "low", "high")] if added > 0 else [])
    minutes = np.mean([(a["seconds"] - b["seconds"]) / 60 for a, b in pairs], axis=0)
    out["minutes"] = [minutes.mean()] + ((fieller(d, minutes) or []) if minutes.mean() > 0 else [])
    return out


def holm(rows):
    for r, p in zip(rows, multipletests([r["p"] for r in rows], method="holm")[1]):
        r["holm"] = p


effects, interactions, rows = [], [], []
for f, labels in LEVELS.items():
    for label in labels[1:]:
        pairs = [(c, beside(c, f, BASE[f])) for c in cells if c[f] == label]
        pairs = [(a, b) for a, b in pairs if b]
        d = np.mean([a["values"] - b["values"] for a, b in pairs], axis=0)
        effects.append({"of": f"{f}={label}", "cells": len(pairs), **summary(d), "costs": costs(pairs, d)})
for f, g in itertools.combinations(LEVELS, 2):
    for lf, lg in itertools.product(LEVELS[f][1:], LEVELS[g][1:]):
        ds = []
        for both in cells:
            if both[f] == lf and both[g] == lg:
                x, y = beside(both, f, BASE[f]), beside(both, g, BASE[g])
                neither = y and beside(y, f, BASE[f])
                if x and y and neither:
                    ds.append((both["values"] - x["values"]) - (y["values"] - neither["values"]))
        if ds:
            interactions.append({"of": f"{f}={lf} {g}={lg}", "cells": len(ds), **summary(np.mean(ds, axis=0))})
baseline = find(**BASE)
for c in cells:
    if c is not baseline:
        d = c["values"] - baseline["values"]
        rows.append({"of": " ".join(f"{f}={c[f]}" for f in LEVELS if c[f]), **summary(d), "costs": costs([(c, baseline)], d)})
for family in (effects, interactions, rows):
    holm(family)

given = [{"cell": " ".join(f"{f}={c[f]}" for f in LEVELS if c[f]), "values": c["values"].tolist(), "seconds": c["seconds"].tolist(),
          "parameters": c["parameters"], "macs": c["macs"]} for c in cells]
text = json.dumps({"given": given, "effects": effects, "interactions": interactions, "rows": rows}, indent=1)
pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")
