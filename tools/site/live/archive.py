"""The course's Python as one zip: what a page needs of the package, the glue, and what is drawn with."""

from __future__ import annotations

import io
import re
import zipfile
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
PACKAGE = ROOT / "cnnkit"
LEFT_OUT = re.compile(  # what needs torch or widgets, and what only records
    r"cnnkit/(training/|lab\.|_data/|course/kit/(view|touch|commit|closing|recorder)\.|course/\w+/(record|train)(_\w+)?\.py)"
)
FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
PHOTO = "grace_hopper.jpg"
DATED = (2020, 1, 1, 0, 0, 0)  # the same content is the same file, whenever it is built


def archive() -> bytes:
    """The zip's bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in sorted(files().items()):
            packed.writestr(zipfile.ZipInfo(name, DATED), content, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def files() -> dict[str, bytes]:
    """Every file of the zip, by its name there."""
    found = {}
    for path in [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.json"), *PACKAGE.rglob("*.npz"), *PACKAGE.rglob("*.js")]:
        name = path.relative_to(ROOT).as_posix()
        if not LEFT_OUT.match(name) and path.suffix != ".js":
            found[name] = path.read_bytes()
    for path in (HERE / "glue").glob("*.py"):
        found[f"glue/{path.name}"] = path.read_bytes()
    found["cnnkit/_data/digits.npz"] = (ROOT / "data" / "digits.npz").read_bytes()
    return found | borrowed_files()


def borrowed_files() -> dict[str, bytes]:
    """The font, as far as the course writes with it, and the photograph; both come with matplotlib."""
    package = find_spec("matplotlib")
    if package is None or package.origin is None:
        raise RuntimeError("the site is built where matplotlib is installed: its font and its photograph are needed")
    data = Path(package.origin).parent / "mpl-data"
    letters = written()
    found = {f"cnnkit/_data/{name}": subset((data / "fonts/ttf" / name).read_bytes(), letters) for name in FONTS}
    found["cnnkit/_data/LICENSE_DEJAVU"] = (data / "fonts/ttf/LICENSE_DEJAVU").read_bytes()
    return found | {f"cnnkit/_data/{PHOTO}": (data / "sample_data" / PHOTO).read_bytes()}


def written() -> set[int]:
    """Every character that the package's own text has, and those of a keyboard."""
    texts = [path.read_text(encoding="utf-8") for path in (*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.json"))]
    digits = map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉⁻₋")  # made from numbers
    greek = range(0x391, 0x3CA)
    return {ord(letter) for text in texts for letter in set(text)} | {
        *range(32, 127),
        *range(160, 256),
        *greek,
        *digits,
    }


def subset(font: bytes, letters: set[int]) -> bytes:
    """The font with these characters only; each looks as before, and stands as far from the next."""
    from fontTools import subset as fonttools

    options = fonttools.Options(hinting=True, legacy_kern=True, notdef_outline=True, layout_features=["*"])
    options.drop_tables = [table for table in options.drop_tables if table != "kern"] + ["FFTM"]
    opened = fonttools.load_font(io.BytesIO(font), options)
    cutter = fonttools.Subsetter(options)
    cutter.populate(unicodes=letters)
    cutter.subset(opened)
    buffer = io.BytesIO()
    fonttools.save_font(opened, buffer, options)
    opened.close()
    return buffer.getvalue()
