"""Writes rates.csv: losses of range tests, and what fastai suggests of them.

The functions valley, steep and minimum and the smoothing are fastai's (fastai/callback/schedule.py and learner.py,
version 2.7, Apache 2.0), word for word but for names and torch's tensors. Needs numpy alone.
"""
import csv

import numpy as np


def smooth(losses, beta=0.98):
    out, val = [], 0.0
    for count, loss in enumerate(losses, 1):
        val = loss * (1 - beta) + val * beta  # torch.lerp(loss, val, beta)
        out.append(val / (1 - beta**count))
    return out


def valley(lrs, losses):
    n = len(losses)
    max_start, max_end = 0, 0
    lds = [1] * n
    for i in range(1, n):
        for j in range(0, i):
            if (losses[i] < losses[j]) and (lds[i] < lds[j] + 1):
                lds[i] = lds[j] + 1
            if lds[max_end] < lds[i]:
                max_end = i
                max_start = max_end - lds[max_end]
    sections = (max_end - max_start) / 3
    idx = max_start + int(sections) + int(sections / 2)
    return float(lrs[idx])


def steep(lrs, losses):
    grads = (losses[1:] - losses[:-1]) / (np.log(lrs[1:]) - np.log(lrs[:-1]))
    return float(lrs[grads.argmin()])


def minimum(lrs, losses):
    return float(lrs[losses.argmin()]) / 10


def test(rng, kind, n):
    lrs = 1e-7 * (10 / 1e-7) ** (np.arange(n) / (n - 1))
    x = np.log10(lrs)
    losses = 2.3 - 1.5 / (1 + np.exp(-3 * (x + kind))) + 0.05 * rng.standard_normal(n)
    return lrs, losses + np.maximum(0, x + kind - 2) ** 3


with open("rates.csv", "w", newline="") as f:
    out = csv.writer(f, lineterminator="\n")
    out.writerow(["test", "rate", "loss", "smoothed", "valley", "steep", "minimum"])
    rng = np.random.default_rng(7)
    for number, (kind, n) in enumerate([(3, 100), (4, 60), (2, 30)]):
        lrs, losses = test(rng, kind, n)
        smoothed = np.array(smooth(losses))
        cut = slice(n // 10, -5)
        found = [f(lrs[cut], smoothed[cut]) for f in (valley, steep, minimum)]
        for rate, loss, s in zip(lrs, losses, smoothed):
            out.writerow([number, *(repr(float(v)) for v in (rate, loss, s, *found))])
