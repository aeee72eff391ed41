"""What notebook 03 asks before it shows: five predictions in the lesson, one in the lab."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from cnnkit.course.dropout.experiments.by_heart import learn, read_twice, with_dropout
from cnnkit.course.dropout.mask_numbers import draw_units
from cnnkit.course.dropout.overfitting_numbers import recorded
from cnnkit.course.dropout.subnetworks_numbers import find
from cnnkit.course.kit.prediction import Option, Prediction
from cnnkit.course.kit.recorded import results


def _spread_of_the_sum() -> int:
    """Give or take how much: the sum of 100 units that is 500 without dropout."""
    return round(draw_units(100, 0.5).spread)


def _side_of_one_pass() -> int:
    """−1, 0 or 1: one pass of six units behind a ReLU gives less than the mean, as much, or more."""
    return int(np.sign(find(6, 0.5, "ReLU", samples=50, seed=0).gap))


def _one_in_so_many() -> int:
    """Of how many units one is dropped in all of 20 examples."""
    return round(1 / 0.5**20)


def _best_of_four() -> float:
    """The p with the fewest mean validation errors, with 200 digits of which 40 have wrong labels."""
    found = _recorded()
    errors = {p: np.mean(recorded(found, p, "hidden", 200, "1 in 5")["validation_error"]) for p in (0.0, 0.2, 0.5, 0.8)}
    return min(errors, key=errors.__getitem__)


@cache
def _recorded() -> dict[str, Any]:
    return results("dropout", "overfitting")


def _differ() -> float:
    """The share of new digits that the lesson's network reads differently with other masks, as the nearest option."""
    coins = np.random.default_rng(1)
    share = read_twice(learn(with_dropout(0.8, coins))).differ
    return min((0.0, 0.05, 0.45, 0.8), key=lambda value: abs(value - share))


def _given_away() -> float:
    """R² of a dropped value of the photograph's maps, guessed from its kept neighbours."""
    from cnnkit.course.dropout.maps_numbers import drop_and_guess

    return round(drop_and_guess(0.5, "dropout").share, 2)


