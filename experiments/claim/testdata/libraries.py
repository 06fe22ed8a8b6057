"""Recomputes what claims that need no training are about, and writes libraries.csv: python3 libraries.py [CLAIM...]

With claims it prints theirs and writes nothing. Needs torch, torchvision, timm and pytorchcv
(PyPI; written with torch 2.15, torchvision 0.29, timm 1.0.31 and pytorchcv 0.0.74). A line of the fixture
is a value of a claim as Python writes it, and whose modules were asked: of torchvision, timm or pytorchcv, of torch itself
(single layers), or of papers (nn/weights/testdata/papers.py, after the papers, where no library has the network).
"""
import csv
import pathlib
import sys

import quantities
import quantities_later  # noqa: F401, adds its own
from modules import used


def text(value):
    return " ".join(map(text, value)) if isinstance(value, list) else str(value)


def main(*names):
    rows = []
    for claim in sorted(names or quantities.V):
        for value, of in quantities.V[claim].items():
            used.clear()
            rows.append([claim, value, text(of()), "+".join(sorted(used))])
    if names:
        csv.writer(sys.stdout, lineterminator="\n").writerows(rows)
        return
    with open(pathlib.Path(__file__).with_suffix(".csv"), "w", newline="") as f:
        csv.writer(f, lineterminator="\n").writerows([["claim", "value", "computed", "modules"], *rows])


main(*sys.argv[1:])
