"""Every exercise: its solution passes, each known mistake hears its own diagnosis, the stub is not an error."""

import asyncio
import gc
import inspect
import json
import re
import sys
import threading
import warnings
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations_with_replacement, product
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnnkit import check, conv_output_size
from cnnkit.course import LABS, TOPICS, exercises
from cnnkit.course.clinic.exercises.mend import Repair
from cnnkit.course.cnn.exercises.capstone import Capstone
from cnnkit.course.convolution import exercises as conv
from cnnkit.course.convolution.exercises import sizes
from cnnkit.course.convolution.exercises.values import BEST, TARGET, offsets_read
from cnnkit.course.exercises import EXERCISES
from cnnkit.course.kit import exercise_trial
from cnnkit.course.kit.exercise import FunctionExercise
from cnnkit.course.kit.exercise_stable import StableExercise
from cnnkit.course.kit.exercise_words import apart, array, plain, same, show

ALL = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
MISTAKES = [(e, m) for e in EXERCISES.values() for m in e.mistakes]
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def said(key: str, answer) -> str:
    """The message for a wrong answer."""
    verdict = check(key, answer)
    assert verdict.passed is False, verdict
    return verdict.message


@ALL
def test_the_solution_passes(exercise):
    verdict = exercise.check(exercise.solution)
    assert verdict.passed is True, verdict
    assert exercise.praise in verdict.message


@ALL
def test_the_solution_as_printed_passes(exercise):
    namespace = {"np": np}
    exec(exercises.solution_source(exercise.key), namespace)
    assert check(exercise.key, namespace[exercise.name]).passed is True


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES, ids=lambda value: getattr(value, "key", "mistake"))
def test_every_known_mistake_hears_its_own_diagnosis(exercise, mistake):
    message = said(exercise.key, mistake.answer)
    assert mistake.diagnosis in message
    assert not [m for m in exercise.mistakes if m.diagnosis != mistake.diagnosis and m.diagnosis in message]


@ALL
def test_there_are_enough_mistakes_and_their_diagnoses_differ(exercise):
    diagnoses = {mistake.diagnosis for mistake in exercise.mistakes}
    assert len(diagnoses) == len(exercise.mistakes) >= 3


@ALL
def test_the_stub_is_not_attempted_yet(exercise):
    namespace: dict = {}
    exec(exercise.stub, namespace)
    for answer in (namespace[exercise.name], None, ...):
        assert exercise.check(answer).passed is None
    assert check(exercise.key).passed is None


@ALL
def test_every_exercise_has_what_a_learner_needs(exercise):
    assert 2 <= len(exercise.hints) <= 3
    assert exercise.title[0].isupper()
    assert exercise.name in exercise.stub
    assert all(text.endswith((".", "?")) for text in (*exercise.hints, exercise.praise, exercise.question))
    folded = exercises.folded(exercise.key)
    assert folded.count("<details>") == folded.count("</details>") == len(exercise.hints) + 1
    assert folded.endswith(f"```python\n{exercises.solution_source(exercise.key)}\n```\n\n</details>")


class Strange:
    """Refuses everything."""

    def __getattr__(self, name):
        raise AttributeError("strange")

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no numbers here")

    def __eq__(self, other):
        raise RuntimeError("not comparable")

    __hash__ = None  # type: ignore[assignment]


def returns(value):
    return lambda *args: value


VALUES = [
    "55", 2.5, -1, 10**30, float("nan"), float("inf"), True, 1j, [], {}, set(), [[1], [2, 3]], [None], [(3,)], [(0, 1)],
    [("a", "b")], [(3, 10**9)], np.zeros((2, 3)), np.zeros((0, 2)), np.array(["a"]), np.array([True, False]),
    torch.zeros(2), Strange(), Strange, int,
]  # fmt: skip
GARBAGE = [
    *VALUES, *map(returns, VALUES), print, len, dict.get, np.convolve, (lambda: 1), (lambda a: a),
    (lambda *args: args[99]), (lambda *args: 1 / 0),
]  # fmt: skip


@ALL
def test_no_answer_leads_to_a_traceback(exercise):
    for answer in GARBAGE:
        verdict = exercise.check(answer)
        assert verdict.passed is False, answer
        assert len(verdict.message) > 20
        assert " at 0x" not in repr(verdict)
        assert "\n" not in repr(verdict).partition("\nPrinted:\n")[0]
        assert len(verdict.printed.splitlines()) <= 11


