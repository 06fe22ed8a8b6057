"""Writes fixtures.json: what PyTorch's optimizers and learning-rate schedules do. Run: python3 fixtures.py > fixtures.json

Needs PyTorch 1.13 or newer (Debian 12: python3-torch) and NumPy; their versions are in the file. What PyTorch does not have
(LARS, LAMB, TensorFlow's RMSProp) is written out from its source in algorithms.py.
"""

import itertools
import json
import random
import warnings

import numpy
import torch
from torch.optim import lr_scheduler as schedules

import algorithms

warnings.filterwarnings("ignore")
random.seed(20)

STEPS_PER_EPOCH = 4


def trajectory(momentum, nesterov, decay, double):
    """Five parameters, six steps along gradients that depend on where they are, under a falling learning rate."""
    dtype = torch.float64 if double else torch.float32
    w = torch.tensor([random.uniform(-2, 2) for _ in range(5)], dtype=dtype, requires_grad=True)
    sgd = torch.optim.SGD([w], lr=1.0, momentum=momentum, nesterov=nesterov, weight_decay=decay)
    case = {
        "momentum": momentum, "nesterov": nesterov, "decay": decay, "double": double,
        "start": w.tolist(), "rates": [], "gradients": [], "weights": [], "velocities": [],
    }
    for step in range(6):
        rate = 0.3 / (1 + step)
        sgd.param_groups[0]["lr"] = rate
        sgd.zero_grad()
        (torch.sin(3 * w) + (w - 0.5) ** 2).sum().backward()
        case["rates"].append(rate)
        case["gradients"].append(w.grad.tolist())
        sgd.step()
        case["weights"].append(w.tolist())
        velocity = sgd.state[w].get("momentum_buffer")
        case["velocities"].append(None if velocity is None else velocity.tolist())
    return case


def gradient(w):
    return 3 * torch.cos(3 * w) + 2 * (w - 0.5)


def optimizer_steps(name, decay, double, **settings):
    """Eight steps of an optimizer on a matrix of 2×3 and a vector of 3."""
    dtype = torch.float64 if double else torch.float32
    start = [random.uniform(-2, 2) for _ in range(9)]
    parts = [torch.tensor(start[:6], dtype=dtype).reshape(2, 3), torch.tensor(start[6:], dtype=dtype)]
    made = {
        "sgd": lambda s: torch.optim.SGD(parts, lr=1.0, weight_decay=decay, **s),
        "adam": lambda s: torch.optim.Adam(parts, lr=1.0, weight_decay=decay, **s),
        "adamw": lambda s: torch.optim.AdamW(parts, lr=1.0, weight_decay=decay, **s),
        "rmsprop": lambda s: torch.optim.RMSprop(parts, lr=1.0, weight_decay=decay, **s),
        "rmsprop_tf": lambda s: algorithms.TensorFlowRMSProp(parts, decay, **s),
        "lars": lambda s: algorithms.LARS(parts, decay, **s),
        "lamb": lambda s: algorithms.LAMB(parts, decay, **s),
    }[name](settings)
    case = {"name": name, "settings": settings, "decay": decay, "double": double, "start": flat(parts),
            "rates": [], "gradients": [], "weights": []}
    for step in range(8):
        rate = 0.1 / (1 + step)
        made.param_groups[0]["lr"] = rate
        for p in parts:
            p.grad = gradient(p)
        case["rates"].append(rate)
        case["gradients"].append(flat([p.grad for p in parts]))
        made.step()
        case["weights"].append(flat(parts))
    return case


def flat(tensors):
    return [x for t in tensors for x in t.flatten().tolist()]


OPTIMIZERS = [
    ("sgd", {"momentum": 0.9, "dampening": 0.3}),
    ("adam", {"betas": (0.9, 0.999), "eps": 1e-8}),
    ("adam", {"betas": (0.8, 0.95), "eps": 1e-3}),
    ("adamw", {"betas": (0.9, 0.999), "eps": 1e-8}),
    ("rmsprop", {"momentum": 0, "alpha": 0.99, "eps": 1e-8}),
    ("rmsprop", {"momentum": 0.9, "alpha": 0.9, "eps": 1e-3}),
    ("rmsprop", {"momentum": 0.9, "alpha": 0.9, "eps": 1e-3, "centered": True}),
    ("rmsprop_tf", {"momentum": 0.9, "alpha": 0.9, "eps": 1e-3}),
    ("rmsprop_tf", {"momentum": 0, "alpha": 0.9, "eps": 1e-10, "centered": True}),
    ("lars", {"momentum": 0.9, "trust": 0.02}),
    ("lamb", {"betas": (0.9, 0.999), "eps": 1e-6}),
]


def clipped(norm):
    parts = [torch.tensor([random.gauss(0, 2) for _ in range(5)], dtype=torch.float64, requires_grad=True) for _ in range(2)]
    for p in parts:
        p.grad = p.detach().clone()
    before = flat([p.grad for p in parts])
    torch.nn.utils.clip_grad_norm_(parts, norm)
    return {"norm": norm, "before": before, "after": flat([p.grad for p in parts])}


