"""The Python behind a page of the web site, in a plain Python: what it answers to each question."""

import asyncio
import base64
import io
import json
import re
import sys
from html import unescape

import numpy as np
import pytest
from PIL import Image

from cnnkit.course import exercises, predictions
from cnnkit.course.claims import CLAIMS
from cnnkit.course.exercises import EXERCISES
from cnnkit.course.kit.markup import html
from cnnkit.course.kit.picture import Picture
from cnnkit.course.pooling.explorers import PoolWindow
from cnnkit.course.predictions import PREDICTIONS
from tests.course.test_explorers import found
from tools.site.live import glue
from tools.site.live.glue import explorers, running
from tools.site.live.glue.asked import asked_spec
from tools.site.live.glue.colours import highlighted


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
    reply, pixels = asyncio.run(glue.ask(command, json.dumps(question)))
    return json.loads(reply), pixels


def rgb(size, pixels):
    """What a page makes of a picture's pixels: rows of red, green and blue."""
    wide, high = size
    count = wide * high
    if len(pixels) == 4 * count:
        every = np.frombuffer(pixels, np.uint8).reshape(high, wide, 4)
    else:
        colours = np.frombuffer(pixels[count:], np.uint8).reshape(-1, 4)
        every = colours[np.frombuffer(pixels[:count], np.uint8)].reshape(high, wide, 4)
    assert (every[:, :, 3] == 255).all()
    return every[:, :, :3]


def same(reply, pixels, picture):
    """Whether an answer brings this picture."""
    with Image.open(io.BytesIO(picture.png)) as image:
        return np.array_equal(rgb(reply["size"], pixels), np.asarray(image.convert("RGB")))


def opened(kind, **start):
    return ask("open", key="x", module=kind.__module__, name=kind.__name__, start=start, ratio=1)


QUICK = [kind for kind in found() if kind.__name__ not in ("BuildYourOwn", "TrainIt", "Overfitting", "OneBatch")]


@pytest.mark.parametrize("kind", QUICK, ids=lambda kind: kind.__name__)
def test_an_explorer_opens_with_the_kernels_picture(kind):
    reply, pixels = opened(kind)
    own = kind()
    own.show_on(1)
    assert "error" not in reply
    assert same(reply, pixels, own.picture)
    assert reply["sentence"] == own.sentence
    assert reply["values"].keys() == kind.controls.keys()


def test_a_move_gives_the_kernels_picture_and_says_what_is_possible():
    opened(PoolWindow, size=6)
    reply, pixels = ask("move", key="x", values={"kernel_size": 3, "padding": 1}, seen=1)
    own = PoolWindow(size=6, kernel_size=3, padding=1)
    own.show_on(1)
    assert same(reply, pixels, own.picture)
    assert (reply["sentence"], reply["highest"]) == (own.sentence, own.highest)
    assert reply["shown"] == list(own.shown(own.values))
    again, nothing = ask("move", key="x", values={"kernel_size": 3}, seen=reply["count"])
    assert nothing == b""
    assert not {"told", "size"} & again.keys()


def test_a_picture_of_many_colours_has_four_bytes_a_pixel():
    photo = Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8))
    picture = Picture(photo, "Many.", 15)
    assert same({"size": photo.size}, explorers.raw(picture), picture)


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

    first, last, pixels = asyncio.run(waited())
    assert first["busy"]
    assert not last["busy"]
    assert last["values"].items() >= SELDOM.items()
    wide, high = last["size"]
    assert len(pixels) > wide * high > 0


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_the_solution_passes_on_a_page(exercise):
    reply, _ = ask("check", page="p", key=exercise.key, code=f"import numpy as np\n{exercise.source()}")
    assert reply["passed"] is True, reply
    assert reply["html"].startswith(f"<p><b>✓ right: {exercise.key}")


def test_a_mistake_is_named_and_an_error_has_its_line():
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


