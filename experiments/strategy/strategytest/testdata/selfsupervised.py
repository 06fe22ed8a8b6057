"""Methods without labels, and one with, that methods.py has not: one function each, as there."""
import torch
import torch.nn.functional as F
from torch import nn

from training import BATCHES, SGD

FEATURES, HIDDEN, OUT = 16, 16, 8


def slowly(run, rate):
    """The rate of a method whose rounding would grow too far at the others'."""
    run.optimizer.param_groups[0]["lr"] = rate
    run.say(optimizer={"name": "sgd"} | SGD | {"lr": rate})


def rotation(run, every=True, batch=8):
    """Rotation prediction (Gidaris et al. 2018), after gidariss/FeatureLearningRotNet: dataloader.py (an image is
    augmented, then turned by all four angles, which are one batch) and architectures (cross-entropy).

    Choices: turned images come angle by angle, not image by image, which changes nothing in a mean and in the
    statistics of a batch but the order of sums. With every False, an image is turned by one angle, which was drawn.

    batch/image [3, 8, 3, 8, 8]: before they are turned; with every False, after. seen: logits [32, 4] or [8, 4].
    facts: every_angle, target [3][8] (of images that are turned already).
    """
    net = run.network(rotation=nn.Linear(FEATURES, 4))
    x, angles = run.pictures("image", batch), torch.randint(4, (BATCHES, batch))
    run.say(method="rotation", every_angle=every, target=angles.tolist())
    for step, i in run.steps():
        turned, angle = x[i], angles[i]
        if every:
            turned = torch.cat([torch.rot90(x[i], k, (2, 3)) for k in range(4)])
            angle = torch.arange(4).repeat_interleave(batch)
        logits = net.rotation(net.features(turned))
        run.see(logits=logits)
        run.descend(F.cross_entropy(logits, angle))
