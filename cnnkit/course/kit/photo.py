"""A real picture for the filters, in grey: the photograph that matplotlib brings along, or the learner's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from threading import RLock
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from cnnkit._arguments import given
from cnnkit.course.kit.borrowed import borrowed

SIDE = 180  # pixels on the longer side: large enough to know a face, small enough for a slider
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # what makes a picture of this EXIF orientation upright

_ONE_AT_A_TIME = RLock()  # two threads that both hide warnings could leave them hidden


@cache
def hopper() -> np.ndarray:
    """Return Grace Hopper, who wrote the first compiler, as a (SIDE, SIDE) array of grey between 0 and 1.

    Picture: official U.S. Navy portrait of Commodore Grace M. Hopper, 20 January 1984; as a work of the United States'
    government it is in the public domain. It lies among matplotlib's sample data; where those are not installed, a
    drawn chart takes its place.
    """
    file = borrowed("sample_data/grace_hopper.jpg")
    if file is None:
        return chart()
    with Image.open(file) as image:
        return _grey(image.crop((26, 0, 486, 460)))


def chart() -> np.ndarray:
    """Return a test chart: rings that grow finer to the outside, on which each filter shows what it lets through."""
    y, x = np.ogrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    return (0.5 + 0.5 * np.cos(40 * (x * x + y * y))).astype(np.float32)


def as_grey(image: Any) -> np.ndarray:
    """Return a picture as a float32 array (H, W) between 0 and 1, its longer side at most SIDE pixels.

    image   a file: its path (str, bytes or os.PathLike), what stands in it (bytes), or an object with `read`;
            a Pillow image; or an array or a tensor of pixels, (H, W), (H, W, 1, 3 or 4) or (1, 3 or 4, H, W).
            Where both orders fit, an array is read as (H, W, C) and a tensor as (C, H, W).

    The same pixels give the same picture by every way in. What is black and what is white follows from the type alone,
    never from the pixels: a grey g is

        g                 floats
        g / 65535         whole numbers of 16 bits: the type uint16, and what Pillow opens as such
        g / 255           all other whole numbers

    What is transparent becomes white, and a photo is turned upright as its EXIF data says; damaged data are ignored.

    Errors: ValueError, and nothing else, for a file that is missing or no picture, for an array of another shape, and
    for greys outside 0 to 1 (half a step of 1/255 beyond is a rounding error), NaN and inf.

    >>> as_grey([[0, 255], [51, 0]])
    array([[0. , 1. ],
           [0.2, 0. ]], dtype=float32)
    """
    pillows = isinstance(image, Image.Image)
    if not pillows and not _is_file(image):
        return _grey(_from_array(image))
    with _ONE_AT_A_TIME, catch_warnings():
        simplefilter("ignore")  # Pillow warns of what is damaged or large, and an error says enough
        return _from_pillow(image, f"a Pillow image of mode {image.mode}") if pillows else _from_file(image)


def from_file(file: bytes) -> np.ndarray:
    """Return the picture in an uploaded file's bytes, as `as_grey` has it.

    Errors: ValueError with a sentence for the learner if there is none.
    """
    grey = _read(file)
    if grey is None:
        raise ValueError("This file is not a picture that can be read. Choose another one, a PNG or a JPEG.")
    return grey


@lru_cache(maxsize=4)
def _read(file: bytes) -> np.ndarray | None:  # also remembers the file that is none: lru_cache forgets what is raised
    try:
        return as_grey(BytesIO(file))  # never a path, whatever these bytes may spell
    except ValueError:
        return None


def _is_file(image: Any) -> bool:
    """Whether `image` is a path, what stands in a file, or an open file."""
    try:
        if isinstance(image, memoryview):
            return image.ndim == 1 and image.format in ("B", "b", "c")
        return isinstance(image, (str, bytes, bytearray, os.PathLike)) or callable(getattr(image, "read", None))
    except Exception:  # whatever an object may raise when it is asked
        return False


def _from_file(source: Any) -> np.ndarray:
    if isinstance(source, (bytearray, memoryview)):
        source = bytes(source)
    if isinstance(source, bytes) and not _is_path(source):
        name, source = f"{len(source)} bytes", BytesIO(source)
    else:
        if isinstance(source, (bytes, os.PathLike)):
            with _as_value_error(given(source)):
                source = os.fsdecode(source)
        name = given(source)
    with _as_value_error(name):
        source = Path(source).expanduser() if isinstance(source, str) else source
        picture = Image.open(source)
    with picture:
        return _from_pillow(picture, name)


def _is_path(source: bytes) -> bool:
    """Whether these bytes are the path of a file, as `os.fsencode` writes it, and not what stands in one."""
    try:
        return len(source) < 4096 and 0 not in source and Path(os.fsdecode(source)).is_file()
    except (OSError, ValueError):  # a name too long, or no name on this machine
        return False


@contextmanager
def _as_value_error(name: str) -> Iterator[None]:
    """Turn whatever Pillow or a file object raises into a ValueError that calls the picture `name`."""
    try:
        yield
    except FileNotFoundError:
        raise ValueError(f"image must be a picture's file, but there is no file {name}") from None
    except Exception as error:  # damaged files lead to nearly every kind of error
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if isinstance(error, UnidentifiedImageError):
            why = "its format is not known"
        raise ValueError(f"image must be a picture that Pillow can read, got {name}: {why}") from None


def _from_pillow(image: Image.Image, name: str) -> np.ndarray:
    with _as_value_error(name):
        image.load()  # here a file that is cut short shows itself; TIFF files also turn themselves
        pixels = _deep(image) if image.mode.startswith(("I", "F")) else None
    picture = image if pixels is None else _from_array(pixels)
    with _as_value_error(name):
        turn = TURNS.get(_orientation(image))
        return _grey(picture if turn is None else picture.transpose(turn))


def _orientation(image: Image.Image) -> Any:
    """How the camera was held, from 1 to 8; also for a picture without EXIF data, or with damaged ones, 1: upright."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # what is damaged can be wrong in any way, and the pixels are not
        return 1
    return orientation if isinstance(orientation, int) else 1


