"""The Python behind a page of the web site, in a plain Python: what it answers to each question."""

import asyncio
import base64
import json
import sys

import pytest

from cnnkit.course import exercises, predictions
from cnnkit.course.exercises import EXERCISES
from cnnkit.course.pooling.explorers import PoolWindow
from cnnkit.course.predictions import PREDICTIONS
from tests.course.test_explorers import found
from tools.site.live import glue
from tools.site.live.glue import explorers, running


@pytest.fixture(autouse=True)
def page(monkeypatch):
    """A page's Python, for one test."""
    import IPython.display

    monkeypatch.setitem(sys.modules, "IPython.display", IPython.display)
    for name in ("predict", "vote"):
        monkeypatch.setattr(predictions, name, getattr(predictions, name))
    glue.begin()
    yield
    for kept in (explorers.OPENED, running.PAGES, running.WHOLE):
        kept.clear()


def ask(command, **question):
    """The answer to one question."""
    reply, png = asyncio.run(glue.ask(command, json.dumps(question)))
    return json.loads(reply), png


def opened(kind, **start):
    return ask("open", key="x", module=kind.__module__, name=kind.__name__, start=start, ratio=1)


QUICK = [kind for kind in found() if kind.__name__ not in ("BuildYourOwn", "TrainIt", "Overfitting", "OneBatch")]


@pytest.mark.parametrize("kind", QUICK, ids=lambda kind: kind.__name__)
def test_an_explorer_opens_with_the_kernels_picture(kind):
    reply, png = opened(kind)
    own = kind()
    own.show_on(1)
    assert "error" not in reply
    assert (png, reply["sentence"]) == (own.picture.png, own.sentence)
    assert reply["values"].keys() == kind.controls.keys()


def test_a_move_gives_the_kernels_picture_and_says_what_is_possible():
    opened(PoolWindow, size=6)
    reply, png = ask("move", key="x", values={"kernel_size": 3, "padding": 1}, seen=1)
    own = PoolWindow(size=6, kernel_size=3, padding=1)
    own.show_on(1)
    assert (png, reply["sentence"], reply["highest"]) == (own.picture.png, own.sentence, own.highest)
    assert reply["shown"] == list(own.shown(own.values))
    again, nothing = ask("move", key="x", values={"kernel_size": 3}, seen=reply["count"])
    assert nothing == b""
    assert "told" not in again


def test_a_touch_sets_what_the_cell_stands_for():
    reply, _ = opened(PoolWindow)
    own = PoolWindow()
    assert [area["box"] for area in reply["told"]["areas"]] == [[*area.box] for area in own.picture.areas]
    reply, _ = ask("send", key="x", message={"touch": [0, 1, 1]})
    own.touch(0, 1, 1)
    assert reply["values"] == own.values


SELDOM = {"activation": "tanh", "seed": 19, "depth": 17}  # no other test has trained it: it is not there yet


def test_what_takes_long_is_looked_at_until_it_is_there():
    from cnnkit.course.gradients.explorers import TrainIt

    async def waited():
        start = {"key": "x", "module": TrainIt.__module__, "name": "TrainIt", "ratio": 1}
        reply = json.loads((await glue.ask("open", json.dumps(start)))[0])
        moved = await glue.ask("move", json.dumps({"key": "x", "values": SELDOM, "seen": reply["count"]}))
        first = json.loads(moved[0])
        while (reply := json.loads(moved[0]))["active"]:
            moved = await glue.ask("look", json.dumps({"key": "x", "turn": reply["turn"], "seen": first["count"]}))
        return first, reply, moved[1]

    first, last, png = asyncio.run(waited())
    assert first["busy"]
    assert not last["busy"]
    assert last["values"].items() >= SELDOM.items()
    assert png.startswith(b"\x89PNG")


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_the_solution_passes_on_a_page(exercise):
    reply, _ = ask("check", page="p", key=exercise.key, code=f"import numpy as np\n{exercise.source()}")
    assert reply["passed"] is True, reply
    assert reply["html"].startswith(f"<p><b>✓ right: {exercise.key}")


