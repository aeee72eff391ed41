"""Right answers in several forms pass; the cases as they came in are no attempt."""

import numpy as np
import pytest

from cnnkit import check


@pytest.mark.parametrize("answer", [2, 2.0, np.int64(2), np.float32(2), (2, 2), [2, 2]])
def test_the_padding_may_be_a_number_or_a_pair(answer):
    assert check("08.1", answer).passed


@pytest.mark.parametrize("answer", [2.5, (2, 1), True, "2", float("nan"), 10**30])
def test_other_paddings_are_refused(answer):
    assert check("08.1", answer).passed is False


def test_a_wrong_padding_is_run_and_its_error_shown():
    message = check("08.1", 1).message
    assert "gives 6 × 6 pixels" in message
    assert "takes 128" in message


def as_lists(n, size, rng):
    order = list(range(n))
    rng.shuffle(order)
    return [order[i : i + size] for i in range(0, n, size)]


def even(n, size, rng):
    return np.array_split(rng.permutation(n), -(-n // size))


def chosen(n, size, rng):
    order = rng.choice(n, n, replace=False)
    return tuple(order[i : i + size] for i in range(0, n, size))


@pytest.mark.parametrize("answer", [as_lists, even, chosen])
def test_batches_may_be_shuffled_in_any_way(answer):
    assert check("08.2", answer).passed


def test_what_shuffle_returns_is_named_by_its_error():
    def answer(n, size, rng):
        order = rng.shuffle(list(range(n)))
        return [order[i : i + size] for i in range(0, n, size)]

    assert "NoneType" in check("08.2", answer).message


@pytest.mark.parametrize(
    "answer",
    [
        lambda net, x, labels: np.mean(net.forward(x).argmax(axis=1) == labels),
        lambda net, x, labels: float(np.mean(np.argmax(net.forward(x, training=False), axis=-1) == labels)),
        lambda net, x, labels: sum(net.forward(x).argmax(1) == labels) / len(labels),
        lambda net, x, labels: np.array([(net.forward(x).argmax(1) == labels).mean()]),
        lambda net, x, labels: 1 - (net.forward(x).argmax(1) != labels).mean(dtype="float32"),
    ],
)
def test_the_accuracy_may_be_written_in_any_way(answer):
    assert check("08.3", answer).passed


def masked(n, n_val, rng):
    val = rng.choice(n, n_val, replace=False)
    return np.setdiff1d(np.arange(n), val), val


def from_the_end(n, n_val, rng):
    order = list(map(int, rng.permutation(n)))
    return order[: n - n_val], order[n - n_val :]


def in_a_list(n, n_val, rng):
    val, train = np.split(rng.permutation(n), [n_val])
    return [train, val]


def sorted_parts(n, n_val, rng):
    order = rng.permutation(n)
    return np.sort(order[n_val:]), np.sort(order[:n_val])


@pytest.mark.parametrize("answer", [masked, from_the_end, in_a_list, sorted_parts])
def test_a_split_may_be_drawn_in_any_way(answer):
    assert check("08.4", answer).passed


def test_the_case_as_it_came_in_is_no_attempt():
    def batches(n, size, rng):
        return [np.arange(n)[i : i + size] for i in range(0, n, size)]

    def accuracy(net, x, labels):
        return (net.forward(x, training=True).argmax(axis=1) == labels).mean()

    def split(n, n_val, rng):
        val = rng.permutation(n)[:n_val]
        return rng.permutation(n)[n_val:], val

    for key, answer in (("08.2", batches), ("08.3", accuracy), ("08.4", split)):
        assert check(key, answer).passed is None


def test_two_draws_in_another_order_are_a_leak():
    def split(n, n_val, rng):
        return rng.permutation(n)[n_val:], rng.permutation(n)[:n_val]

    assert "Trained on, too: " in check("08.4", split).message
