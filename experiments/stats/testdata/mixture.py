"""Writes the mixtures of two normal distributions that scikit-learn fits to losses, as DivideMix does.

    mixture.py > mixture.json     needs scikit-learn

Each case: values [n], weights, means and variances [2] with the smaller mean first, first [n]: the probability of that
component. scikit-learn starts at random: twenty starts must agree.
"""
import json

import numpy as np
from sklearn.mixture import GaussianMixture

CASES = {  # of how many, the share of the first component, means and deviations before they are brought to 0..1
    "apart": (80, 0.6, (0.1, 2.5), (0.1, 0.5)),
    "overlapping": (120, 0.5, (0.8, 1.8), (0.5, 0.6)),
    "few wrong": (100, 0.9, (0.2, 3.0), (0.3, 0.4)),
    "few right": (100, 0.15, (0.1, 2.3), (0.1, 0.3)),
    "one heap": (90, 1.0, (0.0, 0.0), (0.3, 0.3)),
}
found = {}
for seed, (name, (n, share, means, deviations)) in enumerate(CASES.items()):
    rng = np.random.default_rng(seed)
    of = (rng.random(n) > share).astype(int)
    x = np.abs(rng.normal(np.array(means)[of], np.array(deviations)[of]))
    x = np.round((x - x.min()) / (x.max() - x.min()), 6)
    fits = []
    for start in range(20):
        g = GaussianMixture(n_components=2, max_iter=10, tol=1e-2, reg_covar=5e-4, random_state=start).fit(x[:, None])
        order = g.means_[:, 0].argsort()
        fits.append({"weights": g.weights_[order].tolist(), "means": g.means_[order, 0].tolist(),
                     "variances": g.covariances_[order, 0, 0].tolist(), "first": g.predict_proba(x[:, None])[:, order[0]].tolist()})
    for fit in fits[1:]:
        for key, v in fit.items():
            assert np.allclose(v, fits[0][key], rtol=0, atol=1e-9), (name, key)
    found[name] = {"values": x.tolist()} | fits[0]
print(json.dumps(found, separators=(",", ":")))
