"""Writes fixtures.json beside this file: what other people's programs say about the same rows.

    pip install torch==1.13 scikit-learn==1.5.2 scipy==1.13.1 numpy==1.26.4
    python3 fixtures.py

The tests read the JSON and need no Python. All is computed in float64 from numbers that float32 holds exactly.
"""

import json
import pathlib

import numpy as np
import scipy.optimize
import scipy.special
import sklearn
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, log_loss
from sklearn.preprocessing import StandardScaler

CLASSES, WIDTH = 7, 6
RANDOM = np.random.default_rng(14)


def rows(n, width):
    """Clusters that overlap, in eighths, with the features at unlike scales."""
    labels = RANDOM.integers(0, CLASSES, n)
    centres = np.random.default_rng(1).normal(size=(CLASSES, width)) * 1.2
    x = (centres[labels] + RANDOM.normal(size=(n, width))) * np.linspace(0.5, 4, width) + np.linspace(-1, 2, width)
    return np.round(x * 128) / 128, labels


def logits(n):
    labels = RANDOM.integers(0, CLASSES, n)
    z = RANDOM.normal(size=(n, CLASSES)) * 2.5
    z[np.arange(n), labels] += 2.5
    return np.round(z * 128) / 128, labels


def guo(p, y, bins=15):
    """ECELoss.forward of github.com/gpleiss/temperature_scaling."""
    confidences, predictions = torch.max(torch.tensor(p), 1)
    accuracies = predictions.eq(torch.tensor(y))
    bounds = torch.linspace(0, 1, bins + 1, dtype=torch.float64)
    ece = torch.zeros(1, dtype=torch.float64)
    for lower, upper in zip(bounds[:-1], bounds[1:]):
        inside = confidences.gt(lower.item()) * confidences.le(upper.item())
        share = inside.double().mean()
        if share.item() > 0:
            ece += torch.abs(confidences[inside].mean() - accuracies[inside].double().mean()) * share
    return ece.item()


def calibration(z, y):
    p = scipy.special.softmax(z, axis=1)
    return {"nll": log_loss(y, p, labels=range(CLASSES)), "ece": guo(p, y),
            "brier": float(np.mean(np.sum((p - np.eye(CLASSES)[y]) ** 2, axis=1)))}


def temperature(fit, y):
    found = scipy.optimize.minimize_scalar(
        lambda t: log_loss(y, scipy.special.softmax(fit / t, axis=1), labels=range(CLASSES)),
        bounds=(0.1, 20), method="bounded", options={"xatol": 1e-12})
    return found.x


def dino(train_features, train_labels, test_features, test_labels, k, T, num_classes=CLASSES):
    """knn_classifier of eval_knn.py in github.com/facebookresearch/dino, all images in one chunk."""
    train_features, test_features = (torch.nn.functional.normalize(torch.tensor(x)) for x in (train_features, test_features))
    train_labels, targets = torch.tensor(train_labels), torch.tensor(test_labels)
    similarity = torch.mm(test_features, train_features.t())
    distances, indices = similarity.topk(k, largest=True, sorted=True)
    candidates = train_labels.view(1, -1).expand(len(targets), -1)
    retrieved_neighbors = torch.gather(candidates, 1, indices)
    retrieval_one_hot = torch.zeros(len(targets) * k, num_classes, dtype=torch.float64)
    retrieval_one_hot.scatter_(1, retrieved_neighbors.view(-1, 1), 1)
    distances_transform = distances.clone().div_(T).exp_()
    probs = torch.sum(torch.mul(retrieval_one_hot.view(len(targets), -1, num_classes),
                                distances_transform.view(len(targets), -1, 1)), 1)
    _, predictions = probs.sort(1, True)
    correct = predictions.eq(targets.data.view(-1, 1))
    return {"k": k, "temperature": T, "top1": correct.narrow(1, 0, 1).sum().item() / len(targets),
            "top5": correct.narrow(1, 0, 5).sum().item() / len(targets)}


def probe(bank, bank_labels, test, test_labels, l2, standardize):
    if standardize:
        scaler = StandardScaler().fit(bank)
        bank, test = scaler.transform(bank), scaler.transform(test)
    fit = LogisticRegression(C=1 / (l2 * len(bank)), tol=1e-12, max_iter=100000, solver="newton-cg").fit(bank, bank_labels)
    p = fit.predict_proba(test)
    order = np.argsort(-p, axis=1)
    return {"l2": l2, "standardize": standardize, "top1": accuracy_score(test_labels, p.argmax(1)),
            "top5": float(np.mean([y in row[:5] for y, row in zip(test_labels, order)])),
            "loss": log_loss(test_labels, p, labels=range(CLASSES))}


def collapse(x):
    x = np.asarray(x, dtype=np.float64)
    normalised = torch.nn.functional.normalize(torch.tensor(x))
    s = np.linalg.svd(x, compute_uv=False)
    p = s / s.sum()
    return {"spread": torch.std(normalised, 0).mean().item(),  # std_of_l2_normalized of lightly
            "rank": float(np.exp(-np.sum(p * np.log(p))))}


def main():
    test, test_labels = rows(150, WIDTH)
    bank, bank_labels = rows(300, WIDTH)
    z, y = logits(140)
    fit, fit_labels = logits(270)
    t = temperature(fit, fit_labels)
    # One direction and little else; the last column is as small as float32 holds exactly beside the others.
    narrow = np.round(np.outer(1 + RANDOM.random(140), np.linspace(1, 2, WIDTH)) * 4096) / 4096
    answers = z.argmax(1)
    out = {
        "versions": {"torch": torch.__version__, "sklearn": sklearn.__version__, "numpy": np.__version__},
        "classes": CLASSES, "width": WIDTH,
        "test": test.ravel().tolist(), "test_labels": test_labels.tolist(),
        "bank": bank.ravel().tolist(), "bank_labels": bank_labels.tolist(),
        "logits": z.ravel().tolist(), "labels": y.tolist(),
        "fit_logits": fit.ravel().tolist(), "fit_labels": fit_labels.tolist(),
        "narrow": narrow.ravel().tolist(),
        "confusion": confusion_matrix(y, answers).tolist(), "mean_class_top1": balanced_accuracy_score(y, answers),
        "calibration": calibration(z, y),
        "temperature": t, "scaled": calibration(z / t, y),
        "knn": [dino(bank, bank_labels, test, test_labels, k, T) for k, T in [(200, 0.1), (60, 0.07), (120, 1.0)]],
        "probe": [probe(bank, bank_labels, test, test_labels, l2, s)
                  for l2, s in [(1e-4, True), (1e-2, True), (1e-2, False), (1.0, False)]],
        "collapse": {"test": collapse(test), "bank": collapse(bank), "narrow": collapse(narrow)},
    }
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(out, separators=(",", ":")).replace('],"', '],\n"') + "\n")


main()