PREDICTIONS = (
    Prediction(
        key="03.a",
        question=(
            "A layer of 100 units adds up to 500. Dropout with p = 0.5 sets units to 0 at random and doubles the "
            "others. What is the sum in *one* such draw?"
        ),
        options=(
            Option("exactly 500: that is what the doubling is for", 0,
                   "The doubling is meant for that, but it cannot know how many units this draw drops, or which."),
            Option("within about 5 of 500", 5,
                   "5 is right for another number: 50 units are dropped, give or take 5. Each of them counts twice, "
                   "and not all are equally large."),
            Option("around 500, but often 50 or more away from it", 56,
                   "The expected sum is 500, and one draw scatters around it."),
            Option("around 250: half of the units are gone", 250,
                   "Half of the units are gone, but the others count twice. 250 is the answer without the division."),
        ),
        truth=_spread_of_the_sum,
        reveal=(
            "Only the *expected* sum is unchanged: 500. A single draw is often 50 or more away from it, because each "
            "unit tosses a coin of its own.\n\n"
            "In the explorer, set p to 0.5. The sum of the first draw is 542. On average it is 500, give or take 55.7. "
            "Play *draw* and watch it wander, or click a count, a sum or a unit. Switch the division off, and a sum "
            "of 250 is expected. Let p mean the *probability to keep*, as in the paper of 2014, and set it to 0.2. "
            "Then 80 of 100 units are expected to be dropped. Switch *training* off, and nothing is random any more."
        ),
        spoilers=(r"55\.7", r"\*expected\* sum is unchanged"),
    ),
    Prediction(
        key="03.b",
        question=(
            "Six units, three of them with negative weights, feed one output with a ReLU, and p = 0.5. Take the mean "
            "of the output over all 64 masks. One pass with all units, as in testing, stands for that mean. What does "
            "it give?"
        ),
        options=(
            Option("exactly the mean: that is what the division by 1 − p is for", 0,
                   "That is true of the sum *before* the ReLU. The mean of a ReLU is another matter."),
            Option("too much", 1, "A ReLU cuts off negative sums, so every sub-network gives at least 0. That lifts "
                   "the mean; it does not lower it."),
            Option("too little", -1, "A ReLU cuts off what is below 0 and keeps what is above."),
            Option("sometimes too much, sometimes too little, depending on the draw", 2,
                   "There is no draw in it: the mean goes over all 64 masks, and the one pass has none."),
        ),
        truth=_side_of_one_pass,
        reveal=(
            "One pass gives too little: 3.0 where the mean is 6.4. The ReLU cuts off sums below 0 and keeps those "
            "above, so the spread alone lifts the mean. One pass can never give too much.\n\n"
            "In the explorer, choose *ReLU*, then lower p to 0.05. With little spread the gap shrinks to 0.3. Back on "
            "*linear*, one pass is exact. Choose *softmax*, and one pass is surer of its answer than the mean is. (The "
            "geometric mean is explained below.) Click a mark in the row of draws: it is the mean of another seed."
        ),
        spoilers=(r"lifts the mean", r"6\.4"),
    ),
    Prediction(
        key="03.c",
        question=(
            "Now a batch of 20 examples, each with a mask of its own, and p = 0.5. The gradient of the batch is the "
            "mean over its examples. For which share of the hidden units does dropout make it exactly 0?"
        ),
        options=(
            Option("for half of them", 2,
                   "Half of the units are dropped in *each* example, but not the same half."),
            Option("for 1 in 40: half, shared out over 20 examples", 40,
                   "Probabilities of independent coins are multiplied, not divided."),
            Option("for 1 in a million", 2**20,
                   "A unit gets nothing only if all 20 coins drop it: 0.5 to the power of 20."),
            Option("for none, ever", 0, "Nearly, but it can happen: all 20 coins of a unit may fall on drop."),
        ),
        truth=_one_in_so_many,
        reveal=(
            "All 20 coins of a unit must fall on *drop*, which has the probability 0.5 to the power of 20. So with "
            "such batches dropout hardly ever keeps a weight from moving."
        ),
        spoilers=(r"to the power of 20",),
    ),
    Prediction(
        key="03.d",
        question=(
            "200 digits, of which 40 have a wrong label. The 128 hidden units get dropout while the network trains. "
            "Which p leaves the fewest errors on *new* digits?"
        ),
        options=(
            Option("p = 0: no dropout", 0.0, "Without dropout all 40 wrong labels are learnt by heart."),
            Option("p = 0.2", 0.2, "0.2 helps a little: most of the wrong labels are learnt all the same."),
            Option("p = 0.5", 0.5, "0.5 is the usual advice, and it helps. Here there is more to resist."),
            Option("p = 0.8", 0.8, "Only a fifth of the units is there in each step, and that is enough."),
        ),
        truth=_best_of_four,
        reveal=(
            "Over ten seeds 21.4 % of the new digits are wrong without dropout, and 12.7 % with p = 0.8. With 0.5 it "
            "is 16.6 %. With so few units at a time, the network learns fewer of the 40 exceptions by heart.\n\n"
            "In the explorer, choose *1 in 5* wrong labels. Without dropout the loss on new digits is lowest after 20 "
            "steps and then rises. Click p = 0.8 in the right-hand picture: now it hardly rises. Set the wrong labels "
            "back to *none*, and there is little left to gain. Choose dropout of *both* with 0.8, and the network "
            "learns next to nothing."
        ),
        spoilers=(r"12\.7 %",),
    ),
    Prediction(
        key="03.e",
        question=(
            "You forget to switch dropout off, and let this network, with p = 0.8, read the 442 new digits twice. How "
            "many of them does it read differently the second time?"
        ),
        options=(
            Option("none: the weights are the same both times", 0.0,
                   "The weights are the same, but the masks are not, and a mask leaves only a fifth of the units."),
            Option("about 1 in 20", 0.05, "Many digits are too clear to be misread, but not so many."),
            Option("nearly half of them", 0.45, "Each pass is another sub-network, and each is unsure in its own way."),
            Option("about 4 in 5, as p says", 0.8,
                   "p is the share of units that are dropped. What is left still reads most digits alike."),
        ),
        truth=_differ,
        reveal=(
            "Nearly half are read differently. In training mode about 1 in 3 is wrong, in testing mode about 1 in 8. "
            "Nothing warns you, since the code runs all the same. The code below tries it."
        ),
        spoilers=(r"read differently\. In training mode",),
    ),
    Prediction(
        key="03.f",
        question=(
            "The six maps are a photograph after six filters. Half of their values are dropped one by one. How much "
            "of the variance of a dropped value can be guessed from the kept values around it?"
        ),
        options=(
            Option("nothing: it is gone", 0.0, "It is gone, but its neighbours look like it."),
            Option("about a tenth", 0.1, "That is roughly what the *other maps* give away, not the neighbours."),
            Option("about half", 0.5, "More: in a photograph neighbouring values are very much alike."),
            Option("about three quarters", 0.75, "Neighbouring values of a photograph are alike."),
        ),
        truth=_given_away,
        reveal=(
            "About three quarters: R² = 0.75. What was dropped is still there, next door.\n\n"
            "In the explorer: choose *dropout*, and click a map to see it large. With *dropout2d* a dropped value's "
            "neighbours go with it, and R² is 0. Shuffle the pixels: then neighbours say nothing about each other. "
            "Choose *other channels*: both kinds leave what the other maps say about the same pixel, 8 or 9 % with "
            "these filters."
        ),
        spoilers=(r"R² = 0\.75", r"still there, next door"),
    ),
)  # fmt: skip
