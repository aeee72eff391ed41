"""The numbers that a claim's sentence tells are compared with computed ones."""

import re

from cnnkit.course.claims import CLAIMS


def assert_numbers_in_claim(claim: str, *computed: float) -> None:
    """The numbers in the claim's sentence are the computed ones, all of them and no others."""
    written = re.findall(r"\d[\d,]*(?:\.\d+)?", CLAIMS[claim].because)
    said = {float(number.replace(",", "")) for number in written}
    expected = {round(float(number), 2) for number in computed}
    assert said == expected, f"{claim} tells {said - expected}, computed is {expected - said}: {CLAIMS[claim].because}"