def factors(updates, make):
    """The factor of the rate at the start of every step, and the momentum there."""
    sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.95)
    schedule = make(sgd)
    got, momenta = [], []
    for step in range(updates):
        got.append(sgd.param_groups[0]["lr"])
        momenta.append(sgd.param_groups[0]["momentum"])
        sgd.step()
        if step + 1 < updates:
            schedule.step()
    return got, momenta


class Fractions:
    """Steps a schedule that takes fractions of an epoch."""

    def __init__(self, schedule):
        self.schedule, self.updates = schedule, 0

    def step(self):
        self.updates += 1
        self.schedule.step(self.updates / STEPS_PER_EPOCH)


class Epochs:
    """Steps a schedule at the end of every epoch."""

    def __init__(self, schedule):
        self.schedule, self.updates = schedule, 0

    def step(self):
        self.updates += 1
        if self.updates % STEPS_PER_EPOCH == 0:
            self.schedule.step()


def rates_and_momenta(name, epochs, **settings):
    """The rate and the momentum at every step under a schedule without warm-up; settings are its options, spelled as Go's fields."""
    s, steps = settings, epochs * STEPS_PER_EPOCH

    def make(sgd):
        if name == "restarts":
            return Fractions(schedules.CosineAnnealingWarmRestarts(sgd, s["Period"], s.get("Growth", 1), s.get("Floor", 0)))
        if name == "cosine":
            return schedules.CosineAnnealingLR(sgd, steps, s["Floor"])
        if name == "polynomial":
            return schedules.PolynomialLR(sgd, steps, s.get("Power", 1))
        if name == "exponential":
            return Epochs(schedules.ExponentialLR(sgd, s["Gamma"]))
        return schedules.OneCycleLR(
            sgd, 1.0, total_steps=steps, pct_start=s.get("PctStart", 0.3), div_factor=s.get("DivFactor", 25),
            final_div_factor=s.get("FinalDivFactor", 1e4), cycle_momentum="BaseMomentum" in s,
            base_momentum=s.get("BaseMomentum", 0.85), max_momentum=0.95, anneal_strategy="linear" if s.get("Linear") else "cos")

    rates, momenta = factors(steps, make)
    return {"timetable": {"Name": name, "Epochs": epochs, "Update": 1 / STEPS_PER_EPOCH, **settings}, "factors": rates, "momenta": momenta}


def schedule(name, epochs, warmup, milestones, gamma):
    def after(sgd, start):
        """The schedule that begins at the epoch start."""
        steps = (epochs - start) * STEPS_PER_EPOCH
        if name == "cosine":
            return schedules.CosineAnnealingLR(sgd, T_max=steps)
        if name == "step":
            at = [round((m - start) * STEPS_PER_EPOCH) for m in milestones]
            return schedules.MultiStepLR(sgd, at, gamma)
        return schedules.LambdaLR(sgd, lambda step: 1.0)

    def make(sgd):
        if warmup == 0:
            return after(sgd, 0)
        steps = warmup * STEPS_PER_EPOCH
        # LinearLR cannot start at zero.
        rise = schedules.LinearLR(sgd, start_factor=1e-12, total_iters=steps)
        return schedules.SequentialLR(sgd, [rise, after(sgd, warmup)], milestones=[steps])

    return {
        "name": name, "epochs": epochs, "warmup": warmup, "milestones": milestones, "gamma": gamma,
        "factors": factors(epochs * STEPS_PER_EPOCH + 1, make)[0],
    }


print(json.dumps({
    "torch": torch.__version__,
    "numpy": numpy.__version__,
    "steps_per_epoch": STEPS_PER_EPOCH,
    "sgd": [
        trajectory(momentum, nesterov, decay, double)
        for double, (momentum, nesterov), decay in itertools.product(
            [True, False], [(0.0, False), (0.9, False), (0.9, True)], [0.0, 0.05])
    ],
    "schedules": [
        schedule("constant", 4, 0, [], 0.1),
        schedule("constant", 4, 2, [], 0.1),
        schedule("step", 9, 0, [3, 6], 0.1),
        schedule("step", 9, 0, [2.5, 6, 7.25], 0.3),
        schedule("step", 9, 2, [3, 6], 0.5),
        schedule("cosine", 8, 0, [], 0.1),
        schedule("cosine", 8, 1, [], 0.1),
        schedule("cosine", 5, 3, [], 0.1),
    ],
    "rules": [
        optimizer_steps(name, decay, double, **s)
        for double in [True, False] for name, s in OPTIMIZERS for decay in [0.0, 0.05]
    ],
    "clips": [clipped(norm) for norm in [0.5, 3, 1000]],
    "courses": [
        rates_and_momenta("cosine", 6, Floor=0.1),
        rates_and_momenta("restarts", 7, Period=2),
        rates_and_momenta("restarts", 9, Period=1, Growth=2, Floor=0.01),
        rates_and_momenta("polynomial", 5),
        rates_and_momenta("polynomial", 5, Power=0.9),
        rates_and_momenta("exponential", 6, Gamma=0.9, Staircase=True),
        rates_and_momenta("one_cycle", 10),
        rates_and_momenta("one_cycle", 10, PctStart=0.4, DivFactor=10, FinalDivFactor=100, BaseMomentum=0.85),
        rates_and_momenta("one_cycle", 5, PctStart=0.5, Linear=True, BaseMomentum=0.8),
    ],
}))
