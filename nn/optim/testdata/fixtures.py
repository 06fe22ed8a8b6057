"""Writes fixtures.json: what PyTorch's SGD and its learning-rate schedules do. Run: python3 fixtures.py > fixtures.json

Needs PyTorch 1.13 or newer (Debian 12: python3-torch); the version is in the file.
"""

import itertools
import json
import random
import warnings

import torch
from torch.optim import lr_scheduler as schedules

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


def factors(epochs, make):
    """The factor of the rate at the start of every step and at the end."""
    sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = make(sgd)
    got = []
    for _ in range(epochs * STEPS_PER_EPOCH + 1):
        got.append(sgd.param_groups[0]["lr"])
        sgd.step()
        schedule.step()
    return got


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
        "factors": factors(epochs, make),
    }


print(json.dumps({
    "torch": torch.__version__,
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
}))
