"""Calls that must be refused: whole numbers that no machine counts to, and lists in lists without an end."""

import cnnkit as ck
from cnnkit import layers
from cnnkit.course import claims, exercises, predictions
from cnnkit.data import digits

HUGE = 10**5000  # Python does not write out more than 4,300 digits


DEEP: list = []
for _ in range(10_000):
    DEEP = [DEEP]

BAD_CALLS = [
    (lambda: ck.conv_output_size(HUGE, 3), r"size must be below 2\*\*63, got an int"),
    (lambda: ck.conv_output_size(3, HUGE), r"kernel_size must be below 2\*\*63, got an int"),
    (lambda: layers.Linear(HUGE, 3), r"in_features must be below 2\*\*63, got an int"),
    (
        lambda: ck.count_macs(layers.Linear(3, 3), (HUGE,)),
        r"every side of input_shape must be below 2\*\*63, got an int",
    ),
    (lambda: digits(n=HUGE), "n must be at most 1,442, the number of pictures in this split, got an int"),
    (lambda: ck.relu(HUGE), "x must hold real numbers, got an int"),
    (lambda: exercises.check(HUGE), "there is no exercise an int; the exercises are 00.1"),
    (lambda: predictions.prediction(HUGE), "there is no prediction an int; the predictions are"),
    (lambda: predictions.voted(HUGE), "there is no claim an int; the claims are"),
    (lambda: claims.table(HUGE), "there is no notebook an int with claims; there are"),
    (lambda: ck.relu(DEEP), "x must hold real numbers in rows of equal length, got a list"),
    (lambda: ck.conv2d(DEEP, DEEP), "x must hold real numbers in rows of equal length, got a list"),
    (lambda: ck.receptive_field(DEEP), "a layer must have a kernel_size to have a receptive field, got a list"),
    (lambda: ck.output_shape(layers.Linear(3, 3), DEEP), "every side of input_shape must be an int, got a list"),
    (lambda: exercises.check(DEEP), "there is no exercise a list; the exercises are 00.1"),
]
