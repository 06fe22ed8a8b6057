"""Writes fixtures.json: what torchvision's resized_crop, Resize and CenterCrop make of pictures of bytes.
Run: python3 fixtures.py > fixtures.json

Made with torchvision 0.29.2 and PyTorch 2.15.0 (PyPI); other versions are refused, so that a difference is seen.
"""

import base64
import json
import sys

import torch
import torchvision
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F

VERSIONS = {"torchvision": "0.29.2", "torch": "2.15.0"}
found = {"torchvision": torchvision.__version__.split("+")[0], "torch": torch.__version__.split("+")[0]}
if found != VERSIONS:
    sys.exit(f"want {VERSIONS}, found {found}")


def noise(channels, height, width, seed):
    """Every level everywhere."""
    return torch.randint(0, 256, (channels, height, width), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))


PICTURES = [noise(3, 37, 53, 1), noise(1, 60, 31, 2), noise(3, 5, 4, 3), noise(1, 2, 301, 4)]
# top, left, height and width of the window, height and width of the result.
CUTS = {
    0: [(0, 0, 37, 53, 16, 16), (3, 2, 30, 41, 17, 12), (1, 0, 1, 1, 5, 3), (9, 11, 20, 7, 20, 7), (0, 5, 37, 40, 18, 40), (4, 4, 6, 8, 15, 15)],
    1: [(0, 0, 60, 31, 8, 8), (20, 3, 33, 28, 31, 30), (59, 0, 1, 31, 4, 9), (0, 0, 60, 31, 1, 1)],
    2: [(0, 0, 5, 4, 16, 16), (1, 1, 3, 3, 2, 2)],
    3: [(0, 0, 2, 301, 6, 6), (0, 50, 2, 200, 3, 11)],
}
# Shorter side after Resize, height and width of the middle that is kept.
FITS = {0: [(16, 14, 14), (37, 32, 32), (50, 44, 43), (25, 24, 25)], 1: [(9, 8, 8), (36, 32, 31), (31, 28, 28)], 2: [(18, 16, 16), (3, 3, 3)], 3: [(2, 2, 2), (7, 6, 5)]}


def text(picture):
    return base64.b64encode(picture.contiguous().numpy().tobytes()).decode()


def cuts():
    for i, all in CUTS.items():
        for top, left, height, width, *size in all:
            result = F.resized_crop(PICTURES[i], top, left, height, width, size, antialias=True)
            yield {"picture": i, "window": [top, left, height, width], "size": size, "result": text(result)}


def fits():
    for i, all in FITS.items():
        for short, *size in all:
            result = v2.Compose([v2.Resize(short, antialias=True), v2.CenterCrop(size)])(PICTURES[i])
            yield {"picture": i, "short": short, "size": size, "result": text(result)}


json.dump(
    {
        "versions": VERSIONS,
        "pictures": [dict(zip(("channels", "height", "width"), p.shape), values=text(p)) for p in PICTURES],
        "cuts": list(cuts()),
        "fits": list(fits()),
    },
    sys.stdout,
    indent=0,
)
