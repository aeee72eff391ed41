"""The one door for pictures: the same pixels give the same picture, or one sentence says why not."""

import io
import os
import pathlib
import struct
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image
from torch.nn import functional as F

from cnnkit.course.convolution.explorers import FilterPicture
from cnnkit.course.kit.photo import TURNS, as_grey
from cnnkit.course.kit.view import _content
from cnnkit.course.pooling.explorers import Downsample

RAMP = np.linspace(0, 128, 64).reshape(8, 8).astype(np.uint8)
STEP = 0.5 / 255 + 1e-6  # a picture has 256 greys


def encoded(image, form="PNG", **options) -> bytes:
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, form, **options)
    return buffer.getvalue()


def pgm(deep: np.ndarray) -> bytes:
    """A grey picture of 16 bits, as the format's definition has it."""
    return b"P5 %d %d 65535 " % deep.shape[::-1] + deep.astype(">u2").tobytes()


def tiff(pixels: np.ndarray, *, bits: int, zero_is_white: bool) -> bytes:
    """A TIFF file of one row of grey pixels, by hand: Pillow writes neither 12 bits nor zeros that are white."""
    kind = 3 if pixels.dtype.kind == "f" else 1
    strip = pixels.tobytes()
    if bits == 12:
        strip = b"".join(bytes([a >> 4, (a & 15) << 4 | b >> 8, b & 255]) for a, b in pixels.reshape(-1, 2).tolist())
    tags = {256: pixels.size, 257: 1, 258: bits, 259: 1, 262: int(not zero_is_white), 273: 8, 277: 1}
    tags |= {278: 1, 279: len(strip), 339: kind}
    entries = b"".join(struct.pack("<HHIHH", tag, 3, 1, value, 0) for tag, value in tags.items())
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return struct.pack("<2sHI", b"II", 42, 8 + len(strip)) + strip + directory


class Named:
    """A path of another library."""

    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return self.path


# One door


@settings(max_examples=25, deadline=None)
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=9)), st.sampled_from(["grey", "colour", "clear"]))
def test_the_same_pixels_are_the_same_picture_by_every_way_in(tmp_path_factory, grey, kind):
    pixels = grey if kind == "grey" else np.stack([grey, grey.T.reshape(grey.shape), 255 - grey], axis=2)
    if kind == "clear":
        pixels = np.concatenate([pixels, grey[:, :, None]], axis=2)
    planes = pixels[None] if kind == "grey" else pixels.transpose(2, 0, 1)
    file = encoded(pixels)
    path = tmp_path_factory.mktemp("photo") / "a b ü.png"
    path.write_bytes(file)
    with path.open("rb") as opened, os.scandir(path.parent) as entries:
        opened.read(3)  # where the reader stands does not matter
        ways = {
            "array": pixels, "list": pixels.tolist(), "floats": pixels / 255, "float32": np.float32(pixels / 255),
            "16 bits": pixels.astype(np.uint16) * 257, "big-endian": (pixels.astype(np.uint16) * 257).astype(">u2"),
            "int64": pixels.astype(np.int64), "a view of pixels": memoryview(np.ascontiguousarray(pixels)),
            "tensor": torch.tensor(planes), "float tensor": torch.tensor(planes) / 255,
            "Pillow image": Image.fromarray(pixels), "lazy Pillow image": Image.open(io.BytesIO(file)),
            "bytes": file, "bytearray": bytearray(file), "memoryview": memoryview(file),
            "file object": opened, "buffer": io.BytesIO(file),
            "str": str(path), "Path": path, "PurePath": pathlib.PurePath(path), "bytes path": os.fsencode(path),
            "DirEntry": next(entries), "Named": Named(str(path)), "named bytes": Named(os.fsencode(path)),
        }  # fmt: skip
        shown = {name: as_grey(image) for name, image in ways.items()}
    for name, picture in shown.items():
        assert picture.dtype == np.float32
        assert not picture.flags.writeable
        np.testing.assert_array_equal(picture, shown["array"], err_msg=name)
    if kind == "grey":
        np.testing.assert_allclose(shown["array"], grey / 255, atol=1e-6)


