"""Writes peers.json beside this file: what more libraries say of the rows of fixtures.json.

    pip install netcal==1.4.0 lightly==1.6.0 torch scipy
    python3 peers.py

The tests read the JSON and need no Python. netcal's optimizer of the temperature ends at some 1e-6 from the minimum, so a
minimisation of the likelihood by scipy stands beside it.
"""

import json
import pathlib

import numpy as np
import scipy.optimize
import scipy.special
import torch
from lightly.utils.benchmarking import knn_predict
from netcal.metrics import ECE
from netcal.scaling import TemperatureScaling

HERE = pathlib.Path(__file__).parent


def rankme(x, eps=1e-7):
    """Garrido et al. 2023, RankMe, equations 1 and 2, in float64."""
    s = np.linalg.svd(x, compute_uv=False)
    p = s / s.sum() + eps
    return float(np.exp(-(p * np.log(p)).sum()))


def knn(test, bank, bank_labels, classes, k, t):
    """Predictions of lightly's knn_predict, which DINO's and InstDisc's evaluations use; the classes from the best on."""
    bank = torch.nn.functional.normalize(torch.tensor(bank), dim=1)
    test = torch.nn.functional.normalize(torch.tensor(test), dim=1)
    order = knn_predict(test, bank.t(), torch.tensor(bank_labels), classes, knn_k=k, knn_t=t)
    return order[:, 0].tolist()


def main():
    f = json.loads((HERE / "fixtures.json").read_text())
    classes, width = f["classes"], f["width"]
    z, y = np.array(f["logits"]).reshape(-1, classes), np.array(f["labels"])
    fit, fit_y = np.array(f["fit_logits"]).reshape(-1, classes), np.array(f["fit_labels"])
    test, bank = (np.array(f[name]).reshape(-1, width) for name in ("test", "bank"))
    p, fit_p = scipy.special.softmax(z, axis=1), scipy.special.softmax(fit, axis=1)

    torch.manual_seed(0)
    scaling = TemperatureScaling()
    scaling.fit(fit_p, fit_y)

    def nll(b):
        return float(np.mean(scipy.special.logsumexp(b * fit, axis=1) - b * fit[np.arange(len(fit)), fit_y]))

    best = scipy.optimize.minimize_scalar(nll, bounds=(0.01, 20), method="bounded", options={"xatol": 1e-12}).x
    out = {
        "netcal_ece": float(ECE(bins=15).measure(p, y)),
        "netcal_temperature": 1 / float(np.ravel(scaling.temperature)[0]),
        "scipy_temperature": 1 / best,
        "rankme": {"test": rankme(test), "bank": rankme(bank)},
        "knn": {"k": 200, "temperature": 0.1, "predictions": knn(test, bank, f["bank_labels"], classes, 200, 0.1)},
    }
    (HERE / "peers.json").write_text(json.dumps(out, separators=(",", ":")).replace(',"', ',\n"') + "\n")


main()
