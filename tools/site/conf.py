"""How Sphinx makes the pages: `python -m tools.site` calls it with the folder that tools/site/book.py wrote."""

import json
import os
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from tools.site import paste
from tools.site.book import NAME

HERE = Path(__file__).parent
SITE = os.environ.get("SITE_ADDRESS", "")  # with it, what shares a link can fetch the page's picture

project = NAME
author = "the authors of cnnkit"
html_title = NAME
language = "en"
extensions = ["myst_nb", "tools.site.mathematics"]
exclude_patterns = ["pages.json"]

nb_execution_mode = "off"
nb_render_markdown_format = "myst"  # tables and links in what a cell says
myst_enable_extensions = ["amsmath", "attrs_inline", "colon_fence", "dollarmath"]
myst_fence_as_directive = ["math"]  # as on GitHub
html_math_renderer = "mathml"

html_theme = "furo"
html_static_path = [str(HERE / "static")]
html_favicon = str(HERE / "static" / "icon.svg")
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_domain_indices = False
html_baseurl = SITE
html_sidebars = {
    "**": [f"sidebar/{part}.html" for part in ("brand", "search", "scroll-start", "navigation", "scroll-end")]
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def known(app: Sphinx) -> dict[str, dict[str, Any]]:
    pages: dict[str, dict[str, Any]] = json.loads((Path(app.srcdir) / "pages.json").read_text(encoding="utf-8"))
    return pages


def head(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """What <head> says of a page, and the scripts of those that were notebooks."""
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')
    page = known(app).get(pagename)
    if page is None:
        return
    root = SITE or "../" * pagename.count("/")
    says = {
        "og:type": "article",
        "og:site_name": NAME,
        "og:title": page["title"],
        "og:description": page["description"],
        "og:image": root + page["social"],
        "og:image:alt": page["title"],
    }
    says |= {"og:url": f"{SITE}{pagename}.html"} if SITE else {}
    lines = [f'<meta name="description" content="{escape(page["description"])}">']
    lines += [f'<meta property="{name}" content="{escape(text)}">' for name, text in says.items()]
    lines.append('<meta name="twitter:card" content="summary_large_image">')
    context["metatags"] = "\n    ".join(lines)
    if pagename == paste.NAME or (Path(app.srcdir) / f"{pagename}.ipynb").exists():
        app.add_css_file("live/live.css")
        app.add_js_file("live/live.js", type="module")


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", head, priority=900)  # after furo's, whose list of pages is mended
