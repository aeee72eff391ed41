"""The course: a folder a topic, and `kit`, what the topics share.

A topic's folder holds all that its lesson and its lab need. What a file is for stands in its name:

    explorers.py            sliders over pictures, the only files that know widgets
    <picture>.py            draws; <picture>_numbers.py beside it computes what is drawn
    exercises               what is asked, the solution, the known mistakes
    predictions.py          what is asked before an explorer shows it
    claims.py               what is said of the topic, and the verdict on it
    terms.py                the terms that its lesson introduces
    experiments             what claims are measured with; record.py runs the long ones and writes recorded.json
    __init__.py             what the notebook imports, all from one place
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

TOPICS = {  # in the order of the course, each with its lesson
    "start": "00_start_here",
    "activations": "01_activations",
    "gradients": "02_vanishing_gradients",
    "dropout": "03_dropout",
    "pooling": "04_pooling",
    "convolution": "05_convolution_output_sizes",
    "sharing": "06_weight_sharing",
    "cnn": "07_full_cnn",
    "clinic": "08_bug_clinic",
}
LABS = {  # those that measure claims, each with its lab
    topic: f"labs/{lesson}_lab" for topic, lesson in TOPICS.items() if topic not in ("start", "clinic")
}

SHARED = {  # what every topic's lesson and lab may import from its topic
    "cnnkit.course.claims": "table",
    "cnnkit.course.exercises": "check",
    "cnnkit.course.kit.bands": "Band draw_curves",
    "cnnkit.course.kit.environment": "check_environment",
    "cnnkit.course.kit.live": "watch",
    "cnnkit.course.kit.maps": "draw_maps",
    "cnnkit.course.kit.recorded": "results",
    "cnnkit.course.kit.seeds": "draw_seeds",
    "cnnkit.course.kit.source": "source",
    "cnnkit.course.kit.training": "digits_task",
    "cnnkit.course.kit.words": "spread",
    "cnnkit.course.predictions": "predict score vote",
}


def namespace(package: str, modules: dict[str, str]) -> tuple[list[str], Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__all__`, `__getattr__` and `__dir__` of a topic that offers names of its `modules` and the shared ones.

    Nothing is imported before it is asked for, so that a topic's exercises need neither matplotlib nor ipywidgets.
    """
    homes = {f"{package}.{module}": names for module, names in modules.items()} | SHARED
    home = {name: module for module, names in homes.items() for name in names.split()}

    def __getattr__(name: str) -> Any:
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(home[name])
        return getattr(module, name) if hasattr(module, name) else import_module(f"{module.__name__}.{name}")

    return sorted(home), __getattr__, lambda: sorted(home)
