"""Nothing installs from an address that nobody here owns: `make address` writes one everywhere, or takes it out."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import address

GITHUB, ELSEWHERE = "https://github.com/ada/layers", "https://git.example.org/group/ada/layers"
LEFT_OUT = (
    ".git", ".venv*", "__pycache__", ".*cache", ".hypothesis", ".ipynb_checkpoints", "*.egg-info", "dist", "_site",
)  # fmt: skip
# What is said here of addresses but installs nothing: links to other people's pages, and a placeholder in a sentence.
OTHERS = (
    "https://github.com/YOU/cnnkit",
    "github.com/pytorch/examples",  # and, like this one, where facts in lessons and labs come from
    "github.com/pytorch/pytorch",
    "github.com/CompVis/stable-diffusion",
    "github.com/akrizhevsky/cuda-convnet2",
    "github.com/cs231n/cs231n.github.io",
    "github.com/google-research/tuning_playbook",
    "github.com/keras-team/keras",
    "github.com/microsoft/onnxruntime",
    "github.com/openai/gpt-2",
)
PAGES = ["pyproject.toml", "CITATION.cff", "README.md", "CONTRIBUTING.md"]
NAMES = r"git\+\S+|git clone \S+|colab\.research\.google\.com/github/[^/\s]+/[^/\s]+|github\.com/[^/\s]+/[\w.-]+"


@pytest.fixture
def copy(tmp_path) -> Path:
    """The repository, but for what is not tracked, with no address."""
    root = tmp_path / "copy"
    shutil.copytree(address.ROOT, root, ignore=shutil.ignore_patterns(*LEFT_OUT, "tests", "benchmarks"))
    address.write(None, root)
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def named(root: Path) -> dict[str, list[str]]:
    """Every place that installs or links to a repository, file by file; the tool itself aside."""
    found = {}
    for name, content in contents(root).items():
        if not name.startswith("tools/") and b"\0" not in content:
            text = re.sub("|".join(map(re.escape, OTHERS)), "", content.decode("utf-8"))
            found[name] = re.findall(NAMES, text)
    return {name: places for name, places in found.items() if places}


def notebooks(root: Path) -> list[str]:
    folder = root / "notebooks"
    paths = [*sorted(folder.glob("*.ipynb")), *sorted((folder / "labs").glob("*.ipynb"))]
    return [path.relative_to(root).as_posix() for path in paths]


def lessons(root: Path) -> list[str]:
    """Those that have a badge in the README's table."""
    return [name for name in notebooks(root) if "/labs/" not in name]


GOOD = [
    ("https://github.com/ada/layers", GITHUB),
    ("https://github.com/ada/layers.git", GITHUB),
    ("https://github.com/ada/layers/", GITHUB),
    ("https://GitHub.com/ada/layers.git/", GITHUB),
    ("https://www.github.com/ada/layers", GITHUB),
    ("https://ada:secret@github.com/ada/layers.git", GITHUB),
    ("https://secret@github.com/ada/layers", GITHUB),
    ("git@github.com:ada/layers.git", GITHUB),
    ("github.com:ada/layers.git\n", GITHUB),
    ("ssh://git@github.com/ada/layers.git", GITHUB),
    ("ssh://git@ssh.github.com:443/ada/layers.git", GITHUB),
    ("git@git.example.org:group/ada/layers.git", ELSEWHERE),
    ("ssh://git@git.example.org:2222/group/ada/layers", ELSEWHERE),
    ("https://git.example.org:8443/ada/layers", "https://git.example.org:8443/ada/layers"),
    ("https://github.example.org/ada/layers", "https://github.example.org/ada/layers"),
]
BAD = [
    "", "nothing", "layers", "ada/layers", "../layers", "/srv/git/layers.git", "file:///srv/git/layers.git",
    "C:/ada/layers",
    "http://github.com/ada/layers", "git://github.com/ada/layers", "github.com/ada/layers", "https://localhost/ada/layers",
    "https://github.com/ada", "https://github.com/ada/layers/tree/main", "https://github.com:8443/ada/layers",
    "https://github.com/ada/layers@main", "https://github.com/ada/layers?a", "https://github.com/ada/layers#egg",
    "https://github.com/../layers", "https://github.com/-ada/layers", "https://github.com/ada/.git",
    "git@work:ada/layers",
    "https://github.com/ada/layers torch", "https://github.com/ada/layers\n!ls", 'https://github.com/ada/"layers',
    "https://github.com/ada/(layers)", "https://github.com/аda/layers", "https://a@b@github.com/ada/layers",
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), GOOD)
def test_every_form_of_an_address_becomes_one(given, expected):
    assert address.normal(given) == expected
    assert address.normal(expected) == expected


