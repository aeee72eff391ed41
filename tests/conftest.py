"""Settings that every test shares.

`HYPOTHESIS_PROFILE=fuzz` (what `make fuzz` sets) tries 10,000 random cases where the ordinary run tries 200, and
`quick` (what `make quick` sets) 10. `make quick` leaves out what is `slow`: the files named below, and whatever else
is marked so.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # read when NumPy and torch are imported
    os.environ.setdefault(pool, "1")

from hypothesis import HealthCheck, settings  # noqa: E402 (after the lines above, or they come too late)

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("default", max_examples=200, deadline=None, suppress_health_check=SLOW_IS_FINE)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile("fuzz", settings.get_profile("default"), max_examples=10_000)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=10)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "default"))


@pytest.fixture
def foreign() -> Iterator[tuple[Path, AbstractContextManager[None]]]:
    """A folder that everybody may enter, and a context in which its files with mode 0 may not be read."""
    if os.name == "nt":
        pytest.skip("modes of files mean little on Windows")

    @contextmanager
    def without_rights() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        os.seteuid(65534)  # the administrator may read everything: be nobody for a while
        try:
            yield
        finally:
            os.seteuid(0)

    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder), without_rights()


# Files that train networks, start other processes, draw every picture, or move every slider of every explorer.
SLOW = re.compile(
    r"test_(address|build|build_explorer|claims|data_downloads|experiments|explorers|lessons_without_torch|maps|notebooks"
    r"|network_images|overfitting_numbers|pictures|pictures_reach|pre_commit|record|training|twin|wheel|window)\.py$"
    r"|course/test_exercises\.py$"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SLOW.search(str(item.path)):
            item.add_marker("slow")