def test_a_file_object_stays_open_and_may_be_one_that_cannot_go_back():
    class Stream(io.BytesIO):
        def seek(self, *args):
            raise io.UnsupportedOperation("seek")

    file = io.BytesIO(encoded(RAMP))
    assert np.array_equal(as_grey(file), as_grey(file))
    assert not file.closed
    assert np.array_equal(as_grey(Stream(file.getvalue())), as_grey(RAMP))


@pytest.mark.parametrize("shape", [(1, 5, 3), (3, 4, 1), (4, 6, 4), (1, 7, 1), (3, 3, 3)])
def test_where_both_orders_fit_a_tensor_has_its_channels_first_and_an_array_last(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert as_grey(pixels).shape == shape[:2]
    assert as_grey(torch.tensor(pixels)).shape == shape[1:]


# Turned as the camera was held


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("form", ["PNG", "TIFF", "WEBP"])
def test_a_photo_is_upright_by_every_way_in(tmp_path, orientation, form):
    exif = Image.Exif()
    exif[0x112] = orientation
    lying = np.random.default_rng(1).integers(0, 256, (4, 6, 3), np.uint8)
    file = encoded(lying, form, exif=exif, **({"lossless": True} if form == "WEBP" else {}))
    (tmp_path / "photo").write_bytes(file)
    upright = Image.fromarray(lying)
    if orientation in TURNS:
        upright = upright.transpose(TURNS[orientation])
    loaded = Image.open(io.BytesIO(file))
    loaded.load()
    copied = Image.open(io.BytesIO(file)).copy()
    for way in (file, tmp_path / "photo", io.BytesIO(file), Image.open(io.BytesIO(file)), loaded, copied):
        np.testing.assert_array_equal(as_grey(way), as_grey(upright))
    assert np.array_equal(as_grey(loaded), as_grey(loaded))  # the caller's picture has not been turned


def test_sixteen_bits_are_turned_too():
    exif = Image.Exif()
    exif[0x112] = 6
    file = encoded(RAMP[:3].astype(np.uint16) * 257, exif=exif)
    np.testing.assert_array_equal(as_grey(file), as_grey(np.rot90(RAMP[:3], -1)))


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0MM", b"Exif\0\0II*\0\xff\xff\xff\xff", b"nonsense" * 5])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_data_are_ignored(form, exif):
    file = encoded(RAMP, form, exif=exif)
    plain = as_grey(encoded(RAMP, form))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.array_equal(as_grey(file), plain)
        assert np.array_equal(as_grey(io.BytesIO(file)), plain)
    with warnings.catch_warnings(action="ignore"):
        opened = Image.open(io.BytesIO(file))
    assert np.array_equal(as_grey(opened), plain)


def test_an_orientation_beside_damaged_data_turns_the_photo():
    image = Image.new("L", (6, 4))
    image.info["exif"] = b"Exif\0\0" + struct.pack(
        "<2sHIHHHIIHHIII", b"II", 42, 8, 2, 0x112, 3, 1, 6, 0x8769, 4, 1, 2**31, 0
    )
    assert as_grey(image).shape == (6, 4)


# What is white


@pytest.mark.parametrize(
    "form",
    [
        lambda deep: encoded(deep),
        lambda deep: encoded(deep, "TIFF"),
        lambda deep: encoded(Image.fromarray(deep.astype(">u2")), "TIFF"),
        lambda deep: pgm(deep),
        lambda deep: Image.fromarray(deep),
        lambda deep: Image.fromarray(deep.astype(">u2")),
        lambda deep: Image.open(io.BytesIO(pgm(deep))),
        lambda deep: deep,
        lambda deep: torch.tensor(deep),
    ],
    ids=["PNG", "TIFF", "big-endian TIFF", "PGM", "Pillow", "I;16B", "mode I", "array", "tensor"],
)
@pytest.mark.parametrize("white", [1, 200, 20_000, 65_535])
def test_sixteen_bits_are_divided_by_65535(form, white):
    np.testing.assert_allclose(as_grey(form(np.full((8, 8), white, np.uint16))), white / 65535, atol=STEP)
    np.testing.assert_allclose(as_grey(form(RAMP.astype(np.uint16) * 257)), RAMP / 255, atol=1e-6)


def test_twelve_bits_and_zeros_that_are_white():
    deep = np.array([0, 1000, 2000, 4095], np.uint16)
    for zero_is_white in (False, True):
        if not zero_is_white:
            np.testing.assert_allclose(as_grey(tiff(deep, bits=12, zero_is_white=False))[0], deep / 4095, atol=STEP)
        for pixels, bits in ((deep * 16, 16), (np.float32(deep / 65535), 32)):
            grey = pixels / (65535 if bits == 16 else 1)
            shown = as_grey(tiff(pixels, bits=bits, zero_is_white=zero_is_white))[0]
            np.testing.assert_allclose(shown, 1 - grey if zero_is_white else grey, atol=STEP)


def test_what_is_transparent_is_white_in_every_kind():
    for depth in (np.uint8, np.uint16):
        pixels = np.array([[0, 50, 100]], depth) * (257 if depth == np.uint16 else 1)
        file = encoded(Image.fromarray(pixels), transparency=int(pixels[0, 1]))
        np.testing.assert_allclose(as_grey(file), [[0, 1, 100 / 255]], atol=1e-6)
    for mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        assert as_grey(Image.new(mode, (2, 2))).tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize("form", ["TIFF", None])
def test_floats_are_taken_as_they_are_or_refused_with_their_range(form):
    def by_the_door(pixels):
        image = Image.fromarray(np.float32(pixels))
        return as_grey(encoded(image, form) if form else image)

    np.testing.assert_allclose(by_the_door(RAMP / 1000), RAMP / 1000, atol=STEP)
    for wrong, said in (
        (3.0, "0.0 to 3.0"),
        (-1.0, "-1.0 to 0.0"),
        (np.nan, "nan"),
        (np.inf, "inf"),
        (-np.inf, "-inf"),
    ):
        pixels = np.zeros((4, 4))
        pixels[1, 2] = wrong
        with pytest.raises(ValueError, match=f"image must hold grey values: floats must lie between 0 and 1, .*{said}"):
            by_the_door(pixels)


def test_whole_numbers_of_which_nobody_says_what_is_white():
    assert np.array_equal(as_grey(Image.fromarray(RAMP.astype(np.int32))), as_grey(RAMP))
    deep = np.full((3, 3), 20_000, np.int32)
    for image in (deep, Image.fromarray(deep), encoded(deep, "TIFF")):
        with pytest.raises(ValueError, match="between 0 and 255, got 20000 to 20000, or be of the type uint16"):
            as_grey(image)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_white_one_rounding_above_one_is_white(dtype, mode):
    for size in (13, 33, 100):
        white = F.interpolate(torch.ones(1, 3, 7, 7, dtype=dtype), size=(size, size), mode=mode)[0]
        for image in (white, white.numpy().transpose(1, 2, 0), 1 - white):
            grey = as_grey(image)
            assert (grey == grey[0, 0]).all()
    with pytest.raises(ValueError, match="between 0 and 1"):
        as_grey(torch.full((3, 4, 4), 1.1))


# Only ValueError leaves, and no warning


class Broken:
    def __array__(self, *args, **kwargs):
        raise KeyError("broken")

    def __fspath__(self):
        raise RuntimeError("broken")


class BrokenFile:
    def read(self, *args):
        raise ZeroDivisionError

    seek = read


class Asked:
    def __getattr__(self, name):
        raise RuntimeError(name)


def released():
    view = memoryview(b"x")
    view.release()
    return view


def closed():
    image = Image.new("L", (4, 4))
    image.close()
    return image


@pytest.mark.parametrize(
    "image",
    [
        Named(7), Broken(), BrokenFile(), Asked(), released(), io.StringIO("text"), io.BytesIO(), b"", bytearray(b"x"),
        pathlib.PurePath("nowhere.png"), "a\0b", "x" * 5000, b"x" * 300, "\udcff", pathlib.Path(),
        Image.new("L", (0, 0)), Image.new("RGB", (0, 5)), Image.new("LAB", (3, 3)), torch.ones(4, 4, device="meta"),
        torch.ones(4, 4, dtype=torch.bfloat16), np.array([["a"]]), np.zeros((2, 2), "datetime64[s]"), {}, object(),
        np.full((2, 2), 1e300), np.full((2, 2), np.longdouble("1e4000")), 2**70, [[2**70]],
    ],
    ids=lambda image: type(image).__name__,
)  # fmt: skip
def test_whatever_is_no_picture_is_a_value_error_about_the_image(image):
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"^image must ") as refused:
            as_grey(image)
    assert "object at 0x" not in str(refused.value) or not isinstance(image, (bytes, Image.Image))


