"""What the files of the site hold: links that lead somewhere, pictures, formulas, what is folded, what <head> says."""

from __future__ import annotations

import html
import json
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from posixpath import dirname, join, normpath
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit
from urllib.request import urlopen
from zipfile import ZipFile

import pytest
from PIL import Image

from cnnkit.course import LABS
from cnnkit.course.claims import CLAIMS
from tests.site.pages import ROOT, SITE, names, read
from tools import address
from tools.site.classroom import pack
from tools.site.evidence import SEEN as EXPLORERS
from tools.site.live.cells import slug
from tools.site.said import INSTEAD

NOTEBOOKS = [*sorted((ROOT / "notebooks").glob("0*.ipynb")), *sorted((ROOT / "notebooks" / "labs").glob("0*.ipynb"))]
PAGE_OF = {path: f"{path.relative_to(ROOT / 'notebooks').with_suffix('').as_posix()}.html" for path in NOTEBOOKS}
OUTSIDE = ("http:", "https:", "mailto:", "data:")
by_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_every_notebook_and_document_is_a_page():
    documents = {f"{name}.html" for name in ("teaching", "glossary", "layers") if (ROOT / f"docs/{name}.md").exists()}
    assert set(names()) >= {"index.html", "search.html", *PAGE_OF.values(), *documents}


def test_every_link_and_anchor_leads_somewhere(name):
    lost = []
    for link in read(name).links:
        if link.startswith(OUTSIDE):
            continue
        target, _, part = link.partition("#")
        goal = normpath(join(dirname(name), unquote(target.partition("?")[0]))) if target else name
        setting = "?" in part  # opens an explorer: test_a_link_for_the_projector_opens_a_setting
        known = not part or setting or not goal.endswith(".html") or unquote(part) in read(goal).ids
        if not (SITE / goal).is_file() or not known:
            lost.append(link)
    assert lost == []


def test_every_file_is_the_sites_own(name):
    for file in [file for file in read(name).files if not file.startswith("#")]:
        assert not urlsplit(file).scheme, file
        assert not file.startswith("/"), f"{file}: breaks in a sub-folder"
        assert (SITE / normpath(join(dirname(name), file.partition("?")[0]))).is_file(), file


def test_styles_fetch_nothing_from_elsewhere():
    for style in SITE.rglob("*.css"):
        for target in re.findall(r"url\(\s*[\"']?([^\"')]+)", style.read_text(encoding="utf-8")):
            if not target.startswith(("data:", "#")):
                assert (style.parent / target.split("?")[0]).exists(), f"{style.name}: {target}"


def test_no_link_leads_to_a_notebook_or_a_file_of_the_repository(name):
    local = [link for link in read(name).links if not link.startswith(OUTSIDE)]
    assert [link for link in local if re.search(r"\.(ipynb|md|py)\b", link)] == []


def test_pictures_wait_their_turn_have_a_size_and_say_what_they_show(name):
    for picture in read(name).pictures:
        assert picture["loading"] == "lazy"
        assert len(picture["alt"]) > 10
        assert int(picture["width"]) > 0 < int(picture["height"])


@by_notebook
def test_every_stored_picture_is_on_the_page_to_the_last_pixel(path):
    outputs = [output for cell in cells(path) for output in cell.get("outputs", [])]
    stored = [output for output in outputs if "image/png" in output.get("data", {})]
    shown = read(PAGE_OF[path]).pictures
    assert len(shown) == len(stored)
    for output, picture in zip(stored, shown, strict=True):
        sentence = " ".join("".join(output["data"]["text/plain"]).split())
        assert sentence.removeprefix("Hidden until this cell is run. ") == picture["alt"]
    if stored:
        first = SITE / normpath(join(dirname(PAGE_OF[path]), shown[0]["src"]))
        with Image.open(first) as ours, Image.open(png(stored[0])) as theirs:
            assert ours.convert("RGBA").tobytes() == theirs.convert("RGBA").tobytes()


def png(output):
    from base64 import b64decode
    from io import BytesIO

    return BytesIO(b64decode("".join(output["data"]["image/png"])))


@by_notebook
def test_what_is_folded_stays_folded(path):
    page = read(PAGE_OF[path])
    folded = sum("".join(cell["source"]).count("<details>") for cell in cells(path) if cell["cell_type"] == "markdown")
    assert page.folded >= folded
    assert page.open == 0


