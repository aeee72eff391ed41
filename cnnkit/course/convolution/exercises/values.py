"""The exercises of notebook 05 that ask for a value: AlexNet's padding, and the cheapest stack."""

from __future__ import annotations

from numbers import Real
from typing import Any

from cnnkit.course.kit.exercise import Mistake, ValueExercise
from cnnkit.course.kit.exercise_words import array, called, show


def judge_alexnet(answer: Any) -> str:
    """Which padding makes 224 → 55 with an 11×11 kernel and stride 4, rounded down?"""
    if isinstance(answer, str):
        if answer.strip().lstrip("-").isdigit():
            return f"{show(answer)} is a text. Write the number without quotation marks."
        return f"{show(answer)} is a text. PyTorch refuses even `padding='same'` at stride 4: a number is asked for."
    if isinstance(answer, (tuple, list)) and tuple(answer) == (0, "ceil"):
        return (
            "That is what the author's code does, and it does give 55. Here the division is rounded down, and one "
            "number is asked for."
        )
    numbers = array(answer)
    if numbers is None or numbers.dtype.kind not in "iuf" or numbers.size not in (1, 2):
        return f"A padding is a whole number of pixels; this is {called(answer)}."
    if len(set(numbers.ravel().tolist())) > 1:
        return "One number is asked for, the padding on each of the four sides."
    p = numbers.ravel()[0].item()  # (2, 2) is PyTorch's pair for height and width: the same number
    if p == 1.5:
        return (
            "With 1.5 the division is exact, (224 + 3 − 11)/4 + 1 = 55, and 224 + 3 is the famous 227. But nobody "
            "can add half a pixel: the padding is a whole number, and the division may leave a remainder."
        )
    if not float(p).is_integer():
        return f"A padding is a whole number of pixels; this is {show(p)}."
    return _about_padding(int(p))


AUTHOR = (
    "0 and rounding up is the author's own setting, and it gives 55: ⌈(224 − 11)/4⌉ + 1 = 55, the last window three "
    "pixels over the edge."
)


def _about_padding(p: int) -> str:
    if p < 0:
        return "A padding is not negative: it adds pixels. PyTorch refuses this."
    size = (224 + 2 * p - 11) // 4 + 1
    said = f"With padding {p} the output is ⌊(224 + 2·{p} − 11)/4⌋ + 1 = {size} wide"
    if p == 2:
        return ""
    if p == 0:
        return f"{AUTHOR} But PyTorch's convolutions round down, and that is asked here. {said}, not 55."
    if p == 3:
        return f"{said}, as asked. But a smaller padding gives 55 too, and the smallest is asked for."
    if p == 5:
        return f'{said}. This is the "same" padding of an 11×11 kernel, and 224/4 is {size}: one too many.'
    return f"{said}, not 55."


TARGET = 31
BEST = 36  # weights of the cheapest stack, in units of C²; tests/course/test_exercises.py searches all cheaper ones


def offsets_read(layers: list[tuple[int, int]]) -> set[int]:
    """Which pixels of a row one output pixel reads through stride-1 layers of (kernel size, dilation)."""
    read = {0}
    for k, d in layers:
        read = {r + d * u for r in read for u in range(k)}
    return read


def judge_stack(answer: Any) -> str:
    """The cheapest stack of odd kernels, stride 1, that reads at least 31 pixels in a row without a hole."""
    layers = _layers(answer)
    if isinstance(layers, str):
        return layers
    problem = _about_stack(layers)
    if problem and not _about_stack([(d, k) for k, d in layers]):
        return (
            "You have changed the two numbers of each pair: `(kernel_size, dilation)` is asked for. The other way "
            "round your stack is right."
        )
    return problem


def _about_stack(layers: list[tuple[int, int]]) -> str:
    cost = sum(k * k for k, _ in layers)
    field = 1 + sum(d * (k - 1) for k, d in layers)
    if field < TARGET:
        return _too_narrow(layers, field)
    if field > 1000:
        return f"The receptive field is {field} pixels. At least {TARGET} are asked for: stay below 1000."
    read = len(offsets_read(layers))
    if read < field:
        return (
            f"The receptive field is {field} pixels wide, but it has holes: an output reads only {read} of the {field} "
            "pixels in a row. The weights of the later layers must fill the gaps between those of the earlier ones."
        )
    if any(k % 2 == 0 for k, _ in layers):
        clever = ", fewer than odd kernels need" if cost < BEST else ""
        return (
            f"{field} pixels without a hole for {cost} C²{clever}. But only odd kernels are allowed here: an even one "
            "with dilation 1 has no symmetric padding that keeps the size."
        )
    if len(layers) == 1:
        return (
            f"One {layers[0][0]}×{layers[0][0]} kernel does it, for {cost} C². A stack of small kernels gets there "
            f"with {cost / BEST:.3g} times fewer weights."
        )
    if cost > BEST:
        return (
            f"The receptive field is {field} pixels without a hole, for {cost} C². There is a stack with "
            f"{cost / BEST:.3g} times fewer weights: a dilation costs nothing."
        )
    return ""


def _too_narrow(layers: list[tuple[int, int]], field: int) -> str:
    terms = [d * (k - 1) for k, d in layers]
    adds = f"1 + {' + '.join(map(str, terms))} = {field}" if 0 < len(terms) <= 6 else f"1 + Σ d(k − 1) = {field}"
    said = f"The receptive field is {adds} pixels, not {TARGET}."
    if field == 27 and len(layers) == 3:
        return f"{said} So close: 3·3·3 = 27 is the most that three 3×3 layers can read without a hole."
    if TARGET - 1 <= sum(d * k for k, d in layers) <= TARGET + 2:  # 10 or 11 plain 3×3 layers
        return (
            f"{said} Did you count k pixels for each layer? A layer adds d(k − 1): its first weight sees nothing new."
        )
    return said


