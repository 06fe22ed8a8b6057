"""Writes gradcam.json beside this file: maps of pytorch-grad-cam on a small network.

    pip install grad-cam torch
    python3 gradcam.py

The tests read the JSON and need no Python. Weights and images are numbers that float32 holds exactly.
"""

import json
import pathlib

import torch
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn

CLASSES, SIDE = 5, 8


def rounded(x):
    return torch.round(x * 256) / 256


def main():
    torch.manual_seed(3)
    net = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 8, 3, 2, padding=1, bias=False),
                        nn.ReLU(), nn.Flatten(), nn.Linear(8 * SIDE * SIDE // 4, CLASSES)).eval()
    with torch.no_grad():
        for name, value in net.state_dict().items():
            if value.dtype == torch.float32:
                drawn = torch.randn(value.shape) * 0.3
                value.copy_(rounded(drawn.abs() + 0.5 if name in ("1.weight", "1.running_var") else drawn))
    images = rounded(torch.randn(3, 3, SIDE, SIDE))
    out = {"classes": CLASSES, "side": SIDE, "images": images.flatten().tolist(), "logits": net(images).flatten().tolist(),
           "weights": {k: v.flatten().tolist() for k, v in net.state_dict().items() if v.dtype == torch.float32}, "maps": []}
    for place, layer in (("", net[4]), ("1", net[1])):
        for wanted in ([0, 1, 2], [4, 4, 3]):
            with GradCAM(model=net, target_layers=[layer]) as cam:
                cam.get_target_width_height = lambda _: None  # maps as they are, not stretched over the image
                maps = cam(input_tensor=images, targets=[ClassifierOutputTarget(k) for k in wanted])
            out["maps"].append({"place": place, "classes": wanted, "height": maps.shape[1], "width": maps.shape[2],
                                "values": maps.flatten().tolist()})
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(out, separators=(",", ":")).replace('],"', '],\n"').replace("]},{", "]},\n{") + "\n")


main()
