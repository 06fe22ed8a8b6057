"""Writes fixtures.json: what the formulas of make_cifar_c.py (Hendrycks and Dietterich 2019, github.com/hendrycks/robustness)
make of two pictures of 32×32 pixels, and how their noise is distributed. Run: python3 fixtures.py > fixtures.json

Made with numpy 2.4.6, scikit-image 0.26.0, opencv-python-headless 5.0.0 and Pillow 13.0.0 (PyPI).
"""

import base64
import json
import zlib
from io import BytesIO

import cv2
import numpy as np
import skimage as sk
from PIL import Image
from skimage.filters import gaussian

SIDE = 32


def pictures():
    """A scene of smooth colours with patches of grey, black, white and pure colours, and noise of a photograph's smoothness."""
    y, x = np.meshgrid(np.linspace(0, 1, SIDE), np.linspace(0, 1, SIDE), indexing="ij")
    scene = np.stack([40 + 150 * x, 60 + 100 * y, 90 + 60 * np.sin(5 * x * y)], -1)
    colours = [(128, 128, 128), (0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 0, 255), (10, 200, 200)]
    for i, colour in enumerate(colours):
        scene[4 * i : 4 * i + 5, 3 * i : 3 * i + 6] = colour
    rng = np.random.default_rng(1)
    noise = gaussian(rng.normal(size=(SIDE, SIDE, 3)), sigma=1.5, channel_axis=-1)
    noise = 128 + 60 * noise / noise.std() + rng.normal(scale=6, size=noise.shape)
    return [np.uint8(np.clip(p, 0, 255)) for p in (scene, noise)]


def disk(radius, alias_blur):
    L = np.arange(-8, 9)
    X, Y = np.meshgrid(L, L)
    aliased = np.array((X**2 + Y**2) <= radius**2, dtype=np.float32)
    aliased /= np.sum(aliased)
    return cv2.GaussianBlur(aliased, ksize=(3, 3), sigmaX=alias_blur)


def gaussian_blur(x, c):
    return np.clip(gaussian(x / 255.0, sigma=c, channel_axis=-1), 0, 1) * 255


def defocus_blur(x, c):
    kernel = disk(*c)
    x = x / 255.0
    return np.clip(np.stack([cv2.filter2D(np.ascontiguousarray(x[:, :, d]), -1, kernel) for d in range(3)], -1), 0, 1) * 255


def contrast(x, c):
    x = x / 255.0
    means = np.mean(x, axis=(0, 1), keepdims=True)
    return np.clip((x - means) * c + means, 0, 1) * 255


def brightness(x, c):
    x = sk.color.rgb2hsv(x / 255.0)
    x[:, :, 2] = np.clip(x[:, :, 2] + c, 0, 1)
    return np.clip(sk.color.hsv2rgb(x), 0, 1) * 255


def jpeg_compression(x, c):
    output = BytesIO()
    Image.fromarray(x).save(output, "JPEG", quality=c)
    return np.array(Image.open(output))


def pixelate(x, c):
    small = Image.fromarray(x).resize((int(SIDE * c), int(SIDE * c)), Image.BOX)
    return np.array(small.resize((SIDE, SIDE), Image.BOX))


EXACT = {
    "gaussian_blur": (gaussian_blur, [0.4, 0.6, 0.7, 0.8, 1]),
    "defocus_blur": (defocus_blur, [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)]),
    "contrast": (contrast, [0.75, 0.5, 0.4, 0.3, 0.15]),
    "brightness": (brightness, [0.05, 0.1, 0.15, 0.2, 0.3]),
    "jpeg_compression": (jpeg_compression, [80, 65, 58, 50, 40]),
    "pixelate": (pixelate, [0.95, 0.9, 0.85, 0.75, 0.65]),
}

rng = np.random.default_rng(2)
NOISE = {
    "gaussian_noise": (lambda x, c: x + rng.normal(size=x.shape, scale=c), [0.04, 0.06, 0.08, 0.09, 0.10]),
    "shot_noise": (lambda x, c: rng.poisson(x * c) / c, [500, 250, 100, 75, 50]),
    "impulse_noise": (lambda x, c: sk.util.random_noise(x, mode="s&p", amount=c, rng=rng), [0.01, 0.02, 0.03, 0.05, 0.07]),
}


def moments(f, c, level):
    """Of a million values of a level: mean, deviation, and the shares of black and of full ones."""
    v = np.uint8(np.clip(f(np.full(1_000_000, level / 255.0), c), 0, 1) * 255)
    return [level, v.mean(), v.std(), (v == 0).mean(), (v == 255).mean()]


def encoded(x):
    return base64.b64encode(zlib.compress(np.ascontiguousarray(x.transpose(2, 0, 1)).tobytes(), 9)).decode()


def results(f, constants):
    """Of the scene at every strength, of the other picture at the middle one."""
    scene, noise = pictures()
    return {"scene": [encoded(np.uint8(f(scene, c))) for c in constants], "noise": encoded(np.uint8(f(noise, constants[2])))}


if __name__ == "__main__":
    print(json.dumps({
        "pictures": [encoded(p) for p in pictures()],
        "exact": {name: results(f, constants) for name, (f, constants) in EXACT.items()},
        "noise": {name: [[moments(f, c, level) for level in (0, 20, 130, 250)] for c in constants] for name, (f, constants) in NOISE.items()},
    }))
