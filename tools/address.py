"""Write the repository's address wherever it belongs, or take it out: `make address`.

    make address                                    the address of git's remote `origin`
    make address URL=https://github.com/YOU/cnnkit  this one
    make address URL=none                           none
    make address SITE=https://course.example.org    and the address of the pages, where it is not GitHub's own for them

`project.urls` in pyproject.toml holds the address; the notebooks, README, CONTRIBUTING and CITATION.cff follow it.
`make site` finds the address of the course's pages there, too, for the pictures that go with a shared link.
Without one they name none and install nothing from the network: whoever registered an invented address would run code
in every learner's session.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = "https://github.com/YOU/cnnkit"
NOT_YET = "This copy has no address to install from yet: whoever publishes it runs `make address`."
GITHUB, COLAB = "https://github.com/", "https://colab.research.google.com/"

HOST, PART = r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", r"[\w~][\w.~-]*"
PATH = rf"/*(?P<path>{PART}(?:/{PART})+)/?"
FORMS = (
    rf"https://(?:[^/@\s]*@)?(?P<host>{HOST}(?::\d+)?)/{PATH}",
    rf"ssh://(?:[^/@\s]*@)?(?P<host>{HOST})(?::\d+)?/{PATH}",
    rf"(?:[\w.-]+@)?(?P<host>{HOST}):{PATH}",
)


def repository(root: Path = ROOT) -> str | None:
    """The address that pyproject.toml holds; None while there is none."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project.get("urls", {}).get("Repository")


def site(root: Path = ROOT) -> str | None:
    """The address of the course's pages, with a slash at the end; None while there is none."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project.get("urls", {}).get("Homepage")


def normal(given: str) -> str:
    """The https form of an address, without user, password and `.git`; a ValueError if it is none to install from.

    >>> normal("git@github.com:me/cnnkit.git")
    'https://github.com/me/cnnkit'
    """
    found = [m for form in FORMS if (m := re.fullmatch(form, given.strip(), re.ASCII | re.IGNORECASE))]
    host = re.sub(r"^(www|ssh)\.(?=github\.com$)", "", found[0]["host"].lower()) if found else ""
    path = found[0]["path"].removesuffix(".git") if found else ""
    on_github = host.partition(":")[0] == "github.com"
    if not path or (on_github and (host != "github.com" or path.count("/") != 1)):
        shown = re.sub(r"//[^/]*@", "//", given)  # a password stays where it was
        raise ValueError(f"{shown!r} is no address to install from; one like {EXAMPLE} is needed, or none.")
    return f"https://{host}/{path}"


def normal_site(given: str) -> str:
    """The form of the pages' address: https, and a slash at the end; a ValueError if it is none.

    >>> normal_site("https://course.example.org/layers")
    'https://course.example.org/layers/'
    """
    if not re.fullmatch(rf"https://{HOST}(:\d+)?(/{PART})*/?", given.strip(), re.ASCII | re.IGNORECASE):
        raise ValueError(
            f"{given!r} is no address of a site; one like https://YOU.github.io/cnnkit/ is needed, or none."
        )
    return given.strip().rstrip("/") + "/"


def pages(address: str | None) -> str | None:
    """Where GitHub publishes the pages of a repository, until somebody gives them another place.

    >>> pages("https://github.com/Ada/layers")
    'https://ada.github.io/layers/'
    """
    if address is None or not address.startswith(GITHUB):
        return None
    owner, name = address.removeprefix(GITHUB).split("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def origin(root: Path = ROOT) -> str:
    """What git calls `origin` in this very folder; a ValueError if nothing is."""
    here_only = os.environ | {"GIT_CEILING_DIRECTORIES": str(root.resolve().parent)}
    command = ["git", "remote", "get-url", "origin"]
    try:
        done = subprocess.run(command, cwd=root, env=here_only, capture_output=True, encoding="utf-8", check=True)
    except (OSError, subprocess.CalledProcessError):
        raise ValueError(f"git has no remote `origin` here: give the address, make address URL={EXAMPLE}") from None
    return done.stdout.strip()


def badge(address: str | None, notebook: str, says: str) -> str:
    """The Markdown that opens `notebook` in Colab; "" when Colab cannot: it opens what lies on GitHub."""
    if address is None or not address.startswith(GITHUB):
        return ""
    link = f"{COLAB}github/{address.removeprefix(GITHUB)}/blob/main/notebooks/{notebook}"
    return f"[![{says}]({COLAB}assets/colab-badge.svg)]({link})"


def with_install(text: str, address: str | None) -> str:
    """`text` with the lines for Colab of a notebook's set-up cell: install the package, or say why that cannot be."""
    line = f"%pip install -q --no-deps git+{address}" if address else f'sys.exit("{NOT_YET}")'
    return re.sub(r'(?m)(^if "google\.colab" in sys\.modules:)(?:\n    .+)+', lambda m: f"{m[1]}\n    {line}", text)


def with_badge(text: str, address: str | None, notebook: str) -> str:
    """The first cell of a notebook, with the badge below its heading or without."""
    bare = re.sub(r"\A(#.*)\n\n\[!\[Open In Colab\]\(\S*\)\]\(\S*\)(?=\n\n|\Z)", r"\1", text)
    heading, gap, rest = bare.partition("\n\n")
    shown = badge(address, notebook, "Open In Colab")
    return f"{heading}\n\n{shown}{gap}{rest}" if shown else bare


