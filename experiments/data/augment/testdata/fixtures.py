"""Writes fixtures.json: what torchvision's operators make of small pictures of bytes, the strengths that its policies
give them, and its policy for CIFAR-10. Run: python3 fixtures.py > fixtures.json

Made with torchvision 0.29.2 and PyTorch 2.15.0 (PyPI); other versions are refused, so that a difference is seen.
"""

import base64
import json
import math
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


def scene(height, width):
    """Colours that change smoothly, of a narrow range of levels, with patches of grey, black, white and pure colours."""
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    picture = torch.stack([40 + 150 * x, 60 + 100 * y, 90 + 60 * torch.sin(5 * x * y)]).to(torch.uint8)
    for i, colour in enumerate([(128, 128, 128), (0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255), (10, 200, 200)]):
        top, left = 2 * i, 2 + i
        picture[:, top : top + 2, left : left + 3] = torch.tensor(colour, dtype=torch.uint8)[:, None, None]
    return picture


# The last one is for equalize alone, which leaves pictures of fewer than 255 pixels.
PICTURES = [noise(3, 11, 13, 1), scene(13, 11), noise(1, 12, 9, 2), scene(18, 33)]


def affine(picture, translate=(0, 0), shear=(0.0, 0.0), center=None):
    return F.affine(picture, angle=0.0, translate=list(translate), scale=1.0, shear=list(shear), center=center)


def degrees(slope):
    return math.degrees(math.atan(slope))


def resize(picture, top, left, height, width):
    return F.resized_crop(picture, int(top), int(left), int(height), int(width), list(picture.shape[-2:]), antialias=True)


OPERATORS = {
    "resize": (resize, [(0, 0, 11, 9), (3, 2, 7, 5), (1, 0, 1, 1), (2, 4, 2, 5), (0, 0, 9, 9), (5, 1, 6, 8)]),
    "brightness": (F.adjust_brightness, [(0.0,), (0.3,), (0.85,), (1.0,), (1.4,), (1.99,)]),
    "contrast": (F.adjust_contrast, [(0.0,), (0.3,), (0.85,), (1.0,), (1.4,), (1.99,)]),
    "saturation": (F.adjust_saturation, [(0.0,), (0.3,), (0.85,), (1.0,), (1.4,), (1.99,)]),
    "hue": (F.adjust_hue, [(-0.5,), (-0.2,), (-0.03,), (0.1,), (0.37,), (0.5,)]),
    "grey": (lambda p: F.rgb_to_grayscale(p, num_output_channels=p.shape[0]), [()]),
    "blur": (lambda p, side, sigma: F.gaussian_blur(p, [int(side)] * 2, [sigma] * 2), [(3, 0.1), (3, 0.7), (3, 2.0), (7, 1.3), (9, 2.0)]),
    "sharpness": (F.adjust_sharpness, [(0.0,), (0.3,), (0.85,), (1.0,), (1.4,), (1.99,)]),
    "posterize": (lambda p, bits: F.posterize(p, int(bits)), [(1,), (2,), (4,), (7,), (8,)]),
    "solarize": (F.solarize, [(0.0,), (100.3,), (128.0,), (255.0,)]),
    "invert": (F.invert, [()]),
    "autocontrast": (F.autocontrast, [()]),
    "equalize": (F.equalize, [()]),
    "rotate": (F.rotate, [(-135.0,), (-90.0,), (-30.0,), (-4.5,), (0.0,), (9.0,), (30.0,), (77.0,), (180.0,)]),
    "shear_x": (lambda p, by: affine(p, shear=(degrees(by), 0.0), center=[0, 0]), [(-0.99,), (-0.3,), (0.09,), (0.3,), (0.66,)]),
    "shear_y": (lambda p, by: affine(p, shear=(0.0, degrees(by)), center=[0, 0]), [(-0.99,), (-0.3,), (0.09,), (0.3,), (0.66,)]),
    "translate_x": (lambda p, by: affine(p, translate=(by, 0)), [(-20,), (-5,), (-0.7,), (0,), (1,), (2.3,), (4,)]),
    "translate_y": (lambda p, by: affine(p, translate=(0, by)), [(-20,), (-5,), (-0.7,), (0,), (1,), (2.3,), (4,)]),
}


def text(picture):
    return base64.b64encode(picture.contiguous().numpy().tobytes()).decode()


def cases():
    for name, (operator, strengths) in OPERATORS.items():
        for arguments in strengths:
            pictures = PICTURES if name == "equalize" else PICTURES[:3]
            results = [text(operator(picture.clone(), *arguments)) for picture in pictures]
            yield {"operator": name, "arguments": list(arguments), "results": results}


def strengths():
    """By policy, size of the picture and operator: the strength in every bin."""
    for policy, bins in [(v2.RandAugment, 31), (v2.TrivialAugmentWide, 31), (v2.AutoAugment, 10)]:
        for height, width in [(32, 32), (13, 11)]:
            space = {}
            for name, (magnitudes, signed) in policy._AUGMENTATION_SPACE.items():
                values = magnitudes(bins, height, width)
                space[name] = {"signed": signed, "values": None if values is None else values.tolist()}
            yield {"policy": policy.__name__, "height": height, "width": width, "operators": space}


json.dump(
    {
        "versions": VERSIONS,
        "pictures": [dict(zip(("channels", "height", "width"), p.shape), values=text(p)) for p in PICTURES],
        "cases": list(cases()),
        "strengths": list(strengths()),
        "cifar10": v2.AutoAugment(v2.AutoAugmentPolicy.CIFAR10)._policies,
    },
    sys.stdout,
    indent=0,
)