@by_notebook
def test_formulas_are_drawn_without_a_script(path):
    text = read(PAGE_OF[path]).text
    sources = "\n\n".join("".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown")
    formulas = len(re.findall(r"(?s)\$\$.+?\$\$", re.sub(r"(?s)```.*?```", "", sources)))
    assert text.count('<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"') == formulas
    assert [file for file in read(PAGE_OF[path]).files if "mathjax" in file.lower()] == []
    assert "$$" not in re.sub(r"(?s)<pre.*?</pre>", "", text)
    assert not re.search(r"<m(text|i|o)[^>]*>[^<]*\\", text)  # a TeX command that nobody understood


def test_the_head_says_what_a_shared_link_shows(name):
    if name == "search.html":
        return
    metas, text = read(name).metas, read(name).text
    assert 20 < len(metas["description"]) < 310
    assert metas["og:title"] in re.sub("&#39;|&#x27;", "'", text)
    assert metas["og:description"] == metas["description"]
    place = metas["og:image"].removeprefix(address.site() or "")
    file = SITE / (place if address.site() else normpath(join(dirname(name), place)))
    with Image.open(file) as card:
        assert card.size == (1200, 630)
    assert file.stat().st_size < 200_000


def test_titles_and_descriptions_differ():
    pages = [read(name) for name in names() if name != "search.html"]
    for key in ("og:title", "description"):
        assert len({page.metas[key] for page in pages}) == len(pages)


def test_previous_and_next_lead_through_all_pages():
    seen, name = [], "index.html"
    while name:
        seen.append(name)
        found = re.search(r'class="next-page" href="([^"]+)"', read(name).text)
        name = normpath(join(dirname(name), found[1])) if found else ""
    assert set(seen) == set(names()) - {"search.html"}


def test_terms_lead_to_the_glossary():
    for lesson in [page for path, page in PAGE_OF.items() if path.parent.name == "notebooks"][1:]:
        assert len([link for link in read(lesson).links if link.startswith("glossary.html#term-")]) >= 5, lesson


def test_cells_of_labs_that_need_torch_say_so():
    lab = read("labs/05_convolution_output_sizes_lab.html").text
    assert lab.count('class="needs-torch">PyTorch') > 5
    assert lab.count("No browser has PyTorch") == 1
    for path, page in PAGE_OF.items():
        if path.parent.name == "notebooks":
            assert 'class="needs-torch"' not in read(page).text, page


def test_nothing_says_hidden_until_run(name):
    assert "Hidden until this cell is run" not in read(name).text


def test_the_front_page_names_every_lesson_with_its_question_and_minutes():
    text = read("index.html").text
    start = (ROOT / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8")
    rows = re.findall(r"\| \d\d \| [^|]* \| ([^|]*) \| (\d+ / \d+) \|", start)
    assert len(rows) == 9
    assert [row for row in rows if row[0] not in text or f"{row[1]} minutes" not in text] == []


def test_a_class_can_take_it_along(tmp_path):
    pack(SITE, tmp_path / "course.zip")
    with ZipFile(tmp_path / "course.zip") as archive:
        inside = set(archive.namelist())
        archive.extractall(tmp_path)
    assert {f"course/{name}" for name in ("README.txt", "start.bat", "start.command", "site/index.html")} <= inside
    command = [sys.executable, "-u", "-c", f"import serve; serve.serve(serve.Path('site'), port={free_port()})"]
    with subprocess.Popen(command, cwd=tmp_path / "course", stdout=subprocess.PIPE, encoding="utf-8") as server:
        try:
            address = server.stdout.readline().split()[-1]
            live = f"{address}_static/live/live.js"
            for _ in range(50):
                with suppress(OSError), urlopen(live) as answer:
                    break
                time.sleep(0.1)
            assert answer.headers["Content-Type"] == "text/javascript"
        finally:
            server.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def test_what_only_jupyterlab_needs_is_left_out():
    start = (ROOT / "notebooks" / "00_start_here.ipynb").read_text(encoding="utf-8")
    page = read("00_start_here.html").text
    for words in ("Start now:", "You see a picture but no sliders?", "Is everything here?", "On GitHub there are"):
        assert words in start
        assert words not in page
    assert "Run this cell first" not in "".join(read(name).text for name in PAGE_OF.values())
    assert "This is an <em>explorer</em>" in page
    assert "Exercises that know your mistake" in page


@pytest.mark.parametrize("words", INSTEAD)
def test_what_a_page_says_in_another_way_is_still_said_in_the_notebooks(words):
    prose = ["".join(cell["source"]) for path in NOTEBOOKS for cell in cells(path) if cell["cell_type"] == "markdown"]
    assert words in "\n".join([*prose, (ROOT / "docs" / "layers.md").read_text(encoding="utf-8")])


FROM_A_NOTEBOOK = (
    r"\b(run|this|code|next) cells?\b|\b[Rr]un (that|the|its|both|this) cells?\b|\bcells? (above|again|below)\b"
    r"|The cell (below|takes|counts|checks)|JupyterLab|Shift \+ Enter|kernel (is gone|that drew)|[Nn]otebook 0\d"
    r"|\b(this|a|the) notebook\b"
)


def test_no_page_speaks_of_cells_to_run_or_of_a_notebook(name):
    page = re.sub(r"(?s)<(pre|script).*?</\1>", "", read(name).text)
    text = html.unescape(re.sub(r"<(?!meta)[^>]+>", "", page))  # what <head> says, too
    assert [found[0] for found in re.finditer(FROM_A_NOTEBOOK, text)] == []


@pytest.mark.parametrize(
    "words",
    ["run the cell again", "the code cell", "`row` in the cell above", "ran in this notebook", "this cell"],
)
def test_such_words_are_found(words):
    assert re.search(FROM_A_NOTEBOOK, words)


def test_numbers_stay_beside_their_signs():
    assert "keeps 24\u00a0% of" in read("04_pooling.html").text
    assert "3\u00a0×\u00a03 convolution" in read("04_pooling.html").text
    for name in ("teaching.html", "glossary.html", "labs/00_all_claims.html"):
        page = re.sub(r'(?s)<(pre|code|script|svg).*?</\1>|"[^"]*"', "", read(name).text)
        assert re.findall(r".{20}\d (?:%|× \d)", re.sub(r"<[^>]+>", "", page)) == []


def test_no_page_speaks_of_a_kernel_that_keeps_something_or_of_cells_to_fill_in(name):
    text = re.sub(r"<[^>]+>", "", re.sub(r"(?s)<(pre|script).*?</\1>", "", read(name).text))
    for words in (*INSTEAD, "in this kernel", "the kernel runs", "three cells", "cell below the vote"):
        assert words.replace("`", "").replace("*", "") not in text


def test_verdicts_on_what_was_not_voted_on_are_folded():
    for path, page in PAGE_OF.items():
        votes = [cell for cell in cells(path) if "".join(cell["source"]).startswith("vote(")]
        assert read(page).text.count('<details class="claims">') == bool(votes), page


BUILT = (SITE / "teaching.html").exists()
SETTINGS = [link for link in read("teaching.html").links if "?" in link] if BUILT else []
SEEN = {claim: f"{page}.html#{explorer}?{urlencode(values)}" for claim, (page, explorer, values) in EXPLORERS.items()}


def letters(controls: dict) -> dict[str, str]:
    """The letter of each control that has one, as in tools/site/live/links.js."""
    short: dict[str, str] = {}
    for name, control in controls.items():
        letter = re.search(r"(?:^|\s)([A-Za-z])$", control["label"])
        if letter and letter[1] not in short:
            short[letter[1]] = name
    return short


@pytest.mark.parametrize("link", [*SETTINGS, *dict.fromkeys(SEEN.values())])
def test_a_link_to_a_setting_opens_one(link):
    page, _, setting = link.partition("#")
    explorer, _, query = setting.partition("?")
    specs = re.findall(r'data-live="explorer" data-spec="([^"]+)"', read(page).text)
    spec = next(s for s in map(json.loads, map(html.unescape, specs)) if slug(s["name"]) == explorer)
    values = parse_qsl(query, strict_parsing=True)
    changed = {letters(spec["controls"]).get(key, key): value for key, value in values}
    assert len(changed) == len(values)
    for name, value in changed.items():
        control = spec["controls"][name]
        if control["kind"] == "Slider":
            assert control["low"] <= float(value) <= control["high"], name
        else:
            assert value in control.get("options", ("true", "false")), name
        assert str(spec["values"][name]) != value or len(changed) > 1
    typed = {"Slider": float, "Switch": lambda text: text == "true"}
    values = {name: typed.get(spec["controls"][name]["kind"], str)(value) for name, value in changed.items()}
    shown = getattr(import_module(spec["module"]), spec["name"])(**spec["start"])
    shown.move(**values)
    assert not shown.picture.card, shown.sentence  # no setting that cannot be


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_claims_verdict_leads_to_its_explorer_or_its_record(claim):
    page = read(f"{LABS[CLAIMS[claim].topic]}.html")
    below = page.text.partition(f'id="claim-{claim.lower()}"')[2].partition("</section>")[0]
    verdict = below.partition('<details class="verdict">')[2].partition("</details>")[0]
    if claim in EXPLORERS:
        assert html.escape(f"../{SEEN[claim]}") in verdict
    for file in CLAIMS[claim].records:
        kept = file.replace("cnnkit/course", "_records")
        assert f'href="../{kept}"' in verdict
        assert (SITE / kept).read_bytes() == (ROOT / file).read_bytes()
    if not CLAIMS[claim].record and claim not in EXPLORERS:
        assert "All of it is computed in the measurement above." in verdict


def test_the_teachers_page_leads_to_each_item():
    assert len(SETTINGS) == 8
    page = read("teaching.html")
    text = re.sub(r"(?s)<a .*?</a>|<[^>]+>", "", page.text)
    left = set(re.findall(r"\b0\d\.(?:\d+|[a-e])\b", text))
    assert left == set()
    assert "05_convolution_output_sizes.html#predict-05-a" in page.links
    assert "labs/01_activations_lab.html#claim-a11" in page.links
    assert any(link.startswith("07_full_cnn.html#exercise-07-4-") for link in page.links)
    assert ">04.6</a> (lab)" in page.text


def test_the_site_has_its_icon(name):
    assert read(name).text.count('rel="shortcut icon"') == 1
