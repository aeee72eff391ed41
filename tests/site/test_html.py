"""The HTML is valid: the Nu checker, which the W3C's own service runs, finds no error."""

from __future__ import annotations

import base64
import hashlib
import json
import os
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
    say = pytest.fail if os.environ.get("CI") else pytest.skip
    missing = [tool for tool in ("java", "npm") if not shutil.which(tool)]
    if missing:
        say(f"the HTML checker needs {' and '.join(missing)}")
    jar = CACHE / f"vnu-{VERSION}.jar"
    if not jar.exists():
        CACHE.mkdir(exist_ok=True)
        packed = CACHE / f"vnu-jar-{VERSION}.tgz"
        fetched = subprocess.run(["npm", "pack", "--silent", f"vnu-jar@{VERSION}"], cwd=CACHE, capture_output=True)
        if fetched.returncode:
            say("the HTML checker could not be fetched")
        assert base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode() == SHA512
        with tarfile.open(packed) as archive, archive.extractfile("package/build/dist/vnu.jar") as inside:
            jar.write_bytes(inside.read())
        packed.unlink()
    return jar


def test_every_page_is_valid(checker):
    files = [str(SITE / name) for name in names()]
    command = ["java", "-jar", str(checker), "--format", "json", "--exit-zero-always", *files]
    done = subprocess.run(command, capture_output=True, check=True)
    messages = json.loads(done.stderr)["messages"]
    errors = [message for message in messages if message["type"] == "error"]
    told = [f"{error['url'].rpartition('/')[2]}:{error['lastLine']}: {error['message']}" for error in errors]
    assert told == []