def with_badges(table: str, address: str | None) -> str:
    """A Markdown table of notebooks, with a last column of badges, which has no title, or without."""
    lines = table.splitlines()
    names = [re.search(r"\]\(notebooks/(\w+\.ipynb)\)", line) for line in lines]
    if not any(names):
        return table
    if lines[0].endswith("| |"):
        lines = [re.sub(r"[^|]*\|$", "", line) for line in lines]
    if badge(address, "", ""):
        cells = [f" {badge(address, m[1], f'Open {m[1][:2]} in Colab')} |" if m else " |" for m in names]
        cells[1] = "---|"
        lines = [line + cell for line, cell in zip(lines, cells, strict=True)]
    return "".join(f"{line}\n" for line in lines)


def in_page(text: str, address: str | None) -> str:
    """README or CONTRIBUTING: badges, the line that installs the package alone, the set-up cell."""
    line = f"pip install git+{address}  # straight from" if address else "pip install .  # in a clone of"
    text = re.sub(r"(?m)^pip install \S+  # (?:straight from|in a clone of)(?= this repository$)", lambda _: line, text)
    return with_install(re.sub(r"(?m)(?:^\|.*\n)+", lambda m: with_badges(m[0], address), text), address)


def in_project(text: str, address: str | None, site: str | None = None) -> str:
    """pyproject.toml: the lines below the comment of `project.urls`."""
    lines = f'Repository = "{address}"\n' if address else ""
    lines += f'Homepage = "{site}"\n' if site else ""
    pattern = r'(?m)(^\[project\.urls\]\n(?:#.*\n)*)(?:^(?:Repository|Homepage) = ".*"\n)*'
    return re.sub(pattern, lambda m: m[1] + lines, text)


def in_citation(text: str, address: str | None) -> str:
    """CITATION.cff: the line below that of the version."""
    line = f"repository-code: {address}\n" if address else ""
    return re.sub(r"(?m)^(version: .*\n)(?:repository-code: .*\n)?", lambda m: m[1] + line, text)


def in_notebook(text: str, address: str | None, name: str) -> str:
    """A notebook's file."""
    notebook = json.loads(text)
    for i, cell in enumerate(notebook["cells"]):
        source = in_cell("".join(cell["source"]), address, name, first=i == 0)
        cell["source"] = source.splitlines(keepends=True)
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def in_cell(source: str, address: str | None, name: str, *, first: bool) -> str:
    """One cell of the notebook `name`: the first has the badge, that of the set-up the lines for Colab."""
    return with_install(with_badge(source, address, name) if first else source, address)


def rewritten(address: str | None, root: Path = ROOT, site: str | None = None) -> dict[Path, str]:
    """Every file that the address has a place in, and its text with this address, and that of the pages."""
    files: dict[Path, Callable[[str, str | None], str]] = {
        root / "pyproject.toml": partial(in_project, site=site or pages(address)),
        root / "CITATION.cff": in_citation,
    }
    files |= {root / page: in_page for page in ("README.md", "CONTRIBUTING.md")}
    texts = {path: change(path.read_text(encoding="utf-8"), address) for path, change in files.items()}
    folder = root / "notebooks"
    for path in [*sorted(folder.glob("*.ipynb")), *sorted((folder / "labs").glob("*.ipynb"))]:
        texts[path] = in_notebook(path.read_text(encoding="utf-8"), address, path.relative_to(folder).as_posix())
    return texts


def write(address: str | None, root: Path = ROOT, site: str | None = None) -> list[str]:
    """Write the address, or none, into all files; the names of those that were changed."""
    texts = rewritten(address, root, site)
    changed = [path for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    for path in changed:
        path.write_text(texts[path], encoding="utf-8")
    return [path.relative_to(root).as_posix() for path in changed]


def wrong(name: str, root: Path = ROOT) -> int:
    """0 if the address is that of this repository of GitHub; else 1, and a line that GitHub shows beside the run."""
    address = repository(root)
    if address and address.lower() == f"{GITHUB}{name}".lower():
        return 0
    print(
        f"::warning file=pyproject.toml::The address is {address or 'none'}, but this is {GITHUB}{name}: "
        "run `make address` and push what it changes; until then the pages are built, and not published."
    )
    return 1


def main(arguments: list[str] | None = None, root: Path = ROOT) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", default="", help="the address, or `none`; left out, that of `origin`")
    parser.add_argument("--site", default="", help="the address of the pages; left out, GitHub's own for them")
    parser.add_argument("--check", metavar="OWNER/NAME", help="change nothing: is this the repository that is named?")
    asked = parser.parse_args(arguments)
    if asked.check:
        sys.exit(wrong(asked.check, root))
    url = asked.url.strip()
    try:
        address = None if url == "none" else normal(url or origin(root))
        site = normal_site(asked.site) if asked.site.strip() else pages(address)
    except ValueError as error:
        sys.exit(str(error))
    changed = write(address, root, site)
    print(f"The address is {address or 'none'}. Changed: {', '.join(changed) or 'nothing'}.")
    print(f"The pages' address is {site or 'none'}.")
    if address and not badge(address, "", ""):
        print("Colab opens notebooks of GitHub only: there are no badges.")


if __name__ == "__main__":
    main()
