"""Writes pictures.json: small files of pictures in many formats, with what Pillow makes of each: its size and its pixels
as convert("RGB") and, of some, convert("L") have them, or why it refuses the file.
Run: python3 pictures.py > pictures.json

Made with Pillow 13.0.0 (PyPI); other versions are refused, so that a difference is seen.
"""

import base64
import io
import json
import struct
import subprocess
import sys
import zlib

import PIL
from PIL import Image, ImageOps

if PIL.__version__ != "13.0.0":
    sys.exit(f"want Pillow 13.0.0, found {PIL.__version__}")

FILES = {}


def scene(width, height, mode="RGB"):
    """Colours that change smoothly, with an edge and a patch of noise."""
    picture = Image.new("RGB", (width, height))
    state = 1
    for y in range(height):
        for x in range(width):
            state = (state * 1103515245 + 12345) % 2**31
            r, g, b = 255 * x // max(width - 1, 1), 255 * y // max(height - 1, 1), 128 + 9 * ((x * y) % 14)
            if x > width // 2 and y > height // 2:
                r, g, b = r // 2 + (state >> 20) % 60, 255 - g, (state >> 16) % 256
            picture.putpixel((x, y), (r, g, b))
    return picture.convert(mode)


def save(name, picture, **options):
    into = io.BytesIO()
    picture.save(into, **options)
    FILES[name] = into.getvalue()


def cjpeg(picture, *options):
    """What Pillow cannot write, by libjpeg-turbo's program (2.1.5)."""
    pixmap = io.BytesIO()
    picture.save(pixmap, format="PPM")
    return subprocess.run(["cjpeg", *options], input=pixmap.getvalue(), stdout=subprocess.PIPE, check=True).stdout


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, extra=b"", interlaced=0):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def jpegs():
    colour = scene(23, 17)
    for name, subsampling in [("444", 0), ("422", 1), ("420", 2)]:
        save(f"{name}.jpg", colour, format="JPEG", quality=90, subsampling=subsampling)
    for name, factors in [("440", "1x2"), ("411", "4x1"), ("410", "4x2")]:
        FILES[f"{name}.jpg"] = cjpeg(colour, "-quality", "90", "-sample", factors)
    save("low.jpg", scene(40, 24), format="JPEG", quality=20, optimize=True)
    save("progressive.jpg", colour, format="JPEG", quality=85, progressive=True)
    save("progressive_444.jpg", colour, format="JPEG", quality=95, progressive=True, subsampling=0)
    save("grey.jpg", scene(23, 17, "L"), format="JPEG", quality=90)
    save("cmyk.jpg", scene(16, 16, "CMYK"), format="JPEG", quality=90)
    FILES["ycck.jpg"] = FILES["cmyk.jpg"].replace(b"Adobe\0\x64\0\0\0\0\0", b"Adobe\0\x64\0\0\0\0\2")
    assert FILES["ycck.jpg"] != FILES["cmyk.jpg"]
    FILES["arithmetic.jpg"] = cjpeg(colour, "-arithmetic")
    save("rgb.jpg", colour, format="JPEG", quality=90, keep_rgb=True)
    save("restart.jpg", scene(40, 24), format="JPEG", quality=90, restart_marker_blocks=2)
    for width, height in [(1, 1), (2, 3), (3, 2), (4, 4), (5, 1), (6, 5), (8, 8), (9, 16), (17, 33)]:
        save(f"420_{width}x{height}.jpg", scene(width, height), format="JPEG", quality=92, subsampling=2)
        save(f"422_{width}x{height}.jpg", scene(width, height), format="JPEG", quality=92, subsampling=1)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        save(f"exif_{orientation}.jpg", scene(11, 6), format="JPEG", quality=95, exif=exif)
    FILES["no_end.jpg"] = FILES["420.jpg"][:-2]
    FILES["more_behind.jpg"] = FILES["420.jpg"] + b"more"
    FILES["cut_short.jpg"] = FILES["low.jpg"][:-60]
    FILES["header_only.jpg"] = FILES["low.jpg"][:300]


