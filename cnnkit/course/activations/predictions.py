"""What lesson 01 asks before an explorer or a figure shows it. Every truth is computed."""

from __future__ import annotations

import numpy as np

from cnnkit.activations import relu, tanh_backward
from cnnkit.course.kit.prediction import Option, Prediction
from cnnkit.course.kit.recorded import results
from cnnkit.data import digits

RATE = 0.6  # of the network whose units die in 01.e


def slope_of_tanh() -> int:
    """In per cent of a gradient, at x = 3."""
    return round(100 * float(tanh_backward(np.ones(1), np.array([3.0]))[0]))


def zeros_of_relu() -> int:
    """In per cent of many sums with mean −1 and spread 1."""
    sums = np.random.default_rng(1).standard_normal(10_000) - 1
    return round(100 * float((relu(sums) == 0).mean()))


def mixed_steps() -> str:
    """How often a step with a batch of 50 positive examples raises one weight and lowers the other."""
    from cnnkit.course.activations.zigzag_numbers import step_shares

    _, one, _, other = step_shares(50)
    share = one + other
    return "never" if share == 0 else "always" if share == 1 else "mostly" if share > 0.5 else "seldom"


def better_mend() -> str:
    """What makes the sigmoid faster: to centre it, or to make it four times as steep."""
    runs = results("activations")["convergence"]
    plain, centred, steep = (np.mean(runs[name]["epochs_to_1"]) for name in ("sigmoid", "sigmoid − 1/2", "4·sigmoid"))
    centre, slope = plain / centred, plain / steep
    return "centre" if centre > 1.2 * slope else "slope" if slope > 1.2 * centre else "both"


def right_with_dead_units() -> int:
    """In per cent: the digits that the explorer's network gets right after training at RATE."""
    from cnnkit.course.activations.dead_units_numbers import train_and_watch

    data = digits("train", n=150)
    x = data.normalized().reshape(150, -1).astype(float)
    return round(100 * train_and_watch(x, data.labels, "relu", lr=RATE).right[1])


