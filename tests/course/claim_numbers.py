"""The numbers that a claim's sentence and its verdict in the notebook tell are compared with computed ones."""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from math import isclose, prod
from pathlib import Path

from cnnkit.course import TOPICS
from cnnkit.course.claims import CLAIMS, NOTEBOOKS

FOLDER = Path(__file__).parents[2] / "notebooks"


def assert_numbers_in_claim(claim: str, *computed: float) -> None:
    """The numbers in the claim's sentence are the computed ones, all of them and no others."""
    written = re.findall(r"\d[\d,]*(?:\.\d+)?", CLAIMS[claim].because)
    said = {float(number.replace(",", "")) for number in written}
    expected = {round(float(number), 2) for number in computed}
    assert said == expected, f"{claim} tells {said - expected}, computed is {expected - said}: {CLAIMS[claim].because}"


class Given(float):
    """A number that nothing computes, with the reason why not."""

    def __new__(cls, value: float, reason: str) -> "Given":
        if len(reason.split()) < 2:
            raise ValueError(f"reason must say in words why {value} is not computed; got {reason!r}")
        return super().__new__(cls, value)


class Written(str):
    """A formula, or a name like “layer 1”, that stands in the verdict as it is written here and measures nothing."""


def assert_numbers_in_verdict(claim: str, *computed: float | Written) -> None:
    """The numbers in the cell of the claim's verdict are the computed ones, in the order in which they are told.

    They are equal and not only near: the test rounds as the text does. A `Given` is a number that is not measured, a
    `Written` stands for the numbers in it. Numbers from three to twenty, round tens, and hundreds, thousands and
    millions count in words as well; one and two do not, which are mostly grammar.
    """
    text, expected = verdict(claim), []
    for each in computed:
        assert not isinstance(each, Written) or each in text, f"{claim}: the verdict does not say “{each}”"
        expected += [n for n, _ in numbers(each)] if isinstance(each, Written) else [each]
    told = list(numbers(text))
    for (number, place), wanted in zip(told, expected, strict=False):
        assert isclose(number, wanted, rel_tol=1e-9), f"{claim} should tell {wanted:g} where it says “{place}”"
    more = [place for _, place in told[len(expected) :]]
    assert not more, f"{claim} tells numbers that nothing computes: {more}"
    assert len(told) == len(expected), f"{claim} does not tell {expected[len(told) :]}"


TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
ONES = "three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen"
WORDS = {word: value for value, word in enumerate(f"{ONES} nineteen".split(), 3)}
WORDS |= {word: 10 * value for value, word in enumerate(TENS, 2)}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")

DIGITS = r"(?<![A-Za-z\d])(?:\d+/\d+|\d+(?:,\d+)*(?:\.\d+)?)(?:⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|[¼½¾⅓⅔]"
NUMBER = re.compile(
    rf"(?:(?P<digits>{DIGITS})|\b(?P<word>{'|'.join(WORDS)})\b|\b(?P<scale>{'|'.join(SCALES)})\b)"
    rf"(?P<scales>(?: (?:{'|'.join(SCALES)})\b)*)",
    re.IGNORECASE,
)


def numbers(text: str) -> Iterator[tuple[float, str]]:
    """Each number in a text, in digits or in words, with the words around it. A minus sign does not count.

    >>> [number for number, _ in numbers("Of 1,797 digits, 2/3 and 10⁻³; Conv2d: three times; 31 million at 0.5.")]
    [1797.0, 0.6666666666666666, 0.001, 3, 31000000.0, 0.5]
    """
    for found in NUMBER.finditer(text):
        scale = prod(SCALES[word.lower()] for word in (found["scales"] or "").split())
        if found["digits"]:
            value = in_digits(found["digits"])
        else:
            value = (WORDS | SCALES)[(found["word"] or found["scale"]).lower()]
        start, end = found.span()
        yield value * scale, re.sub(r"\s+", " ", text[max(0, start - 30) : end + 30]).strip()


def in_digits(written: str) -> float:
    """'1,024' -> 1024, '2/3' -> 0.667, '10⁻³' -> 0.001, '¼' -> 0.25."""
    if written in "¼½¾⅓⅔":
        return unicodedata.numeric(written)
    base, power = re.fullmatch(r"([\d,./]+)(.*)", written).groups()
    over, _, under = base.replace(",", "").partition("/")
    value = float(over) / float(under or 1)
    return value ** int(power.translate(SUPERSCRIPTS)) if power else value


@cache
def cells(notebook: str) -> list[tuple[str, str]]:
    """The cells of a notebook, "05": the kind of each and its text."""
    found = json.loads((FOLDER / f"{NOTEBOOKS[notebook]}.ipynb").read_text(encoding="utf-8"))["cells"]
    return [(cell["cell_type"], "".join(cell["source"])) for cell in found]


def markdown(notebook: str) -> list[str]:
    """The Markdown cells of a notebook."""
    return [text for kind, text in cells(notebook) if kind == "markdown"]


@cache
def under(claim: str) -> list[tuple[str, str]]:
    """The cells from a claim's heading to the next heading."""
    found, inside = [], False
    for kind, text in cells(CLAIMS[claim].notebook):
        for heading in re.findall(r"(?m)^#+ (.*?)\s*$", text) if kind == "markdown" else []:
            inside = heading == f"Claim {claim}"
        found += [(kind, text)] if inside else []
    return found


@cache
def verdict(claim: str) -> str:
    """The cell under a claim's heading that gives its verdict, without the addresses of its links."""
    found = [text for kind, text in under(claim) if kind == "markdown" and "**Verdict: " in text]
    assert len(found) == 1, f"{claim} has {len(found)} cells with a verdict under its heading"
    return re.sub(r"\]\([^)]*\)", "]", found[0])


def in_code(claim: str, pattern: str) -> float:
    """The number that a pattern finds in the code under a claim's heading: a setting of what is shown there."""
    code = "\n".join(text for kind, text in under(claim) if kind == "code")
    found = set(re.findall(pattern, code))
    assert len(found) == 1, f"the code under claim {claim} has {pattern!r} with {len(found)} values: {sorted(found)}"
    return float(found.pop())


def notebook(topic: str) -> int:
    """The number of a topic's notebook."""
    return int(TOPICS[topic][:2])


def year(notebook: str, authors: str) -> int:
    """When a paper appeared, by the list of papers at the end of a notebook."""
    found = re.findall(rf"(?:^\*|;) {authors} \((\d{{4}})\)", markdown(notebook)[-1], re.MULTILINE)
    assert len(found) == 1, f"notebook {notebook} lists {len(found)} papers of {authors}"
    return int(found[0])
