"""The page for teachers: each item that it names leads to its place, and settings of explorers for the projector."""

from __future__ import annotations

import re
from collections.abc import Iterable

from docutils.nodes import make_id

from cnnkit.course.claims import CLAIMS
from tools.site import links

PAGE = "teaching"
ITEM = re.compile(r"\b(?:0\d\.(?:\d+|[a-z])|[A-Z]\d{1,2})\b")
HELD = re.compile(r"\[[^\]]*\]\([^)]*\)|^#.*$", re.MULTILINE)  # what is a link already, and headings
SETTINGS = (  # the page, the address of the setting in it, and what a class sees there
    ("05_convolution_output_sizes", "window?n=32&k=5&s=2", "a stride of 2 over 32 pixels: one column is never read"),
    (
        "05_convolution_output_sizes",
        "window?n=16&k=11&s=4&rounding=ceil",
        "AlexNet’s corner: the last one hangs over",
    ),
    ("05_convolution_output_sizes", "filter-picture?padding_mode=zeros&k=9", "zeros darken the border of a photograph"),
    ("04_pooling", "shift-it?pooling=max+2+×+2&amount=1", "a digit moved by one pixel, in front of a max pooling"),
    ("02_vanishing_gradients", "depth?L=50&activation=relu&init=pytorch", "fifty layers with PyTorch’s own weights"),
    ("03_dropout", "mask?p=0.5", "half of the units are dropped: draw again and watch the sum"),
    ("06_weight_sharing", "who-reads?shift=3", "the digits move by 3 pixels: who still reads them?"),
    ("08_bug_clinic", "clinic?patient=patient+2&strength=4", "a patient without a name: what is wrong?"),
)


def with_places(text: str, notebooks: dict[str, str]) -> str:
    """The page's text with links from each claim, prediction and exercise to its place, and the list of settings.

    notebooks   the text of each page that was a notebook, by its name
    """
    places = found(notebooks.items())

    def changed(item: re.Match[str]) -> str:
        page, part = places.get(item[0], ("", ""))
        if not page:
            return item[0]
        lab = " (lab)" if "/" in page and item[0] not in CLAIMS else ""
        return f"[{item[0]}]({links.to(PAGE, page, part)}){{.external}}{lab}"

    held = iter(HELD.findall(text))
    linked = ITEM.sub(changed, HELD.sub("\0", text))
    plan = "## A plan for 90 minutes"
    return re.sub("\0", lambda _: next(held), linked).replace(plan, f"{settings()}{plan}", 1)


def found(notebooks: Iterable[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """The page and the id of each item: "07.4", "05.a", "A11"."""
    places = {}
    for page, text in notebooks:
        for title, key in re.findall(r"(?m)^#+ ((?:Claim|Exercise) (\S+).*)$", text):
            places[key] = page, make_id(title)
        for key in re.findall(r'(?m)^predict\("(.+?)"\)', text):
            places[key] = page, make_id(f"predict {key}")
    return places


def settings() -> str:
    items = [f"* [{shown}]({links.to(PAGE, page, part)}){{.external}}" for page, part, shown in SETTINGS]
    told = "Each link opens an explorer in a setting. *Link to this setting*, below every explorer, makes such links."
    return "\n".join(["## Links for the projector\n", f"{told}\n", *items, "\n"])