def _layers(answer: Any) -> list[tuple[int, int]] | str:
    """The answer as a list of whole-number pairs, or what is wrong with it."""
    wanted = "A list of layers is asked for, each a pair `(kernel_size, dilation)`, such as `[(5, 1), (3, 2)]`"
    numbers = array(answer)
    if numbers is not None and numbers.ndim == 2:
        answer = numbers.tolist()
    if not isinstance(answer, (list, tuple)):
        return f"{wanted}; this is {called(answer)}."
    if not answer:
        return f"{wanted}; this list is empty."
    for layer in answer:
        if not isinstance(layer, (list, tuple)) or len(layer) != 2:
            return f"{wanted}; {show(layer)} is not such a pair."
        if not all(isinstance(v, Real) and not isinstance(v, bool) and float(v).is_integer() for v in layer):
            return f"Kernel size and dilation are whole numbers; in {show(layer)} one is not."
        if min(layer) < 1:
            return f"Kernel size and dilation are at least 1; {show(tuple(layer))} is not possible."
    return [(int(k), int(d)) for k, d in answer]


ALEXNET = ValueExercise(
    key="05.3",
    title="From 224 to 55",
    name="padding",
    question=(
        "PyTorch's convolutions round down. The first layer of AlexNet is to make maps of 55×55 out of 224×224 pixels, "
        "with an 11×11 kernel and stride 4. Which padding on each side does that take in PyTorch? Give the smallest "
        "whole number."
    ),
    stub="padding = ...",
    hints=(
        "Put the numbers into the formula and leave p open: ⌊(224 + 2p − 11)/4⌋ + 1.",
        "The floor has to be 54, so 213 + 2p is at least 4·54 and less than 4·55.",
        "213 + 2p ≥ 216 means 2p ≥ 3. Which is the smallest whole p?",
    ),
    solution=2,
    praise=(
        "⌊(224 + 4 − 11)/4⌋ + 1 = ⌊54.25⌋ + 1 = 55, and this is what torchvision's AlexNet does. The remainder is 1: "
        "which "
        "column is never read, and is it one of the image?"
    ),
    judge=judge_alexnet,
    mistakes=(
        Mistake(0, "0 and rounding up is the author's own setting, and it gives 55"),
        Mistake((0, "ceil"), "That is what the author's code does, and it does give 55."),
        Mistake("2", "Write the number without quotation marks."),
        Mistake(1, "⌊(224 + 2·1 − 11)/4⌋ + 1 = 54 wide, not 55."),
        Mistake(1.5, "nobody can add half a pixel"),
        Mistake(3, "a smaller padding gives 55 too"),
        Mistake(5, "one too many"),
        Mistake("same", "PyTorch refuses even"),
        Mistake((1, 2), "One number is asked for"),
        Mistake(-2, "A padding is not negative"),
    ),
)

STACK = ValueExercise(
    key="05.5",
    title="See 31 pixels for the fewest weights",
    name="stack",
    question=(
        "Stack convolutions so that one output pixel sees at least 31 input pixels in each direction, for as few "
        "weights as you can.\n\n"
        "* Every layer has stride 1, C channels in and C channels out, and an odd k×k kernel with dilation d. It costs "
        "k²·C² weights.\n"
        "* No holes: all pixels of the receptive field must really be read.\n"
        "* Answer with a list of pairs `(kernel_size, dilation)`, first layer first. Two examples: `[(31, 1)]` is one "
        "big kernel, `[(5, 1), (3, 2)]` two layers that see 9 pixels for 34 C²."
    ),
    stub="stack = ...",
    hints=(
        "A layer adds d(k − 1) pixels to the receptive field. What does d cost?",
        "Every layer multiplies the number of pixels read by at most k. How many 3×3 layers does it take at least?",
        "Four 3×3 layers. Start with dilation 1 and double it from layer to layer.",
    ),
    solution=[(3, 1), (3, 2), (3, 4), (3, 8)],
    praise=(
        "36 C² weights; fifteen plain 3×3 layers need 135 C², one 31×31 kernel 961 C². The same 36 C² can even see 81 "
        "pixels without a hole. With which dilations?"
    ),
    judge=judge_stack,
    mistakes=(
        Mistake([(3, 1)] * 15, "for 135 C². There is a stack with 3.75 times fewer weights"),
        Mistake([(31, 1)], "One 31×31 kernel does it, for 961 C²."),
        Mistake([(3, 15)], "reads only 3 of the 31 pixels"),
        Mistake([(3, 1), (3, 2), (3, 12)], "reads only 21 of the 31 pixels"),
        Mistake([(3, 1)] * 10, "Did you count k pixels for each layer?"),
        Mistake([(3, 1), (3, 2), (3, 4)], "1 + 2 + 4 + 8 = 15 pixels, not 31."),
        Mistake([(3, 1), (3, 3), (3, 9)], "is the most that three 3×3 layers can read"),
        Mistake([(2, 1), (2, 2), (2, 4), (2, 8), (2, 16)], "only odd kernels are allowed"),
        Mistake([3, 3, 3, 3], "`3` is not such a pair"),
        Mistake([(1, 3), (2, 3), (4, 3), (8, 3)], "You have changed the two numbers of each pair"),
        Mistake([(3, 1), (3, 2.5)], "are whole numbers; in"),
    ),
)
