"""Optimizers that PyTorch does not have, written out from their sources, plainly and in the precision of the parameters."""

import numpy


class Algorithm:
    """Changes PyTorch tensors in place; subclasses move one NumPy array."""

    def __init__(self, params, decay, **settings):
        self.params, self.decay, self.settings = params, decay, settings
        self.param_groups = [{"lr": 1.0}]
        self.states = [{} for _ in params]
        self.t = 0

    def step(self):
        self.t += 1
        for p, state in zip(self.params, self.states):
            w, g = p.detach().numpy(), p.grad.numpy()
            self.move(w, g, state, w.dtype.type(self.param_groups[0]["lr"]))  # w shares the tensor's memory


class TensorFlowRMSProp(Algorithm):
    """tf.train.RMSPropOptimizer: the formulas of its class comment, its slots as _create_slots starts them ("rms" at 1)."""

    def move(self, w, g, state, lr):
        s = self.settings
        if not state:
            state.update(ms=numpy.ones_like(w), mom=numpy.zeros_like(w), mg=numpy.zeros_like(w))
        kind = w.dtype.type
        g = g + kind(self.decay) * w
        state["ms"] = kind(s["alpha"]) * state["ms"] + kind(1 - s["alpha"]) * g * g
        under = state["ms"]
        if s.get("centered"):
            state["mg"] = kind(s["alpha"]) * state["mg"] + kind(1 - s["alpha"]) * g
            under = under - state["mg"] ** 2
        state["mom"] = kind(s["momentum"]) * state["mom"] + lr * g / numpy.sqrt(under + kind(s["eps"]))
        w -= state["mom"]


def adapted(w):
    return w.ndim > 1


class LARS(Algorithm):
    """You, Gitman and Ginsburg 2017 (arXiv 1708.03888), algorithm 1."""

    def move(self, w, g, state, lr):
        kind = w.dtype.type
        state.setdefault("v", numpy.zeros_like(w))
        wn, gn = numpy.linalg.norm(w), numpy.linalg.norm(g)
        trust = kind(1)
        if adapted(w) and wn > 0 and gn > 0:
            trust = kind(self.settings["trust"]) * wn / (gn + kind(self.decay) * wn)
        state["v"] = kind(self.settings["momentum"]) * state["v"] + lr * trust * (g + kind(self.decay) * w)
        w -= state["v"]


class LAMB(Algorithm):
    """You et al. 2020 (arXiv 1904.00962), algorithm 2, with φ(z) = z."""

    def move(self, w, g, state, lr):
        kind = w.dtype.type
        (beta1, beta2), eps = self.settings["betas"], self.settings["eps"]
        if not state:
            state.update(m=numpy.zeros_like(w), v=numpy.zeros_like(w))
        state["m"] = kind(beta1) * state["m"] + kind(1 - beta1) * g
        state["v"] = kind(beta2) * state["v"] + kind(1 - beta2) * g * g
        m, v = state["m"] / kind(1 - beta1**self.t), state["v"] / kind(1 - beta2**self.t)
        u = m / (numpy.sqrt(v) + kind(eps)) + kind(self.decay) * w
        ratio = kind(1)
        if adapted(w):
            ratio = numpy.linalg.norm(w) / numpy.linalg.norm(u)
        w -= lr * ratio * u
