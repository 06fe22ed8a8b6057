"""Writes adaptive.json: what PyTorch's AdaptiveAvgPool2d and its gradient make of maps that are smaller and larger than
the grid. Run: python3 adaptive.py > adaptive.json

Needs PyTorch 1.13 or newer (Debian 12: python3-torch); its version is in the file.
"""
import json

import torch

SIZES = [(1, 1), (2, 3), (3, 4), (6, 5), (13, 8)]  # height, width of the maps
GRIDS = [(6, 6), (7, 7), (4, 9)]


def row(tensor):
    return [round(v, 9) for v in tensor.flatten().tolist()]


cases = []
for h, w in SIZES:
    for grid in GRIDS:
        x = torch.sin(torch.arange(h * w, dtype=torch.float64)).reshape(1, 1, h, w).requires_grad_()
        y = torch.nn.AdaptiveAvgPool2d(grid)(x)
        dy = torch.cos(torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)
        y.backward(dy)
        cases.append({"size": [h, w], "grid": grid, "y": row(y), "dx": row(x.grad)})
print("{" + json.dumps("torch") + ": " + json.dumps(torch.__version__) + ', "cases": [')
print(",\n".join(json.dumps(c) for c in cases) + "\n]}")
