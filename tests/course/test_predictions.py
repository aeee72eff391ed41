"""What every prediction and every vote promises. New ones are found and held to it by themselves.

The same tests run on Colab's versions (`make colab`), so nothing here may need more than ipywidgets 7.7.
"""

import json
import re
import sys
from time import process_time

import ipywidgets
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter

from cnnkit.course import TOPICS
from cnnkit.course.claims import CLAIMS
from cnnkit.course.kit import score
from cnnkit.course.kit.commit import Commit
from cnnkit.course.kit.markup import html
from cnnkit.course.kit.prediction import NumberPrediction, Option, Prediction
from cnnkit.course.predictions import PREDICTIONS, VOTES, predict, prediction, vote, voted

every = pytest.mark.parametrize("key", list(PREDICTIONS))
SECONDS = 3.0  # at most to compute a truth, on a busy machine; half a second on a quiet one


@pytest.fixture(autouse=True)
def _fresh():
    score.forget()
    yield
    score.forget()


@every
def test_is_well_formed(key):
    asked = PREDICTIONS[key]
    assert re.fullmatch(r"\d\d\.[a-z]", key)
    assert key == asked.key
    assert key[:2] in {name[:2] for name in TOPICS.values()}
    assert "?" in asked.question
    least = 1 if isinstance(asked, NumberPrediction) else 3
    assert least <= len(asked.options) <= 5
    texts = [option.text for option in asked.options]
    assert len(set(texts)) == len(texts)
    assert all(len(text) <= 75 for text in asked.choices())
    assert all(len(option.reply.split()) >= 5 for option in asked.options)
    assert not [o.reply for o in asked.options if re.match(r"(Right|Yes|No|Wrong)\b[.:,]", o.reply)], "the mark says it"
    assert len(asked.reveal.split()) >= 15
    for text in (asked.question, asked.reveal, *(option.reply for option in asked.options)):
        assert "$" not in text, "a widget shows no formulas"


@every
def test_the_right_answer_is_right_by_computation(key):
    start = process_time()
    right = PREDICTIONS[key].right()
    assert process_time() - start < SECONDS
    truth = PREDICTIONS[key].truth
    assert truth.__code__.co_names or truth.__closure__ or truth.__defaults__, "the truth is written, not computed"
    answers = PREDICTIONS[key].choices() or [right.value]
    assert [PREDICTIONS[key].reply(answer).right for answer in answers].count(True) == 1


@every
def test_no_tempting_number_is_right(key):
    asked = PREDICTIONS[key]
    if isinstance(asked, NumberPrediction):
        for option in asked.options:
            reply = asked.reply(option.value)
            assert not reply.right
            assert option.reply in reply.text
        assert asked.far in asked.reply(1e12).text


@every
def test_the_spoilers_would_find_the_answer(key):
    asked = PREDICTIONS[key]
    assert asked.spoilers
    for spoiler in asked.spoilers:
        assert re.search(spoiler, asked.folded()), f"{spoiler!r} is not in what is revealed"
        assert not re.search(spoiler, asked.markdown()), f"{spoiler!r} is in the question"


def commits() -> list[tuple[str, str]]:
    return [("prediction", key) for key in PREDICTIONS] + [("vote", claim) for claim in CLAIMS]


def ask(kind: str, key: str) -> Commit:
    return predict(key) if kind == "prediction" else vote(key)


@pytest.mark.parametrize(("kind", "key"), commits(), ids=[key for _, key in commits()])
def test_nothing_unfolds_before_a_commitment(kind, key):
    asked = ask(kind, key)
    assert asked.reply == ""
    asked.commit()
    assert "first, then commit" in asked.reply
    assert score._DONE[key].right is None
    if kind == "prediction":
        asked._anyway.click()
        assert "What happens" in asked.reply
        assert ".." not in asked.reply
    assert score._DONE[key].right is None, "to look counts as no answer"


@pytest.mark.parametrize("seed", range(200))
def test_a_random_walk_ends_in_no_traceback(seed):
    rng = np.random.default_rng(seed)
    kind, key = commits()[rng.integers(len(commits()))]
    asked, first = ask(kind, key), None
    options = [*asked.asked.choices()]
    typed = ["", "7", "-1e3", "0,5", "many", "nan", "1e999", " 12 ", None]
    for _ in range(rng.integers(1, 12)):
        step = rng.choice(["choose", "commit", "anyway", "again"])
        if step == "choose":
            chosen = options[rng.integers(len(options))] if options else typed[rng.integers(len(typed) - 1)]
            asked.choose(chosen)
        elif step == "commit":
            asked._button.click()
            if first is None and ("Right." in asked.reply or "Not so." in asked.reply):
                first = score._DONE[key]
        elif step == "anyway" and kind == "prediction":
            asked._anyway.click()
        else:
            asked = ask(kind, key)  # the cell is run once more: what was committed stays
        assert first is None or score._DONE[key] == first, "the first answer counts"
    assert asked.reply == "" or asked.reply.startswith("<div")


@pytest.mark.parametrize(("kind", "key"), commits()[:3] + commits()[-3:])
def test_shows_the_live_view_and_the_question_with_its_choices(kind, key):
    asked = ask(kind, key)
    data, _ = DisplayFormatter().format(asked)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == asked.model_id
    for choice in asked.asked.choices():
        assert f"* {choice}" in data["text/plain"]
        assert f"* {choice}" in data["text/markdown"]
    json.dumps(data)