def test_a_mistake_is_named_and_an_error_has_its_line():
    reply, _ = ask("check", page="p", key="00.1", code="answer = 2")
    name = exercises.exercise("00.1").name
    reply, _ = ask("check", page="p", key="00.1", code=f"{name} = 2")
    assert reply["passed"] is False
    assert "The place where it starts counts, too" in reply["html"]
    reply, _ = ask("check", page="p", key="00.1", code=f"x = 1\n{name} = x / 0")
    assert reply["passed"] is None
    assert "line 2" in reply["error"]
    assert "ZeroDivisionError" in reply["error"]
    assert "x / 0" in reply["error"]
    assert "glue" not in reply["error"]
    reply, _ = ask("check", page="p", key="00.1", code=f"{name} = ...")
    assert reply["passed"] is None
    assert "press <i>Check</i> again" in reply["html"]
    reply, _ = ask("check", page="other", key="00.1", code="something = 2")
    assert name in reply["html"]


@pytest.mark.parametrize("key", PREDICTIONS)
def test_every_answer_to_a_prediction_has_its_reply(key):
    asked = PREDICTIONS[key]
    for answer in asked.choices() or ("1", str(asked.truth())):
        reply, _ = ask("reply", kind="prediction", key=key, answer=answer)
        assert reply["right"] == asked.reply(answer).right
        assert reply["html"].startswith("<p><b>✓ Right." if reply["right"] else "<p><b>✗ Not so.")
    assert ask("reply", kind="prediction", key=key)[0]["right"] is None


def test_a_vote_and_what_is_no_answer():
    text = predictions.voted("A1").right().text
    assert ask("reply", kind="vote", key="A1", answer=text)[0]["right"] is True
    assert ask("reply", kind="vote", key="A1", answer="?")[0] == {"refused": True}


def outputs(code, page="p", setup=""):
    return ask("run", page=page, code=code, number="3", setup=setup)[0]["outputs"]


def test_cells_share_names_print_and_show_their_last_value():
    assert outputs("x = 3\nprint('hello')") == [{"text": "hello\n"}]
    assert outputs("x") == [{"text": "3\n"}]
    assert outputs("x;") == []
    assert "NameError" in outputs("x", page="another")[0]["error"]


def test_a_first_cell_runs_by_itself():
    setup = "import sys\nimport numpy as np\nfrom cnnkit.course.pooling import draw_way_back, predict, source"
    [shown] = outputs("draw_way_back()", setup=setup)
    assert base64.b64decode(shown["png"]).startswith(b"\x89PNG")
    assert shown["alt"]
    assert shown["width"] == 820
    [asked] = outputs('predict("04.a")', setup=setup)
    assert asked["asked"]["key"] == "04.a"
    assert len(asked["asked"]["choices"]) >= 3
    assert outputs("def f(x):\n    return 2 * x\n\nsource(f)", setup=setup)[0]["html"].startswith(
        "<pre><code>def f(x):"
    )


def test_an_error_is_told_once_with_its_line():
    [printed, shown] = outputs("def f(n):\n    return 1 / n\n\nprint('before')\nf(0)")
    assert printed == {"text": "before\n"}
    assert shown["error"].splitlines() == [
        "cell 3, line 5", "    f(0)", "cell 3, line 2", "    return 1 / n", "ZeroDivisionError: division by zero",
    ]  # fmt: skip
    assert "SyntaxError" in outputs("for")[0]["error"]
    assert "SystemExit" in outputs("exit()")[0]["error"] or "NameError" in outputs("exit()")[0]["error"]


def test_an_explorer_that_a_cell_returns_lives():
    setup = "from cnnkit.course.pooling import PoolWindow"
    [shown] = outputs("PoolWindow(size=5)", setup=setup)
    key = shown["explorer"]["key"]
    _reply, png = ask("open", key=key, module="", name="", ratio=1)
    own = PoolWindow(size=5)
    own.show_on(1)
    assert png == own.picture.png
    assert shown["explorer"]["values"] == own.values


def test_a_training_that_is_watched_shows_its_last_picture():
    code = (
        "from cnnkit.course.kit.live import watch\n"
        "class Epoch:\n    loss = 1.0\n"
        "for _ in watch([Epoch(), Epoch()], of=2):\n    pass"
    )
    sys.modules.pop("cnnkit.course.kit.live", None)
    [shown] = outputs(code)
    assert "Epoch 2 of 2" in shown["alt"]
    sys.modules.pop("cnnkit.course.kit.live", None)


def test_what_is_missing_is_asked_for_once(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr(running, "find_spec", lambda name: None)
    assert ask("run", page="p", code="import matplotlib.pyplot", number="1")[0] == {"needs": ["matplotlib"]}
    assert "error" in ask("open", key="y", module="cnnkit.course.nowhere", name="X")[0]


def test_a_page_forgets():
    outputs("x = 1")
    ask("reset", page="p")
    assert "NameError" in outputs("x")[0]["error"]
