"""The front page: what this is, the lessons with their questions and minutes, the labs, and how to go on."""

from __future__ import annotations

from collections.abc import Iterable

from tools.site import paste
from tools.site.book import NAME, Page

OPENING = f"""# {NAME}

What size comes out of a convolution? Does `p=0.2` drop a fifth of the units, or keep a fifth? Why does a deep sigmoid
network not learn? Eight short lessons take the layers of a convolutional network apart, one each. You commit to an
answer, you try it on a picture, and you see what happens.
Then you write the layer yourself, and hear which mistake you made.

[Start here: the first ten minutes](00_start_here.html){{.external .button}}

There is nothing to install and no account. What you answer stays in your browser.

Have you a layer of your own, or an error about shapes? [Paste it](paste.html){{.external}}: its output size, its
parameters, its receptive field, and what the error means.

## The lessons

The start page shows how the course works. Each of the eight lessons stands alone: begin where your question is.
The first number is the minutes for reading, the second the minutes with the exercises.
"""
LABS = """## The labs: is it true what people say?

Manuals, courses and papers make claims about these layers. The labs hold {claims} of them to a measurement.
Vote first, then look at the figure, then read the verdict.
"""
ON = """## How to go on

* **Teach with it.** [Plans for 90 minutes and for ten weeks](teaching.html){.external}, what students get wrong,
  and answers to the open questions.
* **Look a word up.** The [glossary](glossary.html){.external} says what each term means, what PyTorch and Keras
  call it, and which lesson introduces it.
"""
LAYERS = """* **Look a layer up.** [The layers](layers.html){.external}, one by one.
"""
CODE = """* **Work on your own computer.** The notebooks and the package `cnnkit`, every layer forward and backward in
  NumPy, lie in [the repository]({home}).
"""
RIGHTS = """* **Take what you need.** Text and figures are under CC BY 4.0, code is under the MIT License: name the
  source.
"""


def front(pages: Iterable[Page], home: str | None) -> str:
    """The front page as Markdown, with the site's order in it."""
    pages = list(pages)
    lessons = [page for page in pages if "/" not in page.name and page.question]
    labs = [page for page in pages if page.name.startswith("labs/")]
    more = [page.name for page in pages if page not in lessons and page not in labs]
    claims = sum(page.claims for page in labs)
    parts = [
        OPENING,
        listed(map(lesson, lessons), "lessons"),
        LABS.format(claims=claims),
        listed(map(lab, labs), "labs"),
        ON + LAYERS * ("layers" in more) + (CODE.format(home=home) if home else "") + RIGHTS,
        contents("Lessons", [page.name for page in lessons]),
        contents("Labs", [page.name for page in labs]),
        contents("More", [titled(name) for name in more]),
    ]
    return "\n".join(parts)


def titled(name: str) -> str:
    """A page in the list at the side; one that has a long title gets a short name there."""
    return f"{paste.SHORT} <{name}>" if name == paste.NAME else name


def listed(items: Iterable[str], kind: str) -> str:
    return "\n".join([f":::{{container}} {kind}", *items, ":::", ""])


def lesson(page: Page) -> str:
    _, _, title = page.name.partition("_")
    name = title.replace("_", " ").capitalize()
    also = f" · [lab]({page.lab}.html){{.external}}" if page.lab.endswith("_lab") else ""
    link = f"[{page.number} · {named(name)}]({page.name}.html){{.external}}"
    return f"* {link}\n  {page.question}\n  <small>{page.minutes} minutes{also}</small>"


def named(name: str) -> str:
    return name.replace("cnn", "CNN").replace("Full", "The full").replace("Bug", "The bug")


def lab(page: Page) -> str:
    claims = f"\n  <small>{page.claims} claims</small>" if page.claims else ""
    return f"* [{page.title}]({page.name}.html){{.external}}{claims}"


def contents(caption: str, names: Iterable[str]) -> str:
    """The order of pages, for the list at the side and for previous and next."""
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *names, "```", ""])
