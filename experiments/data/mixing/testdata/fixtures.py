"""Writes fixtures.json: what torchvision's v2 MixUp and CutMix make of a batch for given shares and places. Run:
python3 fixtures.py > fixtures.json

Made with torchvision 0.29.2 and PyTorch 2.15.0 (PyPI); other versions are refused, so that a difference is seen.
"""

import json
import sys
from unittest import mock

import torch
import torchvision
from torchvision.transforms import v2

VERSIONS = {"torchvision": "0.29.2", "torch": "2.15.0"}
found = {"torchvision": torchvision.__version__.split("+")[0], "torch": torch.__version__.split("+")[0]}
if found != VERSIONS:
    sys.exit(f"want {VERSIONS}, found {found}")

N, C, H, W, CLASSES = 4, 2, 5, 7, 6
images = torch.randn(N, C, H, W, generator=torch.Generator().manual_seed(1))
labels = torch.tensor([3, 0, 0, 5])


def mixed(transform, share, x=0, y=0):
    """The transform with its three random numbers given."""
    with mock.patch.object(transform._dist, "sample", lambda _: torch.tensor(share, dtype=torch.float64)):
        with mock.patch("torch.randint", side_effect=[torch.tensor([x]), torch.tensor([y])]):
            out, targets = transform(images, labels)
    return {"share": share, "x": x, "y": y, "images": out.flatten().tolist(), "targets": targets.flatten().tolist()}


print(json.dumps({
    "shape": [N, C, H, W], "classes": CLASSES, "images": images.flatten().tolist(), "labels": labels.tolist(),
    "mixup": [mixed(v2.MixUp(num_classes=CLASSES), share) for share in (0.0, 0.3, 0.5, 0.9371, 1.0)],
    "cutmix": [mixed(v2.CutMix(num_classes=CLASSES), *p) for p in
               ((0.0, 3, 2), (0.3, 0, 0), (0.5, 6, 4), (0.62, 2, 3), (0.99, 3, 2), (1.0, 3, 2))],
}))
