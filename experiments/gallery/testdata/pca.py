"""Writes pca.json beside this file: principal components by scikit-learn.

    pip install scikit-learn==1.9.1 numpy==2.4.6
    python3 pca.py

The tests read the JSON and need no Python. All is computed in float64 from numbers that float32 holds exactly.
"""

import json
import pathlib

import numpy as np
from sklearn.decomposition import PCA

RANDOM = np.random.default_rng(4)


def record(rows, width):
    x = np.round(RANDOM.normal(size=(rows, width)) * np.linspace(3, 0.5, width) * 64) / 64 + np.linspace(-1, 2, width).round(1)
    x = x.astype(np.float32).astype(np.float64)
    fit = PCA(n_components=2, svd_solver="full").fit(x)
    scores = fit.transform(x)
    for k in range(2):  # the largest entry of a component is positive, whatever convention a version has
        largest = fit.components_[k][np.argmax(np.abs(fit.components_[k]))]
        scores[:, k] *= np.sign(largest)
    return {"rows": rows, "features": x.ravel().tolist(), "scores": scores.tolist(), "explained": fit.explained_variance_ratio_.tolist()}


def main():
    out = {"more images": record(40, 6), "more features": record(12, 30)}
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")).replace("},", "},\n") + "\n")


main()
