"""Whoever changes a number in a verdict is told so, wherever it stands and however it is written."""

import pytest

from tests.course import claim_numbers
from tests.course.claim_numbers import (
    Given,
    Written,
    assert_numbers_in_verdict,
    in_digits,
    notebook,
    numbers,
    verdict,
    year,
)

TEXT = "**Verdict: holds.** Of 1,797 digits 2.5 % ± 0.3 are 1/(1 − p) off, in three of 20 runs 2/3; after 1,797, 10⁻⁸."
COMPUTED = (1797, 2.5, 0.3, Written("1/(1 − p)"), 3, 20, 2 / 3, 1797, 1e-8)


@pytest.fixture
def told(monkeypatch):
    def tell(text: str) -> None:
        monkeypatch.setattr(claim_numbers, "verdict", lambda claim: text)

    tell(TEXT)
    return tell


@pytest.mark.usefixtures("told")
def test_the_numbers_that_are_told_are_the_computed_ones():
    assert_numbers_in_verdict("D1", *COMPUTED)


EDITS = [
    ("1,797 digits", "1,796 digits"), ("1,797 digits", "1,7977 digits"),
    ("after 1,797", "after 1,796"), ("2.5", "2.6"), ("2.5", "3"), ("2.5", "2.51"),
    ("0.3", "0.4"), ("three", "four"), ("20", "21"), ("2/3", "1/3"), ("10⁻⁸", "10⁻⁷"), ("10⁻⁸", "10"), ("10⁻⁸", "11⁻⁸"),
    ("1/(1", "2/(1"), ("(1 − p)", "(2 − p)"), ("holds", "holds in 9 cases"), ("three", "some"),
    ("1,797 digits 2.5", "2.5"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), EDITS)
def test_an_edited_number_is_noticed(told, old: str, new: str):
    assert TEXT.count(old) == 1
    told(TEXT.replace(old, new))
    with pytest.raises(AssertionError, match=r"^D1"):
        assert_numbers_in_verdict("D1", *COMPUTED)


@pytest.mark.parametrize("place", range(len(COMPUTED)))
@pytest.mark.usefixtures("told")
def test_a_computed_number_that_is_not_told_is_noticed(place: int):
    with pytest.raises(AssertionError, match=r"^D1"):
        assert_numbers_in_verdict("D1", *COMPUTED[:place], *COMPUTED[place + 1 :])
    with pytest.raises(AssertionError, match=r"^D1"):
        assert_numbers_in_verdict("D1", *COMPUTED[:place], 7, *COMPUTED[place:])


def test_words_may_change(told):
    told(TEXT.replace("digits", "pictures").replace("off", "away"))
    assert_numbers_in_verdict("D1", *COMPUTED)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1, 2, 3 and 1,024 of 1,199,882.", [1, 2, 3, 1024, 1_199_882]),
        ("`MaxPool2d(2)`, Conv2d, float32, C1", [2]),
        ("Twenty times 8×8, fifty-five, threefold, often, tenth, none, one and two", [20, 8, 8, 50, 5]),
        ("a hundred million; 31 million; four hundred", [1e8, 31e6, 400]),
        ("256²⁰, 10⁻³¹, x², 2ⁿ, 27 C²", [256**20, 1e-31, 2, 27]),
        ("¼ or −0.5 to 2/3", [0.25, 0.5, 2 / 3]),
    ],
)
def test_what_counts_as_a_number(text: str, found: list[float]):
    assert [number for number, _ in numbers(text)] == pytest.approx(found, rel=1e-12)


@pytest.mark.parametrize("edit", ["0.27", "0.2", "0.3", "0.255"])
def test_close_is_not_equal(told, edit: str):
    told(f"**Verdict: holds.** {edit}")
    assert in_digits(edit) != 0.25
    with pytest.raises(AssertionError, match=r"should tell 0\.25"):
        assert_numbers_in_verdict("D1", 0.25)


def test_a_number_that_is_not_computed_needs_a_reason():
    assert Given(0.5, "the usual example") == 0.5
    with pytest.raises(ValueError, match=r"reason must say in words why 0\.5"):
        Given(0.5, "")


def test_references_are_looked_up():
    assert notebook("convolution") == 5
    assert year("03", "Baldi & Sadowski") == 2013
    with pytest.raises(AssertionError, match=r"lists 0 papers of Baldi"):
        year("03", "Baldi")


def test_addresses_of_links_are_no_numbers():
    assert "srivastava14a" not in verdict("D1")
