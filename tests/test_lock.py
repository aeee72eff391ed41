"""The lock, the ranges and the conda environment agree, and what is installed is what is locked."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.txt").read_text(encoding="utf-8")
COLAB = (ROOT / "requirements-colab.txt").read_text(encoding="utf-8")
ENVIRONMENT = (ROOT / "environment.yml").read_text(encoding="utf-8")
EXACT = re.compile(r"[\w.-]+==[\w.]+( ; [^#]+)?(\s+# .*)?")


def locked(lock: str) -> dict[str, Requirement]:
    lines = [line.split("#")[0].strip() for line in lock.splitlines()]
    return {canonicalize_name(r.name): r for r in map(Requirement, filter(None, lines))}


def pin(requirement: Requirement) -> str:
    return next(iter(requirement.specifier)).version


def wanted(project: dict) -> list[Requirement]:
    """All that pyproject.toml asks for: package, extras, build. (`make peers` and `make site` take the newest.)"""
    extras = project["project"]["optional-dependencies"]
    locked_extras = [lines for name, lines in extras.items() if name not in ("peers", "site")]
    lists = [project["build-system"]["requires"], project["project"]["dependencies"], *locked_extras]
    return [Requirement(line) for lines in lists for line in lines]


def unmet(requirements: list[Requirement], lock: dict[str, Requirement]) -> list[str]:
    found = []
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        if name not in lock:
            found.append(f"{name} is not locked")
        elif not requirement.specifier.contains(pin(lock[name]), prereleases=True):
            found.append(f"{name} is locked at {pin(lock[name])}, but {requirement} is asked for")
    return found


def problems(project: dict, text: str, environment: str) -> list[str]:
    """Where pyproject.toml, requirements.txt and environment.yml disagree."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    loose = [line for line in lines if not EXACT.fullmatch(line)]
    if loose:
        return [f"not exact: {line}" for line in loose]
    lock = locked(text)
    cuda = [f"{name} belongs to one platform" for name in lock if re.match("nvidia|triton|cuda", name)]
    pair = [Requirement(line) for line in project["tool"]["uv"]["constraint-dependencies"]]
    return unmet(wanted(project) + pair, lock) + cuda + conda_problems(environment)


def conda_problems(environment: str) -> list[str]:
    entries = yaml.safe_load(environment)["dependencies"]
    plain = {entry.split("=")[0] for entry in entries if isinstance(entry, str)}
    by_pip = [entry["pip"] for entry in entries if isinstance(entry, dict)]
    if plain != {"python", "pip"} or by_pip != [["-r requirements.txt", "-e ."]]:
        return ["environment.yml is more than python, pip and the lock"]
    return []


def test_ranges_lock_and_conda_agree():
    assert problems(PROJECT, LOCK, ENVIRONMENT) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (r"numpy==.*", "numpy>=2.0", "not exact: numpy>=2.0"),
        (r"numpy==.*", "numpy==1.26.4", "numpy is locked at 1.26.4, but numpy>=2.0 is asked for"),
        (r"pillow==.*\n", "", "pillow is not locked"),
        (r"hatchling==.*\n", "", "hatchling is not locked"),
        (r"torchvision==\S+", "torchvision==0.27.0", "torchvision is locked at 0.27.0, but torchvision==0.28.0"),
        (r"\Z", "nvidia-cublas==13.1.0\n", "nvidia-cublas belongs to one platform"),
    ],
)
def test_a_broken_lock_is_noticed(old, new, said):
    broken = re.sub(rf"(?m)^{old}" if old != r"\Z" else old, new, LOCK, count=1)
    assert any(said in problem for problem in problems(PROJECT, broken, ENVIRONMENT))


@pytest.mark.parametrize("extra", ["  - numpy=2.4\n", "  - pip:\n      - numpy==2.4\n"])
def test_a_conda_environment_with_versions_of_its_own_is_noticed(extra):
    assert conda_problems(ENVIRONMENT + extra)


def test_conda_python_is_one_the_package_takes():
    python = next(line.split("=")[1] for line in yaml.safe_load(ENVIRONMENT)["dependencies"] if "python=" in line)
    assert Requirement("python" + PROJECT["project"]["requires-python"]).specifier.contains(python)


def test_everything_locked_is_installed_at_that_version():
    for name, requirement in locked(LOCK).items():
        if requirement.marker is None or requirement.marker.evaluate():
            assert version(name).split("+")[0] == pin(requirement), f"{name}: run `make test`, which installs the lock"


def test_the_lock_is_complete():
    """What a locked package itself needs here is locked too (torch's CUDA libraries are left to pip)."""
    lock = locked(LOCK)
    for name in lock:
        try:
            needs = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:
            continue  # for another platform
        here = [r for r in needs if not r.marker or r.marker.evaluate({"extra": ""})]
        missing = [line for line in unmet(here, lock) if not re.match("nvidia|triton|cuda", line)]
        assert not missing, f"{name}: {missing}"


def test_colab_lock_holds_the_versions_it_is_named_for():
    lines = (ROOT / "requirements-colab.in").read_text(encoding="utf-8").splitlines()
    asked = [line.split("#")[0].strip() for line in lines]
    assert unmet([Requirement(line) for line in asked if line], locked(COLAB)) == []
    assert pin(locked(COLAB)["torch"]) == pin(locked(LOCK)["torch"])


@pytest.mark.parametrize("name", ["requirements", "requirements-colab"])
def test_everything_locked_but_torch_has_its_hashes(name):
    hashed = (ROOT / f"{name}-hashes.txt").read_text(encoding="utf-8")
    entries = re.findall(r"(?m)^(\S+==.*?)((?: \\\n +--hash=sha256:[0-9a-f]{64})+)$", hashed)
    lines = re.sub(r"(?m)^#.*\n", "", hashed)
    assert "".join(f"{requirement}{hashes}\n" for requirement, hashes in entries) == lines
    with_hashes = locked("\n".join(requirement for requirement, _ in entries))
    lock = locked((ROOT / f"{name}.txt").read_text(encoding="utf-8"))
    assert with_hashes == {each: pinned for each, pinned in lock.items() if each not in ("torch", "torchvision")}


def test_ranges_admit_colab():
    course = [Requirement(line) for line in PROJECT["project"]["optional-dependencies"]["course"]]
    assert unmet([*map(Requirement, PROJECT["project"]["dependencies"]), *course], locked(COLAB)) == []
