"""What a Jupyter server does for the course: messages at once, notebooks that keep their pictures."""

import asyncio
import copy

import pytest

from cnnkit import lab
from cnnkit.course.convolution.explorers import Window
from cnnkit.course.start import predict

server = pytest.importorskip("jupyter_server", reason="Colab's versions have another server")


def output(shown) -> dict:
    data, metadata = shown._repr_mimebundle_()
    return {"output_type": "execute_result", "data": data, "metadata": metadata, "execution_count": 1}


def notebook(*outputs) -> dict:
    cell = {"cell_type": "code", "source": "", "metadata": {}, "outputs": list(outputs)}
    return {"type": "notebook", "content": {"cells": [{"cell_type": "markdown", "source": "words"}, cell]}}


def test_a_live_view_is_not_saved_its_picture_and_words_are():
    window = Window()
    model = notebook(output(window))
    png = model["content"]["cells"][1]["outputs"][0]["data"]["image/png"]
    lab.keep_pictures(model)
    first, asleep = model["content"]["cells"][1]["outputs"]
    assert first["data"] == {"image/png": png, "text/plain": window.sentence}
    assert asleep["data"]["text/markdown"] == f"{window.sentence}\n\n{lab.WAKE}"


def test_a_question_keeps_its_text():
    model = notebook(output(predict("00.a")))
    lab.keep_pictures(model)
    first, asleep = model["content"]["cells"][1]["outputs"]
    assert set(first["data"]) == {"text/plain", "text/markdown"}
    assert asleep["data"]["text/markdown"] == lab.WAKE


def test_saving_twice_says_it_once():
    model = notebook(output(Window()), output(Window(size=9)))
    lab.keep_pictures(model)
    once = copy.deepcopy(model)
    lab.keep_pictures(model)
    assert model == once
    assert len(model["content"]["cells"][1]["outputs"]) == 4


@pytest.mark.parametrize(
    "model",
    [
        {"type": "file", "content": "text"},
        {"type": "notebook", "content": None},
        notebook({"output_type": "stream", "name": "stdout", "text": "1"}),
        notebook(
            {"output_type": "display_data", "data": {lab.VIEW: {"model_id": "1"}, "image/png": "x"}, "metadata": {}}
        ),
        notebook({"output_type": "error", "ename": "E", "evalue": "", "traceback": []}),
    ],
)
def test_what_is_not_ours_stays_as_it_is(model):
    before = copy.deepcopy(model)
    lab.keep_pictures(model)
    assert model == before


def test_the_words_are_text_not_markdown():
    shown = output(Window())
    shown["data"]["text/plain"] = "2 * 3 < 7, a_b, [x], $1"
    model = notebook(shown)
    lab.keep_pictures(model)
    words = model["content"]["cells"][1]["outputs"][1]["data"]["text/markdown"]
    assert words.startswith("2 \\* 3 \\< 7, a\\_b, \\[x\\], \\$1")


def test_messages_to_a_page_go_out_at_once(monkeypatch):
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

    calls = []

    async def open_(self, kernel_id):
        calls.append(("open", kernel_id))

    monkeypatch.setattr(KernelWebsocketHandler, "open", open_)
    monkeypatch.delattr(KernelWebsocketHandler, "cnnkit_open", raising=False)
    lab.send_at_once()
    lab.send_at_once()  # twice is once
    handler = KernelWebsocketHandler.__new__(KernelWebsocketHandler)
    handler.set_nodelay = lambda value: calls.append(("nodelay", value))
    asyncio.run(handler.open("k"))
    assert calls == [("nodelay", True), ("open", "k")]
    monkeypatch.delattr(KernelWebsocketHandler, "cnnkit_open")


def test_the_server_finds_it():
    from jupyter_server.extension.manager import ExtensionManager

    manager = ExtensionManager()
    manager.add_extension("cnnkit.lab", enabled=True)
    assert [point.name for point in manager.extensions["cnnkit.lab"].extension_points.values()] == ["cnnkit.lab"]
