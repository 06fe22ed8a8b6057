"""Writes welch.json beside this file: scipy's Welch test of two arms of which only n, mean and standard deviation are known.

    pip install scipy==1.17.1 numpy==2.4.6
    python3 welch.py
"""

import json
import pathlib

import numpy as np
from scipy import stats

ARMS = [
    ([0.9311, 0.9287, 0.9342, 0.9298, 0.9325], [0.9252, 0.9291, 0.9229, 0.9301]),
    ([0.9123, 0.9178, 0.9101], [0.9123, 0.9140, 0.9055, 0.9080, 0.9042, 0.9100]),
    ([4.4, 5.5, 1.6, 4.6, 3.4], [0.5, 0.5, 0.5]),
    ([188, 96, 168, 176, 153], [139, 163, 160, 160, 147, 149, 149, 122]),
]

cases = []
for a, b in ARMS:
    about = [{"N": len(x), "Mean": float(np.mean(x)), "SD": float(np.std(x, ddof=1))} for x in (a, b)]
    test = stats.ttest_ind(a, b, equal_var=False)
    interval = test.confidence_interval(0.95)
    cases.append({"A": about[0], "B": about[1], "T": float(test.statistic), "P": float(test.pvalue), "DF": float(test.df),
                  "Interval": [float(interval.low), float(interval.high)]})
pathlib.Path(__file__).with_name("welch.json").write_text(json.dumps(cases, indent=1) + "\n")
