"""The version stands in one place, no page contradicts it, and only its own tag is released."""

import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.version import Version

import cnnkit
from tools import release

ROOT = Path(__file__).parents[1]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
# What version 1.2.0 of the Citation File Format asks for, and what it allows besides.
ASKED = {"cff-version", "message", "title", "authors"}
ALLOWED = {
    "abstract", "commit", "contact", "date-released", "doi", "identifiers", "keywords", "license", "license-url",
    "preferred-citation", "references", "repository", "repository-artifact", "repository-code", "type", "url",
    "version",
}  # fmt: skip


def test_the_package_holds_the_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in project["project"]
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"] == {"path": "cnnkit/__init__.py"}
    assert release.version() == cnnkit.__version__
    assert str(Version(cnnkit.__version__)) == cnnkit.__version__


def test_the_changelog_tells_of_no_later_version():
    told = [Version(version) for version in release.released()]
    assert told == sorted(told, reverse=True)
    assert all(version <= Version(cnnkit.__version__) for version in told)


def test_the_citation_is_of_this_version_and_in_its_form():
    assert CITATION["version"] == cnnkit.__version__, "CITATION.cff: put the version of cnnkit/__init__.py"
    assert set(CITATION) >= ASKED
    assert set(CITATION) <= ASKED | ALLOWED
    assert CITATION["cff-version"] == "1.2.0"
    assert CITATION["type"] == "software"
    assert all(set(author) == {"name"} for author in CITATION["authors"])


@pytest.fixture
def tree(tmp_path) -> Path:
    """A repository whose version 1.2.0 is told of in the changelog."""
    (tmp_path / "cnnkit").mkdir()
    (tmp_path / "cnnkit" / "__init__.py").write_text('__version__ = "1.2.0"\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text("## Unreleased\n\n## 1.2.0 (2026-11-29)\n\n## 1.1.0\n", encoding="utf-8")
    return tmp_path


def test_the_tag_of_this_version_is_released(tree):
    assert release.released(tree) == ["1.2.0", "1.1.0"]
    assert release.reason("v1.2.0", tree) is None


@pytest.mark.parametrize("tag", ["v1.1.0", "1.2.0", "v1.2", "v1.2.0rc1", "v"])
def test_another_tag_is_refused(tree, tag):
    assert f"The tag is {tag}, but cnnkit/__init__.py holds version 1.2.0" in release.reason(tag, tree)


@pytest.mark.parametrize("changelog", ["## Unreleased\n", "## Unreleased\n\n## 1.1.0\n\n## 1.2.0\n"])
def test_a_version_that_the_changelog_does_not_tell_of_is_refused(tree, changelog):
    (tree / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
    assert "CHANGELOG.md does not begin with version 1.2.0" in release.reason("v1.2.0", tree)