def test_a_closed_pillow_image_is_refused():
    late = Image.open(io.BytesIO(encoded(RAMP)))
    late.fp.close()
    for image in (closed(), late):
        with pytest.raises(
            ValueError, match=r"^image must be a picture that Pillow can read, got a Pillow image of mode L"
        ):
            as_grey(image)


@pytest.mark.parametrize(
    "form", ["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "PPM", "TGA", "PCX", "SGI", "ICO", "JPEG2000"]
)
def test_files_that_are_cut_short_or_damaged_are_refused_or_read(form):
    noise = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    file = encoded(noise, form)
    rng = np.random.default_rng(1)
    refused = 0
    for cut in rng.integers(0, len(file), 12):
        damaged = bytearray(file)
        damaged[rng.integers(len(file))] ^= 255
        for content in (file[:cut], bytes(damaged)):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                refused += same_answer(content)
    assert refused


def same_answer(content: bytes) -> bool:
    """Whether a file is refused, and by every way in alike."""
    answers = []
    with warnings.catch_warnings(action="ignore"):
        try:
            late = [Image.open(io.BytesIO(content))]
        except Exception:
            late = []
    for image in [content, io.BytesIO(content), *late]:
        try:
            answers.append(as_grey(image).tobytes())
        except ValueError as error:
            answers.append(str(error)[:11])
    assert len(set(answers)) == 1
    return answers[0] == "image must "


def test_a_large_picture_gives_no_warning_and_a_bomb_is_refused(monkeypatch):
    file = encoded(Image.new("1", (100, 100)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 6000)
        assert as_grey(file).shape == (100, 100)
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 4000)
        with pytest.raises(ValueError, match="decompression bomb"):
            as_grey(file)


def test_threads_leave_the_filters_of_warnings_as_they_were():
    before = list(warnings.filters)
    file = encoded(RAMP, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    with ThreadPoolExecutor(4) as pool:
        assert len({grey.tobytes() for grey in pool.map(as_grey, [file] * 40)}) == 1
    assert warnings.filters == before


# The page's uploads


@pytest.mark.parametrize("explorer", [FilterPicture, Downsample])
def test_an_uploaded_file_that_cannot_be_read_is_one_clear_sentence(explorer, tmp_path):
    (tmp_path / "real.png").write_bytes(encoded(RAMP))
    wrong = np.float32([[0, 300], [np.nan, 0]])
    uploads = [b"neither", encoded(RAMP)[:60], encoded(wrong, "TIFF"), encoded(Image.new("LAB", (3, 3)), "TIFF")]
    shown = explorer()
    for file in [*uploads, os.fsencode(tmp_path / "real.png")]:  # a path is not what a page may ask for
        shown.set(file=file)
        assert shown.picture.card
        assert shown.sentence == "This file is not a picture that can be read. Choose another one, a PNG or a JPEG."
    shown.set(file=encoded(np.full((90, 60), 257 * 51, np.uint16)))
    assert not shown.picture.card


@pytest.mark.parametrize("explorer", [FilterPicture, Downsample])
def test_an_empty_file_is_not_the_same_as_none(explorer):
    shown = explorer()
    shown.set(file=_content(({"name": "a.png", "content": memoryview(b"")},)))
    assert shown.picture.card
    assert shown.sentence.startswith("This file is not a picture that can be read.")
