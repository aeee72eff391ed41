"""Predict, commit, reveal.

    predict("03.a")     a question; what happens unfolds after you have committed to an answer
    vote("D4")          a claim: does it hold? The verdict stands below its measurement
    score()             how you did in this notebook

The predictions lie with their topics, in `cnnkit/course/<topic>/predictions.py`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cnnkit._arguments import given
from cnnkit.course import TOPICS
from cnnkit.course.claims import CLAIMS
from cnnkit.course.kit.claim import FALSE, HOLDS, IF, NAMING, OPEN, SHOWN, UNSUPPORTED, Claim
from cnnkit.course.kit.prediction import Option, Prediction, Reply
from cnnkit.course.kit.score import score

if TYPE_CHECKING:
    from cnnkit.course.kit.commit import Commit

__all__ = ["PREDICTIONS", "predict", "prediction", "score", "vote", "voted"]

PREDICTIONS: dict[str, Prediction] = {
    prediction.key: prediction
    for topic in TOPICS
    if find_spec(f"cnnkit.course.{topic}.predictions")
    for prediction in import_module(f"cnnkit.course.{topic}.predictions").PREDICTIONS
}

VOTES = {  # what can be said of a claim, and the verdicts that it stands for
    "It holds.": (HOLDS, SHOWN),
    "It holds, if something is added that it leaves out.": (IF,),
    "It is false as said.": (FALSE,),
    "It cannot be decided: a matter of names, or no effect to be measured.": (NAMING, UNSUPPORTED, OPEN),
}


def prediction(key: str) -> Prediction:
    """The prediction with this key; a ValueError that names the keys if there is none."""
    if not isinstance(key, str) or key not in PREDICTIONS:
        raise ValueError(f"there is no prediction {given(key)}; the predictions are {', '.join(PREDICTIONS)}")
    return PREDICTIONS[key]


def predict(key: str) -> Commit:
    """Ask the prediction `key`: choose, commit, and see what happens."""
    from cnnkit.course.kit.commit import Commit  # here, so that reading the questions needs no widgets

    return Commit(prediction(key))


def voted(claim: str) -> Prediction:
    """The vote on a claim, as a prediction whose truth is the claim's verdict."""
    if not isinstance(claim, str) or claim not in CLAIMS:
        raise ValueError(f"there is no claim {given(claim)}; the claims are {', '.join(CLAIMS)}")
    return _Vote.of(CLAIMS[claim])


def vote(claim: str) -> Commit:
    """Ask for a vote on a claim: does it hold, does it hold if something is added, or is it false as said?"""
    from cnnkit.course.kit.commit import Commit

    return Commit(voted(claim), kind="vote")


class _Vote(Prediction):
    """A prediction about a verdict, which is read after the measurement: a commitment is only noted."""

    waits = True

    @classmethod
    def of(cls, claim: Claim) -> _Vote:
        truth = next(text for text, verdicts in VOTES.items() if claim.verdict in verdicts)
        heard = f"\n\nHeard in: {claim.heard}" if claim.heard else ""
        return cls(
            key=claim.id,
            question=f"People say: *{claim.said}* What do you say?",
            options=tuple(Option(text, text, "") for text in VOTES),
            truth=lambda: truth,
            reveal=f"**Verdict: {claim.verdict}.** {claim.because[:1].upper()}{claim.because[1:]}{heard}",
            spoilers=(),
        )

    def reply(self, answer: str) -> Reply:
        super().reply(answer)  # for its ValueError
        return Reply(None, f"Noted: you say that {answer[0].lower()}{answer[1:]}")

    def markdown(self) -> str:
        return super().markdown().replace("**Predict", "**Vote on", 1)