@pytest.mark.parametrize("given", BAD)
def test_anything_else_is_refused(given):
    with pytest.raises(ValueError, match=re.escape(f"is no address to install from; one like {address.EXAMPLE} is")):
        address.normal(given)


def test_a_password_is_not_shown():
    with pytest.raises(ValueError, match=r"'http://github\.com/ada/layers' is no address") as caught:
        address.normal("http://ada:secret@github.com/ada/layers")
    assert "secret" not in str(caught.value)


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def test_the_address_is_that_of_origin(tmp_path):
    git(tmp_path, "init")
    with pytest.raises(ValueError, match="git has no remote `origin` here: give the address, make address URL="):
        address.origin(tmp_path)
    git(tmp_path, "remote", "add", "origin", "git@github.com:ada/layers.git")
    assert address.normal(address.origin(tmp_path)) == GITHUB


def test_the_origin_of_a_folder_around_this_one_is_not_taken(tmp_path):
    git(tmp_path, "init")
    git(tmp_path, "remote", "add", "origin", GITHUB)
    (tmp_path / "unpacked").mkdir()
    with pytest.raises(ValueError, match="no remote `origin` here"):
        address.origin(tmp_path / "unpacked")


@pytest.mark.parametrize("given", ["http://github.com/ada/layers", ""])  # "" asks git, which knows of no remote
def test_a_bad_address_is_one_sentence_and_changes_nothing(copy, given):
    before = contents(copy)
    with pytest.raises(SystemExit) as caught:
        address.main([given], copy)
    assert isinstance(caught.value.code, str)
    assert "\n" not in caught.value.code
    assert contents(copy) == before


