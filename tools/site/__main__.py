"""Build the site: `make site`, or `python -m tools.site`.

python -m tools.site                 _site/, from the stored notebooks, without a network
python -m tools.site --zip           also dist/course.zip, for a classroom without a network
python -m tools.site --fetch-wheels  first fetch the Python packages that run in the page, by their lock
python -m tools.site --serve         look at it: http://127.0.0.1:8000
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tools import address
from tools.site import book, front
from tools.site.classroom import pack
from tools.site.live import runtime
from tools.site.serve import serve

ROOT = book.ROOT
HERE = Path(__file__).parent


def build(site: Path, root: Path = ROOT) -> None:
    """Put the whole site into a folder, in place of what was there."""
    from sphinx.cmd.build import build_main

    os.environ["SITE_ADDRESS"] = address.site(root) or ""
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "source", Path(folder) / "made"
        pages = book.write(source, made, root)
        book.save(source / "index.md", front.front(pages, address.repository(root)))
        quiet = ["--quiet", "--fail-on-warning", "--keep-going", "--jobs", "1"]
        if build_main([*quiet, "-c", str(HERE), "-d", f"{folder}/doctrees", str(source), str(made)]):
            sys.exit("Sphinx found fault with a page: see above.")
        for left in ("objects.inv", ".buildinfo"):  # for other Sphinx projects, and for a second run: there is none
            (made / left).unlink(missing_ok=True)
        shutil.rmtree(made / "_sources", ignore_errors=True)
        (made / ".nojekyll").touch()  # or GitHub Pages leaves out what begins with an underscore
        runtime.add_runtime(made)
        shutil.rmtree(site, ignore_errors=True)
        shutil.move(made, site)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "_site", help="the folder of the site")
    parser.add_argument("--zip", action="store_true", help="also make dist/course.zip")
    parser.add_argument("--fetch-wheels", action="store_true", help="first fetch the packages that run in the page")
    parser.add_argument("--serve", action="store_true", help="serve what is there, building nothing")
    asked = parser.parse_args(arguments)
    if asked.serve:
        serve(asked.out, "127.0.0.1")
        return
    if asked.fetch_wheels:
        runtime.fetch_wheels()
    build(asked.out)
    print(f"The site lies in {asked.out}: index.html is its front page.")
    if not address.site(ROOT):
        print("It has no address yet: a link to it shows no picture where it is shared. `make address` gives it one.")
    if asked.zip:
        pack(asked.out, ROOT / "dist" / "course.zip")
        print(f"For a classroom: {ROOT / 'dist' / 'course.zip'}")


if __name__ == "__main__":
    main()
