"""A real picture for the filters, in grey: the photograph that matplotlib brings along, or the learner's own."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from cnnkit._arguments import given

SIDE = 180  # pixels on the longer side: large enough to know a face, small enough for a slider


@cache
def hopper() -> np.ndarray:
    """Return Grace Hopper, who wrote the first compiler, as a (SIDE, SIDE) array of grey between 0 and 1.

    Picture: official U.S. Navy portrait of Commodore Grace M. Hopper, 20 January 1984; as a work of the United States'
    government it is in the public domain. It lies among matplotlib's sample data; where those are not installed, a
    drawn chart takes its place.
    """
    package = find_spec("matplotlib")
    if package is None or package.origin is None:
        return chart()
    file = Path(package.origin).parent / "mpl-data/sample_data/grace_hopper.jpg"
    if not file.is_file():
        return chart()
    with Image.open(file) as image:
        return _grey(image.crop((26, 0, 486, 460)))


def chart() -> np.ndarray:
    """Return a test chart: rings that grow finer to the outside, on which each filter shows what it lets through."""
    y, x = np.ogrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    return (0.5 + 0.5 * np.cos(40 * (x * x + y * y))).astype(np.float32)


def as_grey(image: Any) -> np.ndarray:
    """Return a picture as a float32 array (H, W) between 0 and 1, its longer side at most SIDE pixels.

    image   a file's path or its bytes, a Pillow image, or an array: (H, W), (H, W, 3 or 4) or (3, H, W),
            whole numbers from 0 to 255 or floats from 0 to 1

    Errors: ValueError for a file that is missing or no picture, and for an array that is none of the above.

    >>> as_grey([[0, 255], [51, 0]])
    array([[0. , 1. ],
           [0.2, 0. ]], dtype=float32)
    """
    if isinstance(image, Image.Image):
        return _grey(image)
    if isinstance(image, (str, Path, bytes, bytearray, memoryview)):
        return _grey(_opened(image))
    return _grey(_from_array(image))


def _opened(source: str | Path | bytes | bytearray | memoryview) -> Image.Image:
    name = given(str(source)) if isinstance(source, (str, Path)) else f"{len(source)} bytes"
    try:
        file = Path(source).expanduser() if isinstance(source, (str, Path)) else BytesIO(source)
        with Image.open(file) as image:
            return ImageOps.exif_transpose(image.copy())  # a telephone writes the turn beside the pixels
    except FileNotFoundError:
        raise ValueError(f"image must be a picture's file, but there is no file {name}") from None
    except (
        OSError,
        RuntimeError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:  # what Pillow raises
        raise ValueError(f"image must be a picture that Pillow can read, got {name}: {error}") from None


def _from_array(image: Any) -> Image.Image:
    try:
        array = np.asarray(image)
    except (ValueError, TypeError, RuntimeError) as error:  # rows of different lengths, a tensor with a gradient
        raise ValueError(f"image must be a path, a Pillow image or an array of numbers: {error}") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"image must be a path, a Pillow image or an array of numbers, got {given(image)}")
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)  # torch's order (C, H, W)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or 0 in array.shape:
        raise ValueError(f"image must have shape (H, W), (H, W, 3) or (3, H, W), none of them 0; got {array.shape}")
    high = 1 if array.dtype.kind in "bf" else 255
    low, top = array.min(), array.max()
    if not (low >= 0 and top <= high):  # also false for NaN
        kind = "floats must lie between 0 and 1" if high == 1 else "whole numbers must lie between 0 and 255"
        raise ValueError(f"image must hold grey values: {kind}, got {low} to {top}")
    return Image.fromarray(np.rint(array.astype(np.float64) * (255 / high)).astype(np.uint8))


def _grey(image: Image.Image) -> np.ndarray:
    if image.mode.startswith(("I", "F")):  # 16-bit scans and the like: their brightest pixel is taken for white
        array = np.nan_to_num(np.asarray(image, np.float64))
        image = Image.fromarray(np.rint(255 * array / max(array.max(), 1)).clip(0, 255).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("L")
    if max(image.size) > SIDE:
        scale = SIDE / max(image.size)
        image = image.resize([max(1, round(n * scale)) for n in image.size], Image.Resampling.LANCZOS)
    grey = np.asarray(image, np.float32) / 255
    grey.setflags(write=False)
    return grey
