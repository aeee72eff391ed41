"""Whether everyone can use a page: what axe-core finds serious or critical, light and dark; what is wider than it."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

ALL = {"resultTypes": ["violations"]}
COLOURS = ALL | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}  # the dark changes nothing else
QUIET = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    for (let i = 0; i < 3; i++) await frame();  // what watches sizes has seen them
    const ends = (each) => each.effect?.getComputedTiming().endTime !== Infinity;
    await Promise.allSettled(document.getAnimations().filter(ends).map((each) => each.finished));
}"""
FOLDED = "document.querySelectorAll('details').forEach(details => details.open = true)"
WIDER = """() => {
    const room = document.documentElement.clientWidth;
    const held = e => /auto|scroll|hidden/.test(getComputedStyle(e).overflowX);
    const scrolls = e => !e.matches('article') && (held(e) || scrolls(e.parentElement));
    return [...document.querySelectorAll('article *')].filter(e => {
        const box = e.getBoundingClientRect();
        return box.width && box.right > room + 1 && !scrolls(e.parentElement);
    }).map(e => `${e.tagName}.${e.className}`);
}"""


def grave(page: Page, darken: Callable[[], object]) -> list[tuple]:
    """What axe finds on a page that is light, then in its colours once `darken` has made it dark."""
    found = violations(page, ALL)
    darken()
    bad = [v for v in found + violations(page, COLOURS) if v["impact"] in ("serious", "critical")]
    return [(v["id"], len(v["nodes"]), [node["html"][:200] for node in v["nodes"][:3]]) for v in bad]


def violations(page: Page, options: dict) -> list[dict]:
    page.evaluate(QUIET)  # colours fade from one to the other
    return Axe().run(page, options=options).response["violations"]