def pngs():
    colour = scene(13, 9)
    save("rgb.png", colour, format="PNG")
    save("grey.png", colour.convert("L"), format="PNG")
    save("bits.png", colour.convert("1"), format="PNG")
    save("palette.png", colour.quantize(200), format="PNG")
    save("palette_4_bits.png", colour.quantize(13), format="PNG")
    save("palette_transparent.png", colour.quantize(16), format="PNG", transparency=3)
    alpha = colour.copy()
    alpha.putalpha(scene(13, 9, "L"))
    save("rgba.png", alpha, format="PNG")
    save("grey_alpha.png", alpha.convert("LA"), format="PNG")
    save("rgb_transparent.png", colour, format="PNG", transparency=colour.getpixel((3, 3)))
    save("orient.png", scene(11, 6), format="PNG", exif=orientation_of(6))
    deep = [struct.pack(">9H", *[(257 * 19 * (x + y) + 97 * x) % 65536 for x in range(9)]) for y in range(5)]
    FILES["grey_16.png"] = png(9, 5, 16, 0, deep)
    FILES["rgb_16.png"] = png(3, 5, 16, 2, deep)
    FILES["grey_2_bits.png"] = png(8, 2, 2, 0, [b"\x1b\xe4", b"\x93\x27"])
    header = struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 1)
    interlaced = b"\0\x0a\x14\x1e" + b"\0\x28\x32\x3c" + b"\0\x46\x50\x5a\x64\x6e\x78"
    FILES["interlaced.png"] = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(interlaced)) + chunk(b"IEND", b"")
    FILES["cut_short.png"] = FILES["rgb.png"][:-40]
    damaged = bytearray(FILES["rgb.png"])
    damaged[60] ^= 255
    FILES["damaged.png"] = bytes(damaged)
    FILES["bomb.png"] = png(60000, 60000, 8, 2, [])


def orientation_of(n):
    exif = Image.Exif()
    exif[0x0112] = n
    return exif


def others():
    colour = scene(13, 9)
    palette = colour.quantize(60)
    save("still.gif", palette, format="GIF")
    save("transparent.gif", palette, format="GIF", transparency=5)
    save("animated.gif", palette, format="GIF", save_all=True, append_images=[palette.rotate(180)])
    inside = bytearray(FILES["still.gif"])
    inside[6:10] = struct.pack("<HH", 16, 12)  # a larger screen
    at = inside.index(b"\x2c\0\0\0\0", 13)
    inside[at + 1 : at + 5] = struct.pack("<HH", 2, 1)
    FILES["inside.gif"] = bytes(inside)
    FILES["cut_short.gif"] = FILES["still.gif"][:-80]
    save("lossless.webp", colour, format="WEBP", lossless=True)
    save("lossy.webp", scene(23, 17), format="WEBP", quality=80)
    save("lossy_even.webp", scene(24, 16), format="WEBP", quality=60)
    alpha = colour.copy()
    alpha.putalpha(scene(13, 9, "L"))
    save("alpha.webp", alpha, format="WEBP", quality=80, exact=True)
    save("alpha_lossless.webp", alpha, format="WEBP", lossless=True, exact=True)
    save("animated.webp", colour, format="WEBP", save_all=True, append_images=[colour.rotate(180)])
    save("rgb.bmp", colour, format="BMP")
    save("palette.bmp", palette, format="BMP")
    save("rgba.bmp", alpha, format="BMP")
    save("rgb.tiff", colour, format="TIFF")
    save("lzw.tiff", colour, format="TIFF", compression="tiff_lzw")
    save("deflate.tiff", colour, format="TIFF", compression="tiff_adobe_deflate")
    save("grey.tiff", colour.convert("L"), format="TIFF")
    save("palette.tiff", palette, format="TIFF")
    save("rgba.tiff", alpha, format="TIFF")
    FILES["png_by_content.jpg"] = FILES["rgb.png"]
    FILES["empty.jpg"] = b""
    FILES["text.jpg"] = b"This is no picture.\n"
    FILES["html.jpg"] = b"<!DOCTYPE html><title>404</title>"


def planes(picture):
    return base64.b64encode(b"".join(band.tobytes() for band in picture.split())).decode()


def described(data):
    try:
        opened = Image.open(io.BytesIO(data))
        size, pixels = opened.size, opened.convert("RGB")
        found = {"width": size[0], "height": size[1], "mode": opened.mode, "rgb": planes(pixels)}
        opened = Image.open(io.BytesIO(data))
        if opened.format in ("PNG", "JPEG") and size[0] * size[1] < 160:
            found["grey"] = planes(opened.convert("L"))
        upright = ImageOps.exif_transpose(opened)
        if upright.size != size or opened.getexif().get(0x0112, 1) > 1:
            found["upright"] = {"width": upright.size[0], "height": upright.size[1], "rgb": planes(upright.convert("RGB"))}
        return found
    except Exception as e:
        return {"error": f"{type(e).__name__}"}


jpegs()
pngs()
others()
encoded = {name: {"file": base64.b64encode(data).decode(), **described(data)} for name, data in sorted(FILES.items())}
json.dump(encoded, sys.stdout, indent=0)