def _deep(image: Image.Image) -> np.ndarray:
    """The pixels of a picture of more than 8 bits a grey: uint16 where 65535 is known to be white."""
    pixels = np.asarray(image)
    if image.mode == "I" and image.format in ("PNG", "PPM"):  # 16 bits; elsewhere what is white is not said
        pixels = pixels.astype(np.uint16)
    if pixels.dtype.kind == "i":
        return pixels
    tags = getattr(image, "tag_v2", {})
    white = 65535 if pixels.dtype.kind == "u" else 1
    levels = pixels
    if tags.get(ExifTags.Base.BitsPerSample) == (12,):
        levels = np.rint(pixels * (65535 / 4095)).astype(np.uint16)
    if tags.get(ExifTags.Base.PhotometricInterpretation) == 0:  # 0 is white: Pillow leaves this to its caller
        levels = white - levels
    transparent = image.info.get("transparency")
    return np.where(pixels == transparent, white, levels) if isinstance(transparent, int) else levels


def _from_array(image: Any) -> Image.Image:
    try:
        array = np.asarray(image)
    except Exception as error:  # rows of different lengths, a tensor with a gradient, and whatever an object may raise
        raise ValueError(f"image must be a path, a Pillow image or an array of numbers: {error}") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(f"image must be a path, a Pillow image or an array of numbers, got {given(image)}")
    array = _channels_last(array, _is_tensor(image))
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or 0 in array.shape:
        raise ValueError(f"image must have shape (H, W), (H, W, 3) or (3, H, W), none of them 0; got {array.shape}")
    white = 1 if array.dtype.kind in "bf" else 65535 if array.dtype.kind == "u" and array.dtype.itemsize == 2 else 255
    with np.errstate(all="ignore"):  # whatever the caller has set: NaN and inf are refused in words
        low, top = (float(end) * (255 / white) for end in (array.min(), array.max()))
        if not (low > -0.5 and top < 255.5):  # also false for NaN
            kind = "floats must lie between 0 and 1" if white == 1 else "whole numbers must lie between 0 and 255"
            more = "" if white == 1 else ", or be of the type uint16 if 65535 is white"
            raise ValueError(f"image must hold grey values: {kind}, got {array.min()} to {array.max()}{more}")
        if array.dtype != np.uint8:
            array = np.rint(array.astype(np.float64) * (255 / white)).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(array))


def _is_tensor(image: Any) -> bool:
    torch = sys.modules.get("torch")  # without it nothing is a tensor
    return torch is not None and isinstance(image, torch.Tensor)


def _channels_last(array: np.ndarray, first: bool) -> np.ndarray:
    """A picture as (H, W) or (H, W, C); `first` says that where both orders fit, the first axis is the channels."""
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and (first or array.shape[2] not in (1, 3, 4)):
        array = array.transpose(1, 2, 0)  # torch's order (C, H, W)
    return array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array


def _grey(image: Image.Image) -> np.ndarray:
    if 0 in image.size:
        raise ValueError(f"it has no pixel, but {image.width} x {image.height}")
    if image.mode in ("La", "RGBa"):
        image = image.convert(image.mode.upper())
    if image.mode == "LAB":  # the conversion below would take its second channel for transparency
        raise ValueError("the mode LAB has no grey; convert it to RGB")
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("L")
    if max(image.size) > SIDE:
        scale = SIDE / max(image.size)
        image = image.resize([max(1, round(n * scale)) for n in image.size], Image.Resampling.LANCZOS)
    grey = np.asarray(image, np.float32) / 255
    grey.setflags(write=False)
    return grey