def test_a_mistake_that_no_one_foresaw_is_shown_by_its_smallest_case():
    message = said("05.1", lambda n, k, s, p, d: 3 if n > 30 else sizes.output_size(n, k, s, p, d))
    assert re.fullmatch(
        r"For `n=\d+`, `k=\d`, `s=1`, `p=0`, `d=1` you say `3`; it is `\d+`\. \(\d+ of \d+ cases are right\.\)", message
    )


def test_a_mistake_in_nearly_all_cases_is_suspected():
    def rounds_up_mostly(n, k, s, p, d):
        rest = (n + 2 * p - d * (k - 1) - 1) % s
        return sizes.output_size(n, k, s, p, d) + (rest > 0 and n != 12)

    assert said("05.1", rounds_up_mostly).startswith(
        "Most of your wrong results are those of this mistake. Your size is one too large"
    )


def test_arguments_that_are_left_out_are_named():
    assert "Right in every case with `p=0` and `d=1`" in said("05.1", lambda n, k, s, p, d: (n - k) // s + 1)
    assert "look at what `s`, `p` and `d` should do" in said("05.1", lambda n, k, s, p, d: n - k + 1)
    assert "Right in every case with `d=1`, so" in said("05.2", lambda k, d: (k - 1) // 2 if k % 2 else None)


def test_forms_that_are_wrong_are_named():
    assert "returns `6.5`: a whole number is asked" in said("05.1", lambda *a: sizes.output_size(*a) + 0.5)
    assert "returns a text where" in said("05.1", lambda *a: str(sizes.output_size(*a)))
    assert "has shape (2, 3); it should have shape (1, 2)" in said("05.4", lambda x, w, s: x)
    assert "returns a text; a NumPy array" in said("05.4", lambda x, w, s: "0")


FORMS = {
    "float32": lambda y: np.asarray(y, np.float32)[()] if np.asarray(y).dtype.kind == "f" else y,
    "list": lambda y: np.asarray(y).tolist(),
    "tensor": lambda y: torch.tensor(np.asarray(y)),
    "tensor with a gradient": lambda y: torch.tensor(np.asarray(y, float), requires_grad=True),
    "array": lambda y: np.asarray(y),
    "array of one": lambda y: np.asarray([y]) if np.ndim(y) == 0 else y,
    "whole float": lambda y: float(y) if isinstance(y, int) else y,
    "fractions": lambda y: in_each(Fraction, y),
    "decimals": lambda y: in_each(Decimal, y),
}


def in_each(kind, y):
    """The same numbers as a list in which each is a Fraction or a Decimal; NaN and inf are no fractions."""
    values = np.asarray(y).tolist()
    if isinstance(values, list):
        return [in_each(kind, each) for each in values]
    return kind(values) if np.isfinite(values) else values


@ALL
@pytest.mark.parametrize("form", FORMS)
def test_a_right_answer_is_right_in_every_form(exercise, form):
    """But for what cannot be a number: None, a text, a function."""

    def told(y):
        numbers = array(y)
        return y if numbers is None or numbers.dtype.kind not in "iuf" else FORMS[form](y)

    if not callable(exercise.solution):
        answer = told(exercise.solution)
    elif isinstance(exercise, StableExercise) and form not in ("list", "tensor", "array", "fractions", "decimals"):
        pytest.skip("the type of the result is what this exercise is about")
    else:

        def answer(*args):
            return told(exercise.solution(*args))

        answer.__signature__ = inspect.signature(exercise.solution)
    verdict = exercise.check(answer)
    assert verdict.passed is True, verdict


def test_whole_numbers_of_numpy_and_integer_arrays_are_welcome():
    assert check("05.1", lambda *a: np.int64(sizes.output_size(*a))).passed
    assert check("00.1", np.int32(3)).passed
    assert check("05.5", tuple(map(list, EXERCISES["05.5"].solution))).passed
    assert check("05.5", [(3, 1), (3, 3), (3, 9), (3, 27)]).passed  # the 81 pixels that the praise speaks of


def test_a_changed_input_is_named():
    def changes(x, w, s):
        y = conv.conv(x, w, s)
        w *= 2
        return y

    assert said("05.4", changes).startswith("Your function changes its input `w`")


def test_printing_is_not_returning(capsys):
    assert "prints and returns nothing" in said("05.1", lambda *a: print(sizes.output_size(*a)))

    def talks(*args):
        print("a trace")
        return sizes.output_size(*args)

    assert check("05.1", talks).passed
    assert check("05.2", lambda *args: print(args)).passed is False
    assert check("05.2", lambda *args: None).passed is None
    assert capsys.readouterr().out == ""


def test_what_a_function_prints_is_shown_its_first_ten_lines():
    def talks(*args):
        print("n is", args[0])
        return sizes.output_size(*args)

    first, *rest = check("05.1", talks).printed.splitlines()
    assert re.fullmatch(r"n is \d+", first)
    assert len(rest) == 10
    assert rest[-1] == "…"
    shown = check("05.1", lambda n, k, s, p, d: print("once") if n == 1 else 0)
    assert f"\nPrinted:\n{shown.printed}" in repr(shown)
    assert shown._repr_markdown_().startswith(f"{shown.markdown()}\n\nPrinted:\n\n~~~text\nonce")
    assert check("05.1", sizes.output_size).printed == "", "what was printed before is gone"


FUNCTIONS = pytest.mark.parametrize(
    "exercise", [pytest.param(e, id=e.key) for e in EXERCISES.values() if isinstance(e, FunctionExercise)]
)


@FUNCTIONS
def test_a_right_answer_that_prints_is_right(exercise, capsys):
    """Also where None is the right result of some cases."""

    def talks(*args):
        print(*args)
        return exercise.solution(*args)

    talks.__signature__ = inspect.signature(exercise.solution)
    verdict = exercise.check(talks)
    assert verdict.passed is True, verdict
    assert capsys.readouterr().out == ""


@ALL
def test_settings_of_the_learner_change_no_verdict(exercise):
    """Nothing that is computed under them and kept is wrong later, and they stay what they were."""
    answers = [exercise.solution] if isinstance(exercise, Capstone) else [m.answer for m in exercise.mistakes]
    fresh, right = replace(exercise), [exercise.check(answer) for answer in [*answers, exercise.solution]]
    with np.errstate(all="raise"), np.printoptions(precision=2, legacy="1.13"), warnings.catch_warnings():
        warnings.simplefilter("error")
        before = np.geterr(), np.get_printoptions(), list(warnings.filters)
        assert [fresh.check(answer) for answer in [*answers, exercise.solution]] == right
        assert before == (np.geterr(), np.get_printoptions(), list(warnings.filters))
    assert [fresh.check(answer) for answer in [*answers, exercise.solution]] == right


HUGE = [10**5000, -(10**5000), Fraction(10**5000), Decimal("1e5000"), [(3, 10**5000)], [(10**5000, 1)]]


@ALL
@pytest.mark.parametrize("answer", HUGE, ids=lambda answer: type(answer).__name__)
def test_numbers_that_no_float_can_hold_are_wrong_not_a_traceback(exercise, answer):
    given = (lambda *args: answer) if callable(exercise.solution) else answer
    assert exercise.check(with_names_of(exercise, given)).passed is False


def with_names_of(exercise, answer):
    if callable(answer):
        answer.__signature__ = inspect.signature(exercise.solution)
    return answer


MANY = [np.broadcast_to(1.0, (10**9,)), np.broadcast_to(np.int8(1), (10**3, 10**6)), torch.ones(1).expand(10**9)]


@ALL
@pytest.mark.parametrize("answer", [*MANY, [MANY[0]], range(10**9)], ids=["1d", "2d", "tensor", "in a list", "range"])
def test_a_thousand_million_numbers_are_refused_by_their_count(exercise, answer):
    given = (lambda *args: answer) if callable(exercise.solution) else answer
    verdict = exercise.check(with_names_of(exercise, given))
    assert verdict.passed is False
    assert "more than 20,000 numbers" in verdict.message or isinstance(exercise, (Capstone, Repair))


def nested(depth, kind=list, inner=1):
    for _ in range(depth):
        inner = kind([inner])
    return inner


@ALL
@pytest.mark.parametrize("answer", [nested(33), nested(10_000), nested(10_000, tuple, np.ones(2))])
def test_lists_in_lists_are_refused_by_their_depth(exercise, answer):
    given = (lambda *args: answer) if callable(exercise.solution) else answer
    start = perf_counter()
    verdict = exercise.check(with_names_of(exercise, given))
    assert verdict.passed is False
    assert "more than 32 lists in one another" in verdict.message or isinstance(exercise, (Capstone, Repair))
    assert perf_counter() - start < exercise.seconds


class Hostile(list):
    """Raises `error` whatever it is asked: what it holds, how long it is, whether it is an array."""

    def __init__(self, error):
        self.error = error

    def fail(self, *args):
        raise object.__getattribute__(self, "error")

    __getitem__ = __iter__ = __len__ = __array__ = __getattr__ = fail


@ALL
@pytest.mark.parametrize("error", [SystemExit(1), GeneratorExit(), RuntimeError("no"), BaseException("x")])
def test_an_answer_that_fails_when_it_is_read_gets_a_verdict(exercise, error):
    given = (lambda *args: Hostile(error)) if callable(exercise.solution) else Hostile(error)
    verdict = exercise.check(with_names_of(exercise, given))
    assert verdict.passed is False
    assert type(error).__name__ in verdict.message or isinstance(exercise, (Capstone, Repair))


def test_an_interrupt_goes_through():
    with pytest.raises(KeyboardInterrupt):
        check("05.1", stops(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        check("00.1", Hostile(KeyboardInterrupt()))


def test_fractions_and_large_whole_numbers_are_called_what_they_are():
    assert "returns `0.5`: a whole number is asked for" in said("05.1", lambda *args: Fraction(1, 2))
    assert plain([Fraction(6, 3), Fraction(1, 4), Decimal("0.1")]) == [2, 0.25, 0.1]
    assert plain(10**30) == 10**30
    assert show(10**30) == f"`{10**30}`"
    assert show(10**5000) == "a whole number"
    assert same(Fraction(1, 3), 1 / 3)
    assert same([Fraction(1, 3), 2], np.array([1 / 3, 2]))
    assert not same(Fraction(1, 3), 0.3333)


@pytest.mark.parametrize("error", [asyncio.CancelledError(), GeneratorExit(), BaseException("x"), SystemExit(1)])
def test_whatever_an_answer_raises_is_one_line(error):
    assert f"stops with `{type(error).__name__}:" in said("05.1", stops(error))


def test_what_an_answer_leaves_open_is_closed(recwarn):
    async def waits(*args):
        return 1

    def closes(*args):
        sys.stdout.close()
        return sizes.output_size(*args)

    assert check("05.1", waits).passed is False
    assert check("05.1", closes).passed is True
    gc.collect()
    assert not recwarn.list


def test_an_error_is_one_line_with_its_case():
    message = said("05.1", lambda n, k, s, p, d: (n - k) // p)
    assert "stops with `ZeroDivisionError: " in message
    assert message.endswith("for `n=6`, `k=1`, `s=1`, `p=0`, `d=1`.")


def test_arguments_that_do_not_fit_are_named():
    assert "another order" in said("05.1", lambda n, k, p, s, d: 1)
    assert "yours takes `(n, k)`" in said("05.1", lambda n, k: 1)
    assert "The function itself is asked for, `check('05.1', output_size)`; this is a whole number" in said("05.1", 14)
    assert "A value is asked for" in said("05.3", lambda: 2)


def test_not_implemented_is_not_attempted():
    def output_size(n, k, s, p, d):
        raise NotImplementedError

    assert check("05.1", output_size).passed is None


def test_a_verdict_shows_itself_as_text_and_as_markdown():
    right, wrong, nothing = check("00.1", 3), check("00.1", 2), check("00.1")
    assert repr(right).startswith("✓ right: 00.1 A first exercise. ")
    assert wrong._repr_markdown_().startswith("**✗ not yet: 00.1 A first exercise.** ")
    assert repr(nothing).startswith("… not attempted yet: 00.1 A first exercise. ")
    assert repr(check("05.4", returns(1))) == repr(check("05.4", returns(1)))


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class Unsigned:
    @property
    def __signature__(self):
        raise RuntimeError("no signature")

    def __call__(self, *arguments):
        return 10**400


def stops(error):
    def answer(*arguments):
        raise error

    return answer


def endless(*arguments):
    return endless(*arguments)


def waits(*arguments):
    yield 1


@ALL
@pytest.mark.parametrize(
    "answer", [stops(SystemExit(1)), stops(Unspeakable()), Unsigned(), endless, waits, 10**400, np.zeros((9, 9))]
)
def test_whatever_is_handed_in_there_is_a_verdict(exercise, answer):
    verdict = check(exercise.key, answer)
    assert verdict.passed is False
    assert " at 0x" not in verdict.message


def for_ever(*arguments):
    while True:
        pass


def swallows(*arguments):
    while True:
        try:
            total = sum(range(1000))
        except:  # noqa: E722 (the very thing that must be stopped, too)
            total = 0
        del total


def counts(n, k, s, p, d):
    while n > k:  # forgot to make n smaller
        p += 1
    return p


def hurried(key: str, answer) -> str:
    """The message for a wrong answer of an exercise that gives it a third of a second."""
    verdict = replace(EXERCISES[key], seconds=0.3).check(answer)
    assert verdict.passed is False, verdict
    return verdict.message


@ALL
@pytest.mark.parametrize("answer", [for_ever, swallows])
def test_a_loop_without_an_end_is_stopped(exercise, answer):
    if not callable(exercise.solution):
        pytest.skip("a value is asked for")
    message = hurried(exercise.key, answer)
    assert "was stopped after 0.3 seconds" in message or "takes more than two minutes" in message
    assert re.search(r"Does every loop (come to an )?end\?", message)


def test_it_is_said_for_which_case_it_was_stopped():
    assert "was stopped after 0.3 seconds, for `n=" in hurried("05.1", counts)


def test_it_is_stopped_in_a_thread_and_where_there_are_no_signals(monkeypatch):
    heard: list[str] = []
    worker = threading.Thread(target=lambda: heard.append(hurried("05.1", counts)))
    worker.start()
    worker.join(20)
    monkeypatch.delattr(exercise_trial.signal, "setitimer")
    heard.append(hurried("05.1", for_ever))
    assert len(heard) == 2
    assert all("was stopped after 0.3 seconds" in text for text in heard)


def circle():
    answer: list = []
    answer.append(answer)
    return answer


@pytest.mark.parametrize(
    "answer", [range(10**15), range(10**30), circle(), [range(10**9)] * 3, iter(int, 1), [[0] * 10] * 300_000]
)
def test_an_answer_without_an_end_is_refused(answer):
    for key in ("05.5", "00.1"):
        assert check(key, answer).passed is False
    for key in ("05.1", "05.4"):
        assert check(key, lambda *args: answer).passed is False


def test_the_example_shows_a_difference():
    x, y = np.zeros((5, 6)), np.zeros((5, 6))
    y[3, 4] = 1e-7
    assert apart(x, y) == "at `[3, 4]` you say `0`; it is `1e-07`"
    assert apart(np.float32(0.8), 0.80001) == "you say `0.800000012`; it is `0.80001`"
    assert apart([1, 2], np.array([1, 3])) == "you say `[1, 2]`; it is `[1, 3]`"
    assert apart(np.zeros((2, 2)), np.zeros(3)) == "you say `[[0, 0], [0, 0]]`; it is `[0, 0, 0]`"
    assert show(np.float32(0.3333)) == "`0.3333`"
    message = said("05.4", lambda x, w, s: conv.conv(x, w, s) + 1e-5)
    you, truth = re.search(r"you say `(.*?)`; it is `(.*?)`", message).groups()
    assert you != truth


def test_answers_are_compared_as_closely_as_their_type_can_hold():
    third = 1 / 3
    assert same(np.float32(third), third)
    assert not same(np.float32(third + 1e-4), third)
    assert same(np.float16(third), third)
    assert not same(third + 1e-6, third)
    assert same(torch.tensor([1.0, 2.0]), [1, 2])
    assert not same([[1, 2]], [1, 2])
    assert [plain(x) for x in (5418.0, np.float32(0.8), np.array([[1, 2.5]]), "2", True, (3, 1.0))] == [
        5418, 0.8, [[1, 2.5]], "2", True, (3, 1)
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["05.9", "", None, 5.1, ["05.1"]])
def test_an_unknown_key_names_the_known_ones(key):
    for function in (check, exercises.folded, exercises.solution_source):
        with pytest.raises(ValueError, match=r"there is no exercise .*; the exercises are 00\.1, 01\.1, 01\.2"):
            function(key)


# The references themselves: held against torch and against a search.


def test_the_sizes_are_those_of_torch_and_of_the_package():
    for n, k, s, p, d in sizes.size_cases():
        y = F.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, k), stride=s, padding=p, dilation=d)
        assert sizes.output_size(n, k, s, p, d) == y.shape[-1]
        assert sizes.output_size(n, k, s, p, d) == conv_output_size(n, k, stride=s, padding=p, dilation=d)


def test_the_same_padding_is_the_only_one_that_keeps_the_size():
    for k, d in sizes.same_cases():
        keeps = [p for p in range(40) if 60 + 2 * p > d * (k - 1) and sizes.output_size(60, k, 1, p, d) == 60]
        assert keeps == ([] if sizes.same(k, d) is None else [sizes.same(k, d)])


def test_224_to_55_with_padding_2_and_3_only():
    x, weight = torch.zeros(1, 1, 224), torch.zeros(1, 1, 11)
    widths = {p: F.conv1d(x, weight, stride=4, padding=p).shape[-1] for p in range(9)}
    assert [p for p, width in widths.items() if width == 55] == [2, 3]
    assert widths[5] == 224 // 4 == 56
    for p, width in widths.items():
        assert p == 2 or f"= {width} wide" in said("05.3", p)


def test_the_convolution_by_hand_is_that_of_torch():
    for x, w, s in conv.conv_cases():
        theirs = F.conv2d(torch.tensor(x)[None, None].double(), torch.tensor(w)[None, None].double(), stride=s)
        np.testing.assert_allclose(conv.conv(x, w, s), theirs[0, 0].numpy(), rtol=1e-9, atol=1e-12)


def test_the_columns_never_read_get_no_gradient():
    for n, k, s, p in sizes.reading_cases():
        x = torch.zeros(1, 1, n, requires_grad=True)
        F.conv1d(x, torch.ones(1, 1, k), stride=s, padding=p).sum().backward()
        assert x.grad is not None
        last_read = int(x.grad[0, 0].nonzero().max())
        assert sizes.never_read(n, k, s, p) == n - 1 - last_read


def reads_enough(layers) -> bool:
    read = offsets_read(layers)
    return len(read) == max(read) + 1 >= TARGET


def test_no_cheaper_stack_reads_31_pixels_without_a_hole():
    """All stacks of odd kernels that cost less than 36 C²; 1×1 layers read nothing new and only cost."""
    kernels = [ks for count in (1, 2, 3) for ks in combinations_with_replacement((3, 5, 7), count)]
    cheaper = [ks for ks in kernels if sum(k * k for k in ks) < BEST]
    assert cheaper == [(3,), (5,), (3, 3), (3, 5), (3, 3, 3)]
    for ks in cheaper:
        # A hole-free field needs the product of the kernel sizes to reach 31. None does: dilations up to 31 confirm it.
        assert np.prod(ks) < TARGET
        assert not any(reads_enough(list(zip(ks, ds, strict=True))) for ds in product(range(1, 32), repeat=len(ks)))
    best = EXERCISES["05.5"].solution
    assert sum(k * k for k, _ in best) == BEST
    assert reads_enough(best)


@pytest.mark.parametrize(
    "layers", [[(3, 1), (3, 2), (3, 4), (3, 8)], [(3, 1), (3, 2), (3, 12)], [(3, 15)], [(5, 1), (3, 2)]]
)
def test_the_pixels_read_are_those_that_get_a_gradient(layers):
    x = torch.zeros(1, 1, 200, requires_grad=True)
    y = x
    for k, d in layers:
        y = F.conv1d(y, torch.ones(1, 1, k), dilation=d)
    y[0, 0, 0].backward()
    assert x.grad is not None
    assert set(x.grad[0, 0].nonzero().flatten().tolist()) == offsets_read(layers)


# What the notebooks print.


def cells(notebook: Path) -> list[tuple[list[str], str]]:
    """The tags and the text of every cell."""
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [(cell["metadata"].get("tags", []), "".join(cell["source"])) for cell in found]


@pytest.mark.parametrize("topic", TOPICS)
def test_lesson_and_lab_ask_each_of_their_exercises_once_in_order(topic):
    """tests/notebook_rules.py compares their texts with the package's."""
    names = [TOPICS[topic], *([LABS[topic]] if topic in LABS else [])]
    stubs = [text for name in names for tags, text in cells(NOTEBOOKS / f"{name}.ipynb") if "exercise" in tags]
    assert stubs == [e.cells()[1] for key, e in EXERCISES.items() if TOPICS[topic].startswith(key[:2])]
