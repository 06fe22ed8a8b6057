"""Writes what cleanlab finds in random answers to labels some of which are wrong.

    peer.py > cleanlab.json     needs cleanlab 2.9.0

Each case: classes, labels [n], probabilities [n × classes] (rounded to float32), found: by filter the indexes, ranked: those
of prune_by_noise_rate by self-confidence.
"""
import json
import warnings

import numpy as np
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

FILTERS = ["prune_by_noise_rate", "prune_by_class", "both", "confident_learning", "predicted_neq_given"]
warnings.simplefilter("ignore")
cases = []
for seed, (n, k, flipped, sharp) in enumerate([(120, 3, 0.3, 2), (200, 5, 0.4, 3), (60, 10, 0.2, 1), (150, 4, 0.8, 2), (40, 2, 0.3, 1)]):
    rng = np.random.default_rng(seed)
    true = rng.integers(k, size=n)
    labels = np.where(rng.random(n) < flipped, (true + rng.integers(1, k, size=n)) % k, true)
    logits = rng.normal(size=(n, k)) + sharp * np.eye(k)[true]
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    p = np.round(p, 5).astype(np.float32)
    found = {f: np.flatnonzero(find_label_issues(labels, p.astype(float), filter_by=f, n_jobs=1)).tolist() for f in FILTERS}
    quality = get_label_quality_scores(labels, p.astype(float), method="self_confidence")
    ranked = sorted(found[FILTERS[0]], key=lambda i: quality[i])  # cleanlab's own ranking leaves ties to chance
    cases.append({"classes": k, "labels": labels.tolist(), "probabilities": [round(float(v), 5) for v in p.flatten()], "found": found, "ranked": ranked,
                  "joint": compute_confident_joint(labels, p.astype(float)).tolist()})
print(json.dumps({"cases": cases}, separators=(",", ":")))