def test_this_repository_is_as_the_tool_writes_it():
    for path, text in address.rewritten(address.repository(), site=address.site()).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make address`"


def test_without_an_address_nothing_names_one(copy):
    assert address.repository(copy) is None
    assert named(copy) == {}
    assert "\npip install .  # in a clone of this repository\n" in (copy / "README.md").read_text(encoding="utf-8")
    for page in ("CONTRIBUTING.md", *notebooks(copy)):
        assert "colab" in (text := (copy / page).read_text(encoding="utf-8"))
        assert "%pip" not in text
        assert text.count(address.NOT_YET) == 1


def test_with_one_on_github_everything_names_exactly_that(copy):
    address.write(GITHUB, copy)
    colab, install = "colab.research.google.com/github/ada/layers", f"git+{GITHUB}"
    files = notebooks(copy)
    found = {name: [place.rstrip('\\n",') for place in places] for name, places in named(copy).items()}
    assert found.pop("pyproject.toml") == found.pop("CITATION.cff") == ["github.com/ada/layers"]
    assert found.pop("README.md") == [colab] * len(lessons(copy)) + [install]
    assert found.pop("CONTRIBUTING.md") == [install]
    assert found == {name: [colab, install] for name in files}
    assert address.repository(copy) == GITHUB
    for page in ("README.md", *files):
        links = re.findall(r"\]\((https://colab\S+?)\)\]\((\S+?)\)", (copy / page).read_text(encoding="utf-8"))
        targets = lessons(copy) if page == "README.md" else [page]
        expected = [f"https://{colab}/blob/main/{target}" for target in targets]
        assert [link for _, link in links] == expected


def test_elsewhere_there_is_no_badge(copy, capsys):
    address.main([ELSEWHERE], copy)
    assert "there are no badges" in capsys.readouterr().out
    found = {name: [place.rstrip('\\n",') for place in places] for name, places in named(copy).items()}
    assert found == {name: [f"git+{ELSEWHERE}"] for name in ("README.md", "CONTRIBUTING.md", *notebooks(copy))}
    assert address.repository(copy) == ELSEWHERE


def test_there_and_back_again_gives_the_same_bytes(copy):
    before, places = contents(copy), [*PAGES, *notebooks(copy)]
    assert address.write(GITHUB, copy) == places
    with_it = contents(copy)
    assert address.write(GITHUB, copy) == []
    assert address.write(ELSEWHERE, copy) == places
    assert address.write(GITHUB, copy) == places
    assert contents(copy) == with_it
    assert address.write(None, copy) == places
    assert contents(copy) == before
    assert address.write(None, copy) == []


THEIRS = """
[the example](https://github.com/pytorch/examples), or on
[![Open In Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/pytorch/examples/blob/main/notebooks/a.ipynb)

pip install git+https://github.com/pytorch/vision
    %pip install git+https://github.com/pytorch/vision

| page | |
|---|---|
| [theirs](https://github.com/pytorch/examples) | [![x](b.svg)](https://colab.research.google.com/github/a/b) |
"""


@pytest.mark.parametrize("where", [GITHUB, None])
def test_links_to_other_peoples_pages_stay(where):
    assert address.in_page(THEIRS, where) == THEIRS
    assert address.in_cell(THEIRS, where, "a.ipynb", first=False) == THEIRS
    badge = address.badge(where, "a.ipynb", "Open In Colab")
    first = address.in_cell(f"# Our own\n{THEIRS}", where, "a.ipynb", first=True)
    assert first == f"# Our own\n\n{badge}\n{THEIRS}" if where else first == f"# Our own\n{THEIRS}"
    workflow = "      - uses: actions/checkout@v6\n"
    assert address.in_page(workflow, where) == address.in_project(workflow, where) == workflow


def test_in_colab_the_cell_says_what_to_do_and_stops(copy, monkeypatch):
    for name in notebooks(copy):
        cells = json.loads((copy / name).read_text(encoding="utf-8"))["cells"]
        source = next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        start, colab, _ = source.split("\n\n", 2)
        exec(f"{start}\n{colab}", {})  # at home it goes on
        with monkeypatch.context() as here:
            here.setitem(sys.modules, "google.colab", object())
            with pytest.raises(SystemExit, match="whoever publishes it runs `make address`"):
                exec(f"{start}\n{colab}", {})


@pytest.mark.skipif(not shutil.which("make"), reason="the command is make's")
def test_make_address_does_it(copy):
    def make(*arguments: str) -> str:
        command = ["make", "--no-print-directory", "address", f"PYTHON={sys.executable}", *arguments]
        own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # not `make test`'s
        return subprocess.run(command, cwd=copy, capture_output=True, encoding="utf-8", check=True, env=own).stdout

    before = contents(copy)
    git(copy, "init")
    git(copy, "remote", "add", "origin", "git@github.com:ada/layers.git")
    assert make().startswith(f"The address is {GITHUB}. Changed: {', '.join(PAGES)}, notebooks/")
    assert address.repository(copy) == GITHUB
    assert make("URL=none").startswith("The address is none. Changed: pyproject.toml, ")
    assert {name: now for name, now in contents(copy).items() if not name.startswith(".git/")} == before


@pytest.mark.parametrize(
    ("repository", "site"),
    [
        ("https://github.com/Ada/layers", "https://ada.github.io/layers/"),
        ("https://github.com/ada/ada.github.io", "https://ada.github.io/"),
        (ELSEWHERE, None),
        (None, None),
    ],
)
def test_github_gives_the_pages_an_address(repository, site):
    assert address.pages(repository) == site


def test_the_pages_address_is_written_beside_the_repositorys(copy):
    address.main([GITHUB], copy)
    assert address.site(copy) == "https://ada.github.io/layers/"
    address.main([GITHUB, "--site", "https://layers.example.org"], copy)
    assert (address.repository(copy), address.site(copy)) == (GITHUB, "https://layers.example.org/")
    address.main(["none"], copy)
    assert (address.repository(copy), address.site(copy)) == (None, None)


@pytest.mark.parametrize(
    "given", ["http://layers.example.org", "layers.example.org", "https://a b.org", "https://x.org/?"]
)
def test_an_address_that_is_no_site_is_refused(given, copy):
    with pytest.raises(SystemExit, match="no address of a site"):
        address.main([GITHUB, "--site", given], copy)


def test_a_fork_is_told_that_the_address_is_another_ones(copy, capsys):
    address.main([GITHUB], copy)
    assert address.wrong("Ada/layers", copy) == 0
    assert address.wrong("eve/layers", copy) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("::warning file=pyproject.toml::The address is")
    address.main(["none"], copy)
    assert address.wrong("ada/layers", copy) == 1
