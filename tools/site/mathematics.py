"""Formulas as MathML, written when the site is built: browsers draw them without a script.

Not every system has a font whose brackets grow with what they hold, so the site brings one: the signs of its formulas,
out of STIX Two Math (SIL Open Font License).
"""

from __future__ import annotations

import html
import logging
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx

FONT = "fonts/STIXTwoMath-Regular.ttf"  # in the package ziamath
SLANTED = {ord("A") + i: 0x1D434 + i for i in range(26)} | {ord("a") + i: 0x1D44E + i for i in range(26)}
SLANTED |= {ord("h"): 0x210E} | {0x3B1 + i: 0x1D6FC + i for i in range(25)}  # what a single letter becomes
ROOT_SIGN = 0x221A  # drawn, but not written
PAIRS = ("msub", "msup", "msubsup", "munder", "mover", "mfrac")  # cosh²: a space would be the second of the two
NOT_FIRST = "".join(f"(?<!<{pair}>)" for pair in PAIRS)
MENDED = {  # what latex2mathml writes, and what browsers draw as TeX does
    r"<mo>([A-Za-z]{2,})</mo>": r"<mi>\1</mi>",  # max is a name, and no sign with space on both sides
    r"<mo><mrow><mo>([^<]*)</mo></mrow></mo>(?:<mo>(&#x0003D;)</mo>)?": r"<mo>\1\2</mo>",  # += is one sign
    rf"{NOT_FIRST}(<mi>[A-Za-z]{{2,}}</mi>)(?=<(?:mi|mn|msub|msup)>)": r'\1<mspace width="0.17em"/>',  # log P, not logP
    r'<mo stretchy="false">&#x0007C;</mo>': '<mo stretchy="false" lspace="0" rspace="0">|</mo>',
    r"<msup>(<m[io]>[^<]*</m[io]>)<m[io]>&#x02032;</m[io]></msup>": r'\1<mo lspace="0" rspace="0">&#x02032;</mo>',
    r'mathvariant="italic"': 'style="font-style: italic"',
    r"\\_": "_",
}
used: set[int] = {ROOT_SIGN}


def mathml(latex: str, *, block: bool) -> str:
    """A formula as MathML; its signs are noted for the font."""
    formula = convert(latex, display="block" if block else "inline")
    for written, meant in MENDED.items():
        formula = re.sub(written, meant, formula)
    signs = {ord(sign) for sign in html.unescape(re.sub(r"<[^>]*>", "", formula))}
    used.update(signs | {SLANTED[sign] for sign in signs & SLANTED.keys()})
    return formula


def inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(mathml(node.astext(), block=False))
    raise nodes.SkipNode


def block(writer: Any, node: nodes.math_block) -> None:
    formula = mathml(node.astext(), block=True)
    writer.body.append(f'<div class="formula">{formula}</div>\n')
    raise nodes.SkipNode


def write_font(app: Sphinx, exception: Exception | None) -> None:
    """The font of the signs that were used."""
    from fontTools import subset

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    package = find_spec("ziamath")
    if exception or not used or package is None or package.origin is None:
        return
    options = subset.Options(flavor="woff2", layout_features=["ssty", "dtls"], notdef_outline=True)
    font = subset.load_font(str(Path(package.origin).parent / FONT), options)
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=used)
    chosen.subset(font)
    subset.save_font(font, str(Path(app.outdir) / "_static" / "math.woff2"), options)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(block, None))
    app.connect("build-finished", write_font)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