PREDICTIONS = (
    Prediction(
        key="01.a",
        question=(
            "A gradient comes back through a tanh unit whose sum is 3. How much of the gradient gets through? (The "
            "slope of tanh is 1 at 0.)"
        ),
        options=(
            Option("About 30 %", 30, "That would be a curve that goes on rising gently. tanh(3) is 0.995 already."),
            Option("About 10 %", 10, "tanh(2) is close to that: its slope is 0.07. One more step of x is a long way."),
            Option("About 5 %", 5, "At 2.2 the slope is 0.05. It falls by a factor of e² for each 1 of x out there."),
            Option("About 1 %", 1, "The slope is 1 − tanh². With tanh(3) = 0.995 hardly anything is left of 1."),
        ),
        truth=slope_of_tanh,
        reveal=(
            "The slope of tanh is 1 − tanh². At 3 it is 0.00987, so a gradient of 100 comes out as 1. The unit is "
            "*saturated*.\n\n"
            "In the explorer: choose tanh and click the axes at 3, or go there with the arrow keys. At 1.5 the "
            "tangent still rises visibly, with slope 0.18. Now look for slopes *above* 1. SiLU has them beyond "
            "x = 1.3. SiLU and GELU also have a point on the left, near −1.28 and −0.75, where the slope is exactly 0."
        ),
        spoilers=(r"0\.00987",),
    ),
    Prediction(
        key="01.b",
        question=(
            "The sums of a layer have mean 0 and spread 1, and half of the ReLU's outputs are exactly 0. Now the "
            "mean of the sums falls to −1. What share of the outputs is exactly 0?"
        ),
        options=(
            Option("50 %, as before", 50, "Half of the sums are below their *mean*. What counts is the place of 0."),
            Option("68 %", 68, "68 % of a normal distribution lies within one spread *on both sides* of its mean."),
            Option("85 %", 85, "0 now lies one spread above the mean, and so much of a normal distribution is below."),
            Option("98 %", 98, "That is for a mean of −2: two spreads."),
        ),
        truth=zeros_of_relu,
        reveal=(
            "84.7 % of these sums are negative, and a normal distribution says 84.1 %. A shift of the sums makes a "
            "layer much more sparse.\n\n"
            "In the explorer: pull the mean to −1, or click the left histogram there. (A click beside its black bar "
            "sets the spread.) None of the other activations gives an exact 0 here."
        ),
        spoilers=(r"84\.\d %",),
    ),
    Prediction(
        key="01.c",
        question=(
            "Both inputs of a unit are always positive. One weight should rise and the other fall. For *one* example "
            "that is impossible, as you saw. Now take the mean gradient of a batch of 50 such examples. How often does "
            "a step go the right way in both weights?"
        ),
        options=(
            Option(
                "Never: no single gradient can do it, so their mean cannot either", "never",
                "Each gradient has equal signs, but some say “both up” and some say “both down”. In their mean the "
                "first number may come out positive and the second negative.",
            ),
            Option(
                "In less than half of the steps", "seldom",
                "With 2 examples in a batch that is so. The mean of 50 is close to the gradient of all examples.",
            ),
            Option(
                "In more than half of the steps", "mostly",
                "Gradients of both kinds add up, and what they have in common cancels.",
            ),
            Option(
                "Always: a batch is as good as all data", "always",
                "Nearly. A few batches still have all but examples of one kind.",
            ),
        ),
        truth=mixed_steps,
        reveal=(
            "With 50 examples 95 % of the steps raise one weight and lower the other. With 2 examples it is 16 %, with "
            "one example 0 %. The network of section 6, made of sigmoids, does the same. At batch 1 no unit of its "
            "second layer has gradients of both signs. At batch 50 half of them have. So “the weights can only go up "
            "together or down together” is true of single examples only.\n\n"
            "In the explorer: raise the batch size and watch the four fields on the right. Click the path or the "
            "curve below them to take fewer or more steps. Then look at the contours, the ovals along which the loss "
            "is the same. They form a narrow valley, and even with 64 examples the way takes about 85 steps. Now "
            "centre the inputs. The contours become round, a larger learning rate is safe, and the way takes about 13 "
            "steps. The valley costs more than the empty fields."
        ),
        spoilers=(r"95 %", r"narrow valley"),
    ),
    Prediction(
        key="01.d",
        question=(
            "The sigmoid has two faults: it is not centred, and it is four times flatter than tanh. Mend one of them. "
            "Which one brings the network to 1 % of wrong training digits in fewer epochs?"
        ),
        options=(
            Option("To centre it: sigmoid − ½", "centre", "The flat curve needs only a larger rate, and it has one."),
            Option(
                "To make it steep: 4·sigmoid", "slope",
                "A larger slope passes more gradient. But each curve already runs at its own best learning rate, and a "
                "larger rate makes up for a small slope.",
            ),
            Option("Both help about equally", "both", "A fair guess, and this experiment was made to tell them apart."),
        ),
        truth=better_mend,
        reveal=(
            "Centring takes the sigmoid from 16.9 epochs to 7.9. Steepness alone gains nothing: it takes 17.0. With "
            "both, 4·sigmoid − 2 needs 5.0.\n\n"
            "The same is true the other way round. tanh needs 3.6 epochs, and tanh + 1, which is moved away from its "
            "centre, needs 7.9."
        ),
        spoilers=(r"16\.9 epochs to 7\.9", r"Steepness alone"),
    ),
    Prediction(
        key="01.e",
        question=(
            "Three layers of 32 ReLUs learn 150 digits. With the learning rate 0.6, sixteen of the 96 units end dead. "
            "What share of these digits does the network then get right?"
        ),
        options=(
            Option("10 %: it guesses", 10, "That comes at 0.8, when nearly all units are dead."),
            Option("About 50 %", 50, "Half of the digits are lost at 0.75, when half of the units are dead."),
            Option("83 %, as many as units are alive", 83, "Units are not digits: others do what a dead one did."),
            Option("It still gets every digit right", 100, "80 units are left, and 80 are more than it needs."),
        ),
        truth=right_with_dead_units,
        reveal=(
            "The network has units to spare. Dead units are a symptom of steps that are too large. At 0.75 half of "
            "the units are dead, and half of the digits are lost.\n\n"
            "In the explorer: four units are dead before training begins. (Click a row or one of the ten digits to "
            "see who is silent on it.) Move the rate: the count goes up and down by chance, with 6 at 0.25 and 4 at "
            "0.3. At 0.8 it is 90 of 96, and the network guesses. Set the rate back to 0.2 and the bias to −1. Most "
            "of the dead units come back, because layer 1 still learns and moves what the others see. With the bias "
            "−2, layers 2 and 3 are dead from the start and stay so. Now choose leaky ReLU. No unit is dead, and "
            "still the network guesses."
        ),
        spoilers=(r"units to spare",),
    ),
)  # fmt: skip
