"""What the page "Paste your layer" is told of the code and the messages that are pasted into it."""

import asyncio
import json
import re
from html import unescape

import pytest

from cnnkit.course.convolution.explorers import Stack
from cnnkit.pasted import HEADS, explain, read
from tools.site import paste
from tools.site.live import glue
from tools.site.live.glue import pasted

HOSTILE = "<img src=x onerror=alert(1)>"


def ask(command, **question):
    return json.loads(asyncio.run(glue.ask(command, json.dumps(question)))[0])


def cells(table):
    """The words of a table's rows."""
    rows = [re.findall(r"<t[hd].*?</t[hd]>", row) for row in re.findall(r"<tr.*?</tr>", table)[1:]]
    return [tuple(unescape(re.sub("<.*?>", "", cell)) for cell in row) for row in rows]


@pytest.mark.parametrize(("code", "size"), [example[1:] for example in paste.EXAMPLES], ids=lambda v: v[:20])
def test_the_table_is_that_of_the_reading(code, size):
    reading, reply = read(code, int(size) if size else None), ask("code", code=code, size=size)
    assert cells(reply["table"]) == reading.cells()
    assert reply["total"].endswith(reading.total())
    assert all(pasted.marked(note) in reply["table"] for note in reading.notes)
    assert bool(reply["wrong"]) == bool(reading.wrong)
    assert bool(reply["stack"]) != bool(reply["unshown"])


def test_the_explorer_is_set_to_what_was_read():
    reply = ask("code", code=paste.EXAMPLES[0][1], size="")
    assert Stack(**reply["stack"]).values["kernel_size1"] == 7
    assert reply["stack"].keys() <= paste.stack()["controls"].keys()


@pytest.mark.parametrize(
    ("code", "size", "why"),
    [
        ("nn.Linear(3, 4)", "", "the input here is no image."),
        ("nn.Conv2d(3, 8, 3)", "20 × 30", "here it is 3 × 20 × 30."),
        ("nn.Conv2d(3, 8, 3)", "300", "here it is 3 × 300 × 300."),
        ("nn.Sequential(nn.Conv2d(3, 8, 3), nn.AvgPool2d(2))", "", "nn.AvgPool2d(2) is none of these."),
        ("nn.Sequential(" + "nn.MaxPool2d(1), nn.Conv2d(3, 3, 1), " * 7 + ")", "", "here there are 7."),
        ("nn.ReLU()", "", "here there are none."),
    ],
)
def test_where_the_explorer_cannot_show_it_one_sentence_says_why(code, size, why):
    reply = ask("code", code=code, size=size)
    assert reply["stack"] is None
    assert reply["unshown"].endswith(why)


def test_the_explorer_says_what_it_counts_that_is_not_there():
    reply = ask("code", code={name: code for name, code, _ in paste.EXAMPLES}["A ResNet’s stem"], size="224")
    assert reply["stack"]["kernel_size1"] == 7
    assert "leaves out 64 of them" in reply["biases"]
    assert not ask("code", code=paste.EXAMPLES[0][1], size="")["biases"]


def test_a_misfit_has_the_code_that_fits():
    reply = ask("code", code=paste.LENET.replace("5, padding=2", "5"), size="28")
    assert reply["wrong"] == "<p>nn.Linear(16 * 5 * 5, 120) takes 400 numbers and gets 256 = 16 · 4 · 4.</p>"
    assert reply["mend"]["to"] == "nn.Linear(256, 120)"
    assert reply["mend"]["code"] == paste.LENET.replace("5, padding=2", "5").replace("16 * 5 * 5", "256")
    assert reply["total"].startswith("Up to there: ")
    reply = ask("code", code="nn.Conv2d(3, 8, 9)", size="4")
    assert "kernel does not fit" in reply["wrong"]
    assert reply["mend"] is None
    assert reply["total"] == ""


@pytest.mark.parametrize("message", paste.MESSAGES)
def test_messages_are_explained_wherever_they_are_pasted(message):
    traceback = "Traceback (most recent call last):\n" + "  File x\n" * 3000 + f"RuntimeError: {message}"
    meaning = ask("message", message=message)["meaning"]
    assert re.findall(r"\d+", unescape(meaning)) == re.findall(r"\d+", explain(message))
    assert ask("code", code=traceback, size="") == {"message": meaning, "mend": None}
    assert message in unescape(paste.errors())
    assert meaning in paste.errors()


