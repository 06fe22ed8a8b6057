"""Writes transfer.json: learning rates of BiT's hyper-rule and of fastai's fine_tune at every step, as shares of the peak.
Run: python3 transfer.py > transfer.json

Written out plainly from what their sources say: google-research/big_transfer, bit_hyperrule.py (get_schedule, get_lr), and
fastai, callback/schedule.py (fit_one_cycle, fine_tune, combined_cos) with even_mults of a slice.
"""

import json
import math


def bit(images):
    if images < 20_000:
        warm, *falls, end = 100, 200, 300, 400, 500
    elif images < 500_000:
        warm, *falls, end = 500, 3000, 6000, 9000, 10_000
    else:
        warm, *falls, end = 500, 6000, 12_000, 18_000, 20_000
    rates = []
    for step in range(end):
        if step < warm:
            rates.append(step / warm)
        else:
            rates.append(0.1 ** sum(fall < step for fall in falls))
    every = max(1, end // 500)
    around = {s + d for s in (warm, *falls) for d in (-1, 0, 1)}
    steps = sorted(around | set(range(0, end, 50 * every)) | {end - 1})
    return {"images": images, "length": end, "steps": steps, "rates": [rates[s] for s in steps]}


def cosine(start, end, share):
    return start + (1 + math.cos(math.pi * (1 - share))) * (end - start) / 2


def one_cycle(steps, start, first, middle, last):
    values = []
    for step in range(steps):
        share = step / steps
        if share < start:
            values.append(cosine(first, middle, share / start))
        else:
            values.append(cosine(middle, last, (share - start) / (1 - start)))
    return values


def fastai(steps, pct_start, div):
    return {"steps": steps, "pct_start": pct_start, "div": div, "rates": one_cycle(steps, pct_start, 1 / div, 1, 1e-5),
            "momenta": one_cycle(steps, pct_start, 0.95, 0.85, 0.95)}


def even_mults(mult, groups):
    return [mult ** (i / (groups - 1)) / mult for i in range(groups)]


print(json.dumps({
    "bit": [bit(19_999), bit(20_000), bit(499_999), bit(500_000)],
    "fastai": [fastai(20, 0.99, 25.0), fastai(50, 0.3, 5.0)],
    "slice": {"mult": 100, "rates": even_mults(100, 4)},
}))
