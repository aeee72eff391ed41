"""The pages in Chromium: for everyone (axe), on a phone, by keyboard, on paper; what they fetch and what it weighs."""

from __future__ import annotations

import gzip
from functools import cache
from urllib.parse import unquote, urlsplit

import pytest

from tests.site.conftest import FOLDER
from tests.site.everyone import FOLDED, QUIET, WIDER, grave
from tests.site.pages import SITE, names

FIRST_VIEW = 600_000  # bytes, as a server with gzip sends them, before anybody scrolls
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
WIDTHS = (1440, 1280, 1100, 1024, 853, 844, 800, 700, 390)  # screens, projectors, a phone both ways
DESK = {"viewport": {"width": 1280, "height": 900}}
RING = "(style => style.outlineStyle + style.boxShadow)(getComputedStyle(document.activeElement))"


def test_at_a_desk(name, opened):
    page = opened(name, color_scheme="light", **DESK)
    assert sum(weights(page).values()) < FIRST_VIEW, weights(page)
    assert page.locator("h1").count() == (name != "search.html")  # Sphinx's own begins lower
    skips_to_the_text_and_shows_where_it_is(page)
    page.evaluate(FOLDED)
    assert grave(page, lambda: page.emulate_media(color_scheme="dark")) == []


def test_on_a_phone(name, opened, shots):
    page = opened(name, **PHONE)
    assert sum(weights(page).values()) < FIRST_VIEW, weights(page)
    page.evaluate(FOLDED)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(WIDER) == []
    if shots(""):
        page.screenshot(path=shots(f"site-phone-{name.replace('/', '-').removesuffix('.html')}"))


def weights(page) -> dict[str, int]:
    """The bytes of each answer so far, as a server with gzip sends them, largest first."""
    page.wait_for_load_state("networkidle")  # pictures near the window come after the page
    paths = {unquote(urlsplit(answer.url).path) for answer in list(page.answers) if answer.url.startswith("http")}
    sent = {path: weight(path.removeprefix(FOLDER)) for path in paths}
    return dict(sorted(sent.items(), key=lambda item: -item[1]))


@cache
def weight(file: str) -> int:
    content = (SITE / file).read_bytes()
    return len(content if file.endswith((".webp", ".woff2", ".png")) else gzip.compress(content, 6))


def skips_to_the_text_and_shows_where_it_is(page) -> None:
    """What the Tab key reaches first: the link to the text; and each place has a ring around it."""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#furo-main-content"
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0")  # it slides in
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(RING) != "nonenone"


@pytest.mark.parametrize("side", ["__navigation", "__toc"])
def test_a_phones_drawers_open_by_keyboard(side, opened):
    page = opened("05_convolution_output_sizes.html", **PHONE)
    button = page.locator(f".mobile-header label.drawer-button[for={side}]")
    button.focus()
    page.keyboard.press("Enter")
    assert page.locator(f"#{side}").is_checked()
    page.keyboard.press("Escape")
    assert not page.locator(f"#{side}").is_checked()


def test_no_key_leads_into_a_drawer_that_is_closed(opened):
    page = opened("04_pooling.html", viewport={"width": 853, "height": 480})
    for _ in range(25):
        page.keyboard.press("Tab")
        assert not page.evaluate("Boolean(document.activeElement.closest('.sidebar-drawer, .toc-drawer'))")


@pytest.mark.parametrize(("system", "page_is"), [("dark", "light"), ("light", "dark")])
def test_fields_have_the_pages_colours_whatever_the_system_has(system, page_is, opened):
    page = opened("00_start_here.html", color_scheme=system, **DESK)
    page.evaluate("theme => document.body.dataset.theme = theme", page_is)
    assert page.evaluate("getComputedStyle(document.querySelector('.live-asked input')).colorScheme") == page_is
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


def test_a_page_opened_as_a_file_says_why_nothing_lives(browser):
    page = browser.new_page()
    page.goto((SITE / "04_pooling.html").resolve().as_uri())
    page.get_by_text("Explorers and exercises work once the folder is served").wait_for()
    page.close()


def test_light_and_dark_take_turns(opened):
    page = opened("index.html", color_scheme="light", **DESK)
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    for _ in range(3):
        page.locator(".theme-toggle-content button").click()
        page.evaluate(QUIET)
        if page.evaluate(paper) != light:
            return
    raise AssertionError("always light")


def test_paper_has_the_text_alone(opened):
    page = opened("05_convolution_output_sizes.html", **DESK)
    page.emulate_media(media="print")
    for part in (".sidebar-drawer", ".toc-drawer", ".related-pages", ".mobile-header"):
        assert not page.locator(part).first.is_visible(), part
    assert page.locator("article").bounding_box()["width"] > 600


FOUND = {
    "receptive field": "04_pooling", "padding": "05_convolution_output_sizes", "vanishing gradients": "02_vanishing",
    "weight sharing": "06_weight_sharing", "batch normalization": "07_full_cnn", "dead unit": "01_activations",
    "inverted dropout": "03_dropout", "conv2d": "layers",
}  # fmt: skip


@pytest.mark.parametrize("words", FOUND)
def test_search_finds_a_term_first_where_it_is_explained(words, opened):
    page = opened(f"search.html?q={words.replace(' ', '+')}", **DESK)
    first = page.locator("#search-results ul.search li a").first
    first.wait_for()
    assert first.get_attribute("href").startswith(FOUND[words])


def test_an_anchor_brings_its_claim_into_view(opened):
    page = opened("labs/01_activations_lab.html#claim-a10", **DESK)
    page.wait_for_function("Math.abs(document.getElementById('claim-a10').getBoundingClientRect().y) < 400")


def test_there_are_pages():
    assert len(names()) > 19


def test_what_is_found_is_shown_in_the_words_of_the_page(opened):
    page = opened("search.html?q=receptive+field", **DESK)
    page.wait_for_function("document.querySelectorAll('#search-results p.context').length >= 5", timeout=15_000)
    assert "google.colab" not in page.locator("#search-results").inner_text()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_vote_stands_beside_the_verdict(width, opened):
    page = opened("labs/04_pooling_lab.html", viewport={"width": width, "height": 900})
    page.wait_for_function("document.documentElement.dataset.live")
    table = page.locator(".live-claims")
    assert not table.is_visible()
    vote = page.locator(".live-asked").filter(has_text="Vote on").first
    vote.get_by_label("It holds.").check()
    vote.get_by_role("button", name="Commit").click()
    page.locator("details.claims summary").click()
    row = table.locator("tr").filter(has_text="It holds.")
    assert row.count() == 1
    assert row.locator("[data-head='your vote']").inner_text() == "It holds."
    assert page.evaluate("document.querySelector('details.claims').scrollWidth <= innerWidth")
