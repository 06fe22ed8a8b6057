"""Measures how long torchvision's v2 transforms take for SimCLR's two views of a picture of 32×32 pixels, on one thread:
the policy of BenchmarkTwoViews. Prints microseconds of processor time for both views of a picture, one at a time and in
batches of 256 pictures that are all changed alike, which is no augmentation but the least that its arithmetic can cost.
Run: python3 speed.py
"""

import time

import torch
import torchvision
from torchvision.transforms import v2

torch.set_num_threads(1)
policy = v2.Compose(
    [
        v2.RandomResizedCrop(32, antialias=True),
        v2.RandomHorizontalFlip(),
        v2.RandomApply([v2.ColorJitter(0.8, 0.8, 0.8, 0.2)], p=0.8),
        v2.RandomGrayscale(0.2),
        v2.RandomApply([v2.GaussianBlur(3, sigma=(0.1, 2.0))], p=0.5),
    ]
)


def microseconds(picture, pictures, repeats):
    for _ in range(3):
        policy(picture)
    start = time.process_time()
    for _ in range(repeats):
        policy(picture)
        policy(picture)
    return (time.process_time() - start) / repeats / pictures * 1e6


one = torch.randint(0, 256, (3, 32, 32), dtype=torch.uint8)
many = torch.randint(0, 256, (256, 3, 32, 32), dtype=torch.uint8)
print(f"torchvision {torchvision.__version__}, PyTorch {torch.__version__}")
print(f"one at a time: {microseconds(one, 1, 2000):.1f} µs a picture; alike in batches of 256: {microseconds(many, 256, 100):.1f} µs")