def test_a_message_mends_the_layer_of_the_code_that_it_speaks_of():
    code = "x = nn.Conv2d(3,64, 7, stride=2, padding=3)"
    message = "weight of size [64, 3, 7, 7], expected input[1, 1, 28, 28] to have 3 channels, but got 1"
    mend = {"to": "nn.Conv2d(1,64, 7, stride=2, padding=3)", "code": code.replace("3,64", "1,64")}
    assert ask("message", message=f"{message} channels instead", code=code)["mend"] == mend
    assert ask("code", code=f"{message} channels instead", before=code)["mend"] == mend
    assert ask("message", message=f"{message} channels instead", code="")["mend"] is None


def test_an_unknown_message_is_not_called_code():
    for text in ("Traceback (most recent call last):\n  File x\nKeyError: 3", "RuntimeError: the moon is full"):
        assert "This message is not known here" in ask("code", code=text)["refused"]
    assert "no Python" in ask("code", code="nn.Conv2d(3, (")["refused"]


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("nn.Sequential(nn.Conv2d(3, 8, 3), nn.Upsample(scale_factor=2))", "nn.Upsample(scale_factor=2)"),
        ("nn.Sequential(nn.ZeroPad2d(1), nn.Conv2d(3, 8, 3))", "nn.ZeroPad2d(1)"),
        ("nn.Sequential(nn.Conv2d(3, 8, 3), nn.ConvTranspose2d(8, 3, 3))", "nn.ConvTranspose2d(8, 3, 3)"),
    ],
)
def test_the_explorer_leaves_out_nothing_that_resizes(code, label):
    reply = ask("code", code=code, size="32")
    assert reply["stack"] is None
    assert reply["unshown"].endswith(f"{label} is none of these.")


@pytest.mark.parametrize(
    "text", [HOSTILE, f"nn.Conv2d('{HOSTILE}', 8, 3)", f"'{HOSTILE}'", "\0", "(" * 9000, "a" * 10**6]
)
def test_hostile_text_is_refused_or_escaped(text):
    for reply in (ask("code", code=text, size=""), ask("message", message=text)):
        assert "<img" not in json.dumps(reply)
        assert "refused" in reply
    label = ask("code", code=f"nn.Conv2d(3, 8, 3, padding_mode='{HOSTILE}')", size=text)
    assert "<img" not in json.dumps(label)


def test_words_of_the_code_are_escaped_in_the_table():
    reply = ask("code", code=f"nn.Conv2d(3, 8, 3, padding_mode='{HOSTILE}')", size="")
    assert "<img" not in reply["table"]
    assert HOSTILE in unescape(reply["table"])


def test_too_many_layers_are_refused_at_once():
    reply = ask("code", code="nn.Sequential(" + "nn.MaxPool2d(1), " * 5000 + "nn.Linear(7, 2))", size="")
    assert "at most 400 layers can be read, and these are 5,001" in reply["refused"]


@pytest.mark.parametrize(
    ("text", "size"), [("", None), (" 28 ", 28), ("20 × 30", (20, 30)), ("20x30", (20, 30)), ("(20, 30)", (20, 30))]
)
def test_a_size_is_read_as_it_is_typed(text, size):
    assert pasted.sides(text) == size


@pytest.mark.parametrize("text", ["a", "-3", "1 2 3", "9" * 50, "2.5", "20 ×"])
def test_what_is_no_size_is_refused(text):
    assert "the size of the image must be" in ask("code", code="nn.ReLU()", size=text)["refused"]
    assert "refused" in ask("code", code="nn.ReLU()", size="0")


def test_the_page_says_what_is_read_without_a_script():
    text = unescape(paste.page())
    code, size = paste.EXAMPLES[0][1:]
    reading = read(f"nn.Sequential({code}, nn.MaxPool2d(3, stride=2, padding=1))", int(size))
    first, second = reading.rows
    assert f"**{first.output_shape[1]}**" in text
    assert f"**{first.parameters:,}**" in text
    assert f"**{first.macs:,}**" in text
    assert f"{first.field.size} and $j$ is {first.field.jump}" in text
    assert f"**{second.field.size}**, and $j$ is {second.field.jump}" in text
    assert cells(pasted.table(read(code, int(size))))[0][1:] == ("64 × 112 × 112", "9,472", "118,013,952", "7 × 7")
    assert all(head in text for head in HEADS)
    assert len(paste.MESSAGES) >= 10
