"""What runs on GitHub: actions pinned to commits, no more rights than needed, commands that exist, forms that open."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((GITHUB / "workflows").glob("*.yml"))}
PARSED = {name: yaml.safe_load(text) for name, text in WORKFLOWS.items()}
JOBS = [(f"{name}: {job}", body) for name, workflow in PARSED.items() for job, body in workflow["jobs"].items()]
STEPS = [(name, step) for name, job in JOBS for step in job["steps"]]
FORMS = [path for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if path.name != "config.yml"]
TARGETS = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))


def commands() -> list[tuple[str, str]]:
    return [(name, line) for name, step in STEPS for line in step.get("run", "").splitlines()]


def test_the_workflows_are_there():
    assert set(WORKFLOWS) == {"ci", "release", "site"}


def test_every_action_is_pinned_to_a_commit_and_says_which_version_that_is():
    pins = defaultdict(set)
    for text in WORKFLOWS.values():
        for line in re.findall(r"(?m)^.*\buses:.*$", text):
            found = re.fullmatch(r" +(?:- )?uses: ([\w-]+/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)", line)
            assert found, f"not pinned: {line.strip()}"
            pins[found[1]].add((found[2], found[3]))
    assert {action: len(versions) for action, versions in pins.items()} == dict.fromkeys(pins, 1)
    assert len(pins) >= 3


def test_rights_are_the_least():
    assert [workflow["permissions"] for workflow in PARSED.values()] == [{"contents": "read"}] * len(PARSED)
    more = {name: job["permissions"] for name, job in JOBS if "permissions" in job}
    assert more == {
        "release: publish": {"id-token": "write"},
        "site: publish": {"pages": "write", "id-token": "write"},
    }


def test_nothing_from_outside_runs_with_the_repositorys_rights():
    for name, workflow in PARSED.items():
        assert "pull_request_target" not in workflow[True]  # YAML reads the key `on` as true
        assert "secrets." not in WORKFLOWS[name]
    assert [line for _, line in commands() if "${{" in line] == []  # a branch's name is text, never part of a command


def test_no_checkout_leaves_a_password_behind():
    checkouts = [step for _, step in STEPS if "actions/checkout" in step.get("uses", "")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_every_job_ends():
    assert [name for name, job in JOBS if not 0 < job["timeout-minutes"] <= 60] == []


def test_test_browser_and_colab_run_side_by_side():
    jobs = PARSED["ci"]["jobs"]
    for name in ("test", "browser", "colab"):
        assert "needs" not in jobs[name]
        assert [step["run"] for step in jobs[name]["steps"] if "run" in step] == [f"make {name}"]
    assert PARSED["ci"]["concurrency"]["cancel-in-progress"] is True
    assert jobs["newest"]["if"] == "github.event_name == 'schedule'"


def test_every_command_names_something_that_exists():
    named = [(name, target) for name, line in commands() for target in re.findall(r"\bmake (\w+)", line)]
    assert len(named) >= 4
    assert [(name, target) for name, target in named if target not in TARGETS] == []
    files = [file for _, line in commands() for file in re.findall(r"\btools/\S+|\brequirements\S*|\btests/\S+", line)]
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_what_is_published_was_tested_and_built_before():
    publish = PARSED["release"]["jobs"]["publish"]
    assert set(publish["needs"]) == {"test", "build"}
    assert publish["environment"] == "pypi"
    assert [step.get("uses", "").split("@")[0] for step in publish["steps"]] == [
        "actions/download-artifact", "pypa/gh-action-pypi-publish",
    ]  # fmt: skip
    assert PARSED["release"][True] == {"push": {"tags": ["v*"]}}
    assert PARSED["ci"][True]["push"] == {"branches": ["**"]}  # a tag is the release's alone
    build = [step.get("run", "") for step in PARSED["release"]["jobs"]["build"]["steps"]]
    assert build.index('python tools/release.py "$GITHUB_REF_NAME"') < len(build) - 1


def test_pages_are_published_from_main_alone_after_they_were_tried():
    build, publish = (PARSED["site"]["jobs"][job] for job in ("build", "publish"))
    assert publish["needs"] == "build"
    assert publish["if"] == "github.ref == 'refs/heads/main' && needs.build.outputs.ours == 'true'"
    assert [step["uses"].split("@")[0] for step in publish["steps"]] == ["actions/deploy-pages"]
    tried, packed = (
        next(i for i, step in enumerate(build["steps"]) if text in step.get("run", step.get("uses", "")))
        for text in ("pytest", "upload-pages-artifact")
    )
    assert tried < packed


FIELDS = {"textarea", "input", "dropdown", "checkboxes"}


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_is_one_that_github_shows(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(form) == {"name", "description", "labels", "body"}
    assert set(form["labels"]) <= {"bug", "documentation", "enhancement"}  # what every repository has from the start
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)
    for field in form["body"]:
        assert field["type"] in FIELDS
        assert field["attributes"]["label"]
        options = field["attributes"].get("options", [])
        assert bool(options) == (field["type"] in {"dropdown", "checkboxes"})
        assert all(isinstance(option, dict if field["type"] == "checkboxes" else str) for option in options)
    assert any(field.get("validations", {}).get("required") for field in form["body"])


def test_there_is_a_form_for_each_kind_of_issue():
    assert [path.stem for path in FORMS] == ["bug", "lesson", "topic"]
    assert yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / "config.yml").read_text(encoding="utf-8")) == {
        "blank_issues_enabled": False
    }


def test_the_form_for_lessons_lists_every_notebook():
    form = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / "lesson.yml").read_text(encoding="utf-8"))
    listed = next(field for field in form["body"] if field["id"] == "notebook")["attributes"]["options"]
    numbers = {option[:2] for option in listed[:-1]}
    assert numbers == {path.name[:2] for path in (ROOT / "notebooks").glob("*.ipynb")}