@pytest.mark.parametrize("code", ["", "5 - 3 + 1", "hello = 1", "print(windows)"])
def test_only_what_stands_in_the_field_is_judged(code):
    assert ask("check", page="p", key="00.1", code="hello = 3\nwindows = hello")[0]["passed"] is True
    reply, _ = ask("check", page="p", key="00.1", code=code)
    assert reply["passed"] is None
    if "print" in code:
        assert "NameError: name 'windows' is not defined" in reply["error"]
    else:
        assert "There is no <code>windows</code> in your code." in reply["html"]
        assert "<code>windows =</code>" in reply["html"]
    assert "name 'hello'" in ask("check", page="p", key="00.1", code="windows = hello")[0]["error"]


def test_an_exercise_sees_the_pages_names_and_cells_see_its_answer():
    setup = "import numpy as np"
    outputs("n = 3", setup=setup)
    assert ask("check", page="p", key="00.1", setup=setup, code="windows = int(np.sqrt(n * n))")[0]["passed"] is True
    assert outputs("windows") == [{"text": "3\n"}]
    assert ask("check", page="p", key="00.1", setup=setup, code="windows = 2")[0]["passed"] is False
    assert outputs("windows") == [{"text": "2\n"}]
    outputs("windows = 'of a cell'")
    assert ask("check", page="p", key="00.1", setup=setup, code="windows = 3")[0]["passed"] is True
    assert outputs("windows") == [{"text": "'of a cell'\n"}]


def test_the_form_of_an_answer_is_said_where_there_is_none():
    reply, _ = ask("check", page="p", key="05.1", code="size = 1")
    assert "<code>def output_size(n, k, s, p, d):</code>" in reply["html"]


def test_what_an_answer_prints_is_shown():
    code = "print('above')\ndef output_size(n, k, s, p, d):\n    print('n is', n)\n    return n"
    lines = ask("check", page="p", key="05.1", code=code)[0]["printed"].splitlines()
    assert lines[0] == "above"
    assert lines[1].startswith("n is ")
    assert (len(lines), lines[-1]) == (12, "…")
    assert ask("check", page="p", key="00.1", code="windows = 3")[0]["printed"] == ""


@pytest.mark.parametrize("key", PREDICTIONS)
def test_every_answer_to_a_prediction_has_its_reply(key):
    asked, told = PREDICTIONS[key], asked_spec("prediction", PREDICTIONS[key])
    replies = dict(zip(asked.choices(), told["replies"], strict=True))
    if not replies:
        number = told["number"]
        replies = {str(number["truth"]): number["right"], "1e12": number["far"]}
        replies |= {str(near["value"]): near for near in number["near"]}
        assert number["within"] == asked.within
    for answer, reply in replies.items():
        assert reply["right"] == asked.reply(answer).right
        assert reply["html"].startswith("<p><b>✓ Right.</b> " if reply["right"] else "<p><b>✗ Not so.</b> ")
        assert html(asked.reply(answer).text)[3:-4] in reply["html"]
        assert html(asked.reveal) in reply["html"]
        assert ".." not in reply["html"].replace("...", "")
    assert [reply["right"] for reply in replies.values()].count(True) == 1
    assert html(asked.reveal) in told["anyway"]


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_vote_is_noted_and_its_data_hold_no_verdict(claim):
    told = asked_spec("vote", predictions.voted(claim))
    assert "anyway" not in told
    for text, reply in zip(told["choices"], told["replies"], strict=True):
        said = f"{text[0].lower()}{text[1:]}"
        then = "Now open the measurement, then the verdict."
        assert reply == {"right": None, "html": f"<p>Noted: you say that {said} {then}</p>"}
    assert CLAIMS[claim].because[1:30] not in json.dumps(told, ensure_ascii=False)


def test_shown_code_has_the_colours_of_stored_code():
    code = 'def f(x, n=3):\n    """What it is."""\n    return None if not x else len("a" * n)  # why < that'
    shown = highlighted(code)
    assert unescape(re.sub("<[^>]+>", "", shown)).rstrip("\n") == code
    for kind, words in (
        ("k", "def"), ("nf", "f"), ("mi", "3"), ("kc", "None"), ("ow", "not"), ("nb", "len"), ("s2", "&quot;a&quot;"),
        ("c1", "# why &lt; that"),
    ):  # fmt: skip
        assert f'<span class="{kind}">{words}</span>' in shown
    said = 'print(f"{{{n!r:>{w}}}} of \'{m + 1}\'", f"""\n  {n}""")'
    assert unescape(re.sub("<[^>]+>", "", highlighted(said))) == said, "whatever Python makes of a text with braces"
    assert highlighted("def f(:\n  '") == "<pre>def f(:\n  &#x27;</pre>", "what cannot be read is shown as it is"


