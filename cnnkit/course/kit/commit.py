"""Commit, then see: the widget of a prediction or a vote."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import ipywidgets

from cnnkit.course.kit import score
from cnnkit.course.kit.closing import Closing
from cnnkit.course.kit.markup import html
from cnnkit.course.kit.prediction import Prediction

WIDTH = "820px"
BOX = '<div style="max-width: 820px; font-size: var(--jp-content-font-size1, 14px); line-height: 1.5">{}</div>'
CHOOSE, NUMBER = "Choose an answer first, then commit.", "Type a number first, then commit."
NEXT = "Now run the cell below, then open the verdict."  # after a vote


class Commit(Closing):
    """A question, its choices or a field, a button, and what unfolds after it.

    The first answer that you commit to counts. You may change your mind and commit again, to read another reply. A
    vote is only noted, and the last one counts: whether it is right is to be measured first.
    """

    _ipython_display_ = None  # ipywidgets 7 would show itself with it, and leave out the text

    def __init__(self, asked: Prediction, kind: str = "prediction") -> None:
        self.asked, self.kind = asked, kind
        score.met(kind, asked.key)
        self._question = ipywidgets.HTML(BOX.format(html(asked.markdown().partition("\n\n* ")[0])))
        self._answer = _field(asked)
        self._button = self._make_button("Commit", "primary", self.commit)
        self._anyway = self._make_button("Show me anyway", "", self.show_anyway)
        self._reply = ipywidgets.HTML()
        buttons = ipywidgets.Box([self._button] if asked.waits else [self._button, self._anyway])
        super().__init__([self._question, self._answer, buttons, self._reply])

    @staticmethod
    def _make_button(label: str, style: str, action: Callable[[], None]) -> ipywidgets.Button:
        button = ipywidgets.Button(description=label, button_style=style)
        button.on_click(lambda _: action())
        return button

    @property
    def answer(self) -> Any:
        """What is chosen, or typed; None as long as nothing is."""
        value = self._answer.value
        return value.replace(",", ".").strip() or None if isinstance(self._answer, ipywidgets.Text) else value

    @property
    def reply(self) -> str:
        """What has unfolded, as HTML; "" before a commitment."""
        return self._reply.value

    def choose(self, answer: Any) -> None:
        """Choose as a learner would, without a commitment."""
        self._answer.value = answer

    def commit(self) -> None:
        """Commit to what is chosen."""
        try:
            reply = None if self.answer is None else self.asked.reply(self.answer)
        except ValueError:  # a text where a number is asked for
            reply = None
        if reply is None:
            self._say(NUMBER if isinstance(self._answer, ipywidgets.Text) else CHOOSE)
            return
        score.committed(self.kind, self.asked.key, reply.right, str(self.answer))
        self._say(f"{reply.text} {NEXT}" if self.asked.waits else f"{reply.marked()}\n\n{self.asked.reveal}")

    def show_anyway(self) -> None:
        """Show what happens; it counts as no answer."""
        self._say(f"{self.asked.happens()}\n\n{self.asked.reveal}")

    def _say(self, text: str) -> None:
        self._reply.value = BOX.format(html(text))

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """The live widget, and for those who cannot run it the question with its choices."""
        text = self.asked.markdown()
        data = {"text/plain": text.replace("**", ""), "text/markdown": text}
        if "google.colab" in sys.modules:  # Colab would show the text and the widget
            data.pop("text/markdown")
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return data | {"application/vnd.jupyter.widget-view+json": view}, {"cnnkit": {"live": True}}


def _field(asked: Prediction) -> ipywidgets.Widget:
    if asked.choices():
        layout = ipywidgets.Layout(width="auto", max_width=WIDTH)
        return ipywidgets.RadioButtons(options=list(asked.choices()), index=None, layout=layout)
    unit = getattr(asked, "unit", "")
    return ipywidgets.Text(placeholder=f"a number {f'in {unit}' if unit else ''}".strip())
