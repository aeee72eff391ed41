"""What the README says is so: its example runs, its links lead somewhere, its commands exist."""

import doctest
import re
from pathlib import Path

import pytest
from PIL import Image

from cnnkit.course import TOPICS
from cnnkit.course.exercises import EXERCISES
from tools import moving_picture

ROOT = Path(__file__).parent.parent
PAGES = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "data/README.md",
    "docs/teaching.md",
    "docs/glossary.md",
    "docs/layers.md",
]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_example_runs():
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False, encoding="utf-8")
    assert (failed, tried > 5) == (0, True)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    text = re.sub(r"\[!\[.*?\]\(.*?\)\]", "[badge]", (ROOT / page).read_text(encoding="utf-8"))
    targets = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [target for target in targets if target and not ((ROOT / page).parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_it_names_exists(page):
    named = re.findall(r"\bmake (\w+)", "\n".join(re.findall(r"`+[^`]*`+", (ROOT / page).read_text(encoding="utf-8"))))
    assert [name for name in named if not re.search(rf"(?m)^{name}:", MAKEFILE)] == []


def test_the_two_commands_come_first():
    block = re.search(r"```sh\n(.*?)```", README, re.DOTALL)[1]
    assert re.findall(r"(?m)^(make \w+)", block) == ["make lab", "make test"]


def test_make_help_says_what_each_command_does():
    public = set(re.search(r"(?m)^\.PHONY: (.*)", MAKEFILE)[1].split())
    assert {name for name in public if not re.search(rf"(?m)^{name}:.*## \w", MAKEFILE)} == set()


def test_images_have_alternative_text():
    assert re.findall(r"!\[\s*\]", README) == []


def test_the_first_screen_has_a_moving_picture_of_an_explorer():
    first = README.split("## Start")[0]
    file = ROOT / re.search(r"\]\((docs/\S+\.gif)\)", first)[1]
    assert file.stat().st_size < 500_000
    with Image.open(file) as picture:
        assert picture.n_frames == len(moving_picture.frames()) > 5
        assert picture.size == moving_picture.frames()[0].size


def test_the_teachers_page_has_the_minutes_and_answers_every_open_question():
    page = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    for notebook in list(TOPICS.values())[1:]:
        rows = [line for text in (README, page) for line in text.splitlines() if f"{notebook}.ipynb)" in line]
        assert len({re.search(r"\| (\d+ / \d+) \|", row)[1] for row in rows if " / " in row}) == 1, notebook
    asked = {key for key, exercise in EXERCISES.items() if "?" in exercise.praise}
    answered = re.findall(r"(?m)^\* \*\*(\d\d\.\d+)\*\*", page.split("## Answers to the open questions")[1])
    assert answered == sorted(answered)
    assert set(answered) == asked


def test_benchmark_table_has_its_place():
    assert re.search(r"<!-- bench:start -->\n(\|.*\n)*<!-- bench:end -->", README)


def test_the_files_of_the_table_for_a_new_topic_exist():
    table = re.search(r"\| file in the folder .*?\n\n", CONTRIBUTING, re.DOTALL)[0]
    rows = [re.findall(r"`([^`]+)`", "|".join(line.split("|")[1:3])) for line in table.splitlines()[2:] if line]
    examples = [row[-1] for row in rows]
    assert len(examples) == 12
    for path in (ROOT / example for example in examples):
        assert path.exists(), path


def test_every_topic_has_the_files_that_the_table_names():
    for topic, notebook in TOPICS.items():
        folder = ROOT / "cnnkit" / "course" / topic
        assert (ROOT / "notebooks" / f"{notebook}.ipynb").exists()
        assert (folder / "explorers.py").exists()
        assert (folder / "exercises.py").exists() or (folder / "exercises").is_dir()
        assert (ROOT / "tests" / "course" / topic).is_dir()
        records, written = (
            {path.stem.partition("_")[2] for path in folder.glob(g)} for g in ("record*.py", "rec*.json")
        )
        assert records - written == set(), f"{topic}: a recorder that has written nothing"
        assert written - records == set(), f"{topic}: a record that nothing writes"
        numbers = {path.stem.removesuffix("_numbers") for path in folder.glob("*_numbers.py")}
        assert [name for name in numbers if not (folder / f"{name}.py").exists()] == [], "numbers without their picture"
