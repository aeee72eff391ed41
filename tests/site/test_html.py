"""The HTML is valid: the Nu checker, which the W3C's own service runs, finds no error."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.site.pages import ROOT, SITE, names

VERSION = "26.9.27"
SHA512 = "TkQd5DFfOaWC9ebtvozTsrH2Vaod3jYg+vrOeREzIXxBexLz9+rS2DNtjn7+RPUiZhgli0SghgBX6RJRNea0KA=="
CACHE = ROOT / ".npm-cache"


@pytest.fixture(scope="module")
def checker() -> Path:
    """The checker's jar, fetched once from the package vnu-jar."""
    jar = CACHE / f"vnu-{VERSION}.jar"
    if not jar.exists():
        fetch(jar)
    if not run("java", "-jar", jar, "--version"):
        pytest.skip("the HTML is not checked: there is no Java here that can run the Nu checker")
    return jar


def fetch(jar: Path) -> None:
    CACHE.mkdir(exist_ok=True)
    packed = CACHE / f"vnu-jar-{VERSION}.tgz"
    if not run("npm", "pack", "--silent", "--fetch-retries=1", f"vnu-jar@{VERSION}"):
        pytest.skip("the HTML is not checked: the Nu checker is fetched by npm, which is not here or has no network")
    assert base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() == SHA512
    with tarfile.open(packed) as archive, archive.extractfile("package/build/dist/vnu.jar") as inside:
        jar.write_bytes(inside.read())
    packed.unlink()


def run(tool: str, *arguments: object) -> bool:
    """Whether a tool is there, and did what it should."""
    found = shutil.which(tool)  # on Windows npm is npm.cmd
    try:
        done = found and subprocess.run([found, *map(str, arguments)], cwd=CACHE, capture_output=True, timeout=300)
    except subprocess.TimeoutExpired:
        return False
    return bool(done) and done.returncode == 0


def test_every_page_is_valid(checker):
    files = [str(SITE / name) for name in names()]
    command = ["java", "-jar", str(checker), "--format", "json", "--exit-zero-always", *files]
    done = subprocess.run(command, capture_output=True, check=True)
    messages = json.loads(done.stderr)["messages"]
    errors = [message for message in messages if message["type"] == "error"]
    told = [f"{error['url'].rpartition('/')[2]}:{error['lastLine']}: {error['message']}" for error in errors]
    assert told == []