def outputs(code, page="p", setup=""):
    return ask("run", page=page, code=code, number="3", setup=setup)[0]["outputs"]


def test_cells_share_names_print_and_show_their_last_value():
    assert outputs("x = 3\nprint('hello')") == [{"text": "hello\n"}]
    assert outputs("x") == [{"text": "3\n"}]
    assert outputs("x;") == []
    assert "NameError" in outputs("x", page="another")[0]["error"]


def test_what_a_cell_draws_with_pyplot_is_shown_once():
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);\nplt.figure(); plt.plot([3]);"
    outputs = ask("run", page="01_activations", code=code, number="1")[0]["outputs"]
    assert [sorted(each) for each in outputs] == [["alt", "png"]] * 2
    with Image.open(io.BytesIO(base64.b64decode(outputs[0]["png"]))) as image:
        assert min(image.size) > 200
    assert ask("run", page="01_activations", code="x = 1", number="2")[0]["outputs"] == []
    bad = "import matplotlib.pyplot as plt\nplt.title('$\\\\nothing$');\nprint('said')"
    printed, failed = ask("run", page="01_activations", code=bad, number="3")[0]["outputs"]
    assert printed == {"text": "said\n"}
    assert "nothing" in failed["error"]
    assert ask("run", page="01_activations", code="x = 1", number="4")[0]["outputs"] == []


def test_a_first_cell_runs_by_itself():
    setup = "import sys\nimport numpy as np\nfrom cnnkit.course.pooling import draw_way_back, predict, source"
    [shown] = outputs("draw_way_back()", setup=setup)
    assert base64.b64decode(shown["png"]).startswith(b"\x89PNG")
    assert shown["alt"]
    assert shown["width"] == 820
    [asked] = outputs('predict("04.a")', setup=setup)
    assert asked["asked"]["key"] == "04.a"
    assert len(asked["asked"]["choices"]) >= 3
    [code] = outputs("def f(x):\n    return 2 * x\n\nsource(f)", setup=setup)
    assert code["html"].startswith('<div class="highlight"><pre><span class="k">def</span>')


def test_an_error_is_told_once_with_its_line():
    [printed, shown] = outputs("def f(n):\n    return 1 / n\n\nprint('before')\nf(0)")
    assert printed == {"text": "before\n"}
    assert shown["error"].splitlines() == [
        "cell 3, line 5", "    f(0)", "cell 3, line 2", "    return 1 / n", "ZeroDivisionError: division by zero",
    ]  # fmt: skip
    assert "SyntaxError" in outputs("for")[0]["error"]
    assert "SystemExit" in outputs("exit()")[0]["error"] or "NameError" in outputs("exit()")[0]["error"]


def test_a_module_of_python_that_a_page_lacks_is_explained(monkeypatch):
    monkeypatch.setitem(sys.modules, "pdb", None)  # importing it fails
    monkeypatch.delitem(sys.modules, "xml.dom", raising=False)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "path_importer_cache", {})
    for code, explained in (("import pdb", True), ("import xml.dom.no", True), ("import nowhere_at_all", False)):
        [shown] = ask("run", page="p", setup="", code=code, number="1")[0]["outputs"]
        assert "ModuleNotFoundError" in shown["error"]
        assert ("no debuggers, servers" in shown["error"]) is explained


def test_an_explorer_that_a_cell_returns_lives():
    setup = "from cnnkit.course.pooling import PoolWindow"
    [shown] = outputs("PoolWindow(size=5)", setup=setup)
    key = shown["explorer"]["key"]
    reply, pixels = ask("open", key=key, module="", name="", ratio=1)
    own = PoolWindow(size=5)
    own.show_on(1)
    assert same(reply, pixels, own.picture)
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