def test_colab_shows_the_live_view_only_once(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", object())
    assert set(vote("D4")._repr_mimebundle_()[0]) == {"text/plain", "application/vnd.jupyter.widget-view+json"}


def test_uses_only_widgets_of_ipywidgets_7():
    number = NumberPrediction(
        key="00.z", question="How many?", truth=lambda: 3, reveal="Three.", spoilers=(), far="No.", unit="units"
    )
    for asked in (vote("A1"), Commit(number)):
        assert {type(child) for child in asked.children} <= {
            ipywidgets.HTML, ipywidgets.RadioButtons, ipywidgets.Text, ipywidgets.Box
        }  # fmt: skip


def test_a_number_is_right_within_its_tolerance():
    asked = NumberPrediction(
        key="00.z", question="How many?", truth=lambda: 200.0, reveal="Two hundred.", spoilers=(), unit="units",
        options=(Option("half", 100, "That is half of it."),), within=0.1, far="Count again.",
    )  # fmt: skip
    assert [asked.reply(x).right for x in (200, "181", 219.9, 179, 221, -200)] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    assert asked.reply(95).text == "That is half of it. What happens: **200 units**."
    assert asked.reply(1).text == "Count again. What happens: **200 units**."
    for answer, got in (("x", "'x'"), (10**400, "1000"), (10**5000, "an int")):
        with pytest.raises(ValueError, match=f"answer must be a number, got {got}"):
            asked.reply(answer)
    widget = Commit(asked)
    widget.choose("200")
    widget.commit()
    assert "✓ Right." in widget.reply


def test_a_prediction_without_one_right_option_is_refused():
    options = tuple(Option(f"{n}", n, "No.") for n in (1, 2, 2))
    asked = Prediction(key="00.z", question="?", options=options, truth=lambda: 2, reveal="", spoilers=())
    with pytest.raises(ValueError, match=r"prediction 00\.z has 2 options with the value 2, not one"):
        asked.right()
    with pytest.raises(ValueError, match="answer must be one of '1', '2', '2', got '3'"):
        asked.reply("3")


@pytest.mark.parametrize("key", ["99.a", None, 3, ["03.a"]])
def test_an_unknown_key_is_named(key):
    with pytest.raises(ValueError, match="there is no prediction"):
        prediction(key)
    with pytest.raises(ValueError, match="there is no claim"):
        voted(key)


def test_every_verdict_has_exactly_one_vote():
    for claim in CLAIMS:
        asked = voted(claim)
        assert asked.right().text in VOTES
        assert CLAIMS[claim].because[1:] in asked.reveal
        assert CLAIMS[claim].heard in asked.reveal


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_vote_is_noted_and_gives_no_verdict_away(claim):
    """The verdict stands below the measurement, and is read after it."""
    asked = vote(claim)
    [_, _, buttons, _] = asked.children
    assert [button.description for button in buttons.children] == ["Commit"]
    told = set()
    for text in VOTES:
        asked.choose(text)
        asked.commit()
        told.add(asked.reply.replace(f"{text[0].lower()}{text[1:]}", "…"))
        assert "✓" not in asked.reply
        assert "✗" not in asked.reply
        assert CLAIMS[claim].because[1:30] not in asked.reply
        assert score.said(claim) == text
        assert score._DONE[claim].right is None
    [said] = told  # whatever is right, every vote hears the same
    assert "<p>Noted: you say that … Now run the cell below, then open the verdict.</p>" in said


def test_the_table_shows_your_votes_beside_the_verdicts():
    from cnnkit.course.claims import table

    assert "your vote" not in table("06")._repr_markdown_()
    asked = vote("W1")
    asked.choose("It holds.")
    asked.commit()
    lines = table("06")._repr_markdown_().splitlines()
    assert lines[0] == "| claim | what is said | your vote | verdict | because |"
    assert "| It holds. |" in next(line for line in lines if line.startswith("| [W1]"))
    assert "| – |" in next(line for line in lines if line.startswith("| [W2]"))


def test_the_score_counts_each_kind():
    from cnnkit.course.exercises import check

    assert repr(score.score()) == "Nothing was predicted, voted on or solved in this kernel yet."
    for claim in ("W1", "W2", "W3"):
        asked = vote(claim)
        asked.choose("It holds.")
        if claim != "W3":
            asked.commit()
    check("00.1", 2)
    said = ["2 of 3 votes cast.", "0 of 1 exercises right; 1 wrong."]
    assert score.score().lines() == said
    for answer in (3, 2, None):  # what is solved stays solved
        check("00.1", answer)
        assert score.score()._repr_markdown_().splitlines() == [f"* {said[0]}", "* 1 of 1 exercises right; 0 wrong."]


def test_the_little_markdown_is_escaped():
    link = '<a href="https://g.org/h_i" target="_blank" rel="noopener">f</a>'
    written = f"<p>a <b>b</b> <code>c*d*</code> <i>e</i> &lt; {link}</p>"
    assert html("a **b** `c*d*` *e* < [f](https://g.org/h_i)") == written
    assert html("one\n\ntwo\nthree") == "<p>one</p><p>two<br>three</p>"
    assert html("<script>") == "<p>&lt;script&gt;</p>"
    assert html("These:\n\n* *one*\n* two") == "<p>These:</p><ul><li><i>one</i></li><li>two</li></ul>"
    assert html("2 * 3 * 4") == "<p>2 * 3 * 4</p>"
