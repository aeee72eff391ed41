"""No setting of the learner's changes a picture, no picture changes a setting, and no thread disturbs another."""

import importlib
import inspect
import json
import os
import pkgutil
import subprocess
import sys
import threading
from hashlib import sha256
from itertools import islice
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from cnnkit import course
from cnnkit.course.convolution.explorers import Window
from cnnkit.course.gradients.explorers import OneUnit
from cnnkit.course.kit.curves import Chart
from cnnkit.course.kit.live_picture import draw_progress
from cnnkit.course.kit.seeds import draw_seeds
from cnnkit.course.kit.steady import steady
from tests.course.test_explorers import TRAINS, found

FRAMES = 3
OTHERWISE = """
import json, sys, warnings
import matplotlib, matplotlib.style, numpy as np
matplotlib.style.use("dark_background")
settings = {"text.usetex": True, "figure.autolayout": True, "font.size": 30.0, "savefig.bbox": "tight",
            "font.family": ["monospace"], "lines.linewidth": 9.0, "axes.unicode_minus": False}
matplotlib.rcParams.update(settings)
np.seterr(all="raise")
warnings.simplefilter("error")
before = dict(matplotlib.rcParams.copy()), np.geterr(), list(warnings.filters)
from tests.course.kit.test_steady import digests
seen = digests()
assert (dict(matplotlib.rcParams.copy()), np.geterr(), list(warnings.filters)) == before
print(json.dumps(seen))
"""


def digests() -> dict[str, list[str]]:
    """What each explorer shows at the start and in some of its settings, and two pictures of the lessons."""
    pictures = {
        "draw_progress": [draw_progress([2.3, 1.1], [0.5, 0.8], 4)],
        "draw_seeds": [draw_seeds({"a": [0.1, 0.2, 0.15], "b": [0.3, 0.2, 0.25]}, xlabel="error", sentence="Two.")],
    }
    for kind in found():
        explorer = kind()
        others = [] if kind.__name__ in TRAINS else [shot for _, shot in islice(explorer.frames(), FRAMES)]
        pictures[kind.__name__] = [explorer.picture, *others]
    return {name: [sha256(each.png).hexdigest() for each in shots] for name, shots in pictures.items()}


def test_no_setting_of_the_learner_changes_a_picture():
    home = Path(__file__).parents[3]
    search = os.pathsep.join([str(home), os.environ.get("PYTHONPATH", "")])
    said = subprocess.run(
        [sys.executable, "-c", OTHERWISE],
        cwd=home, env=os.environ | {"PYTHONPATH": search}, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr[-2000:]
    assert json.loads(said.stdout) == digests()


@steady()
def fail() -> None:
    assert matplotlib.rcParams["lines.linewidth"] == matplotlib.rcParamsDefault["lines.linewidth"]
    assert np.float64(1e-300) * np.float64(1e-300) == 0
    raise KeyError


def test_settings_are_back_also_after_an_error():
    with matplotlib.rc_context({"lines.linewidth": 9.0}), np.errstate(all="raise"):
        before = matplotlib.rcParams.copy(), np.geterr()
        with pytest.raises(KeyError):
            fail()
        assert (matplotlib.rcParams.copy(), np.geterr()) == before


def drawing() -> list:
    """Every function of the course that draws with matplotlib."""
    modules = [importlib.import_module(m.name) for m in pkgutil.walk_packages(course.__path__, "cnnkit.course.")]
    return [
        function
        for module in modules
        if any(
            v is matplotlib.figure.Figure or (inspect.isclass(v) and issubclass(v, Chart))
            for v in vars(module).values()
        )
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and name.startswith("draw_")
    ]


def test_every_function_that_draws_with_matplotlib_is_steady():
    assert len(drawing()) > 20
    assert [f.__qualname__ for f in drawing() if not hasattr(f, "__wrapped__")] == []


@pytest.mark.parametrize(
    ("kind", "name", "values"), [(OneUnit, "x", [-4.0, -1.5, 0.0, 1.5, 3.0, 4.5]), (Window, "size", list(range(3, 9)))]
)
def test_two_threads_draw_each_their_own(kind, name, values):
    right = {value: kind(**{name: value}).picture.png for value in values}
    wrong = []

    def walk(order):
        explorer = kind()
        for value in order:
            explorer.set(**{name: value})
            if explorer.picture.png != right[value]:
                wrong.append(value)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        threads = [threading.Thread(target=walk, args=(values[::way] * 3,)) for way in (1, -1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []
