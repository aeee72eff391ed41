"""Every operation of the table: by hand, by loops, against torch, by a centred difference, by a property."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnkit
from tests.operations import Arrays, Gradients, Operation, Options, assert_close, collect, rngs

OPERATIONS = collect()
WRONG = [pytest.param(o, w, id=f"{o.name}-{w.__name__}") for o in OPERATIONS for w in o.wrong]
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)

# The centred difference evaluates the forward twice per entry, so it sees a tenth of the cases.
fewer = settings(max_examples=max(10, settings().max_examples // 10))


def test_each_operation_is_listed_once_and_has_a_wrong_backward():
    names = [o.name for o in OPERATIONS]
    assert len(names) == len(set(names))
    assert [o.name for o in OPERATIONS if not o.wrong] == []
    assert [o.name for o in OPERATIONS if not o.hand] == []


@every_operation
def test_by_hand(operation: Operation):
    for arrays, options, y, *rest in operation.hand:
        np.testing.assert_allclose(operation.forward(**arrays, **options), y, rtol=1e-12, atol=1e-12)
        if rest:
            dy, gradients = rest
            ours = operation.backward(np.asarray(dy), **arrays, **options)
            for name, expected in gradients.items():
                np.testing.assert_allclose(ours[name], expected, rtol=1e-12, atol=1e-12, err_msg=f"d{name}")


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.loops], ids=lambda o: o.name)
@given(data=st.data())
@fewer
def test_loops(operation: Operation, data: st.DataObject):
    assert operation.loops is not None
    arrays, options = data.draw(operation.cases)
    assert_close(operation.forward(**arrays, **options), operation.loops(**arrays, **options))


@every_operation
@given(data=st.data(), rng=rngs)
def test_torch(operation: Operation, data: st.DataObject, rng: np.random.Generator):
    arrays, options = data.draw(operation.cases)
    expected = torch_forward(operation, arrays, options)
    assert_close(operation.forward(**arrays, **options), expected.detach().numpy(), "y")

    dy = random_dy(rng, tuple(expected.shape))
    ours, theirs = operation.backward(dy, **arrays, **options), torch_gradients(operation, arrays, options, dy)
    assert ours.keys() == theirs.keys()
    for name, gradient in theirs.items():
        assert_close(ours[name], gradient, f"d{name}")


@every_operation
@given(data=st.data(), rng=rngs)
@fewer
def test_centred_difference(operation: Operation, data: st.DataObject, rng: np.random.Generator):
    arrays, options = data.draw(operation.cases if operation.smooth is None else operation.smooth)
    dy = random_dy(rng, operation.forward(**arrays, **options).shape)
    ours = operation.backward(dy, **arrays, **options)
    for name, array in arrays.items():
        others = {key: value for key, value in arrays.items() if key != name}
        numerical = cnnkit.numerical_gradient(
            lambda a, n=name, o=others: operation.forward(**{n: a}, **o, **options), array, dy
        )
        atol = 1e-6 * max(1.0, float(np.abs(numerical).max(initial=0.0)))
        np.testing.assert_allclose(ours[name], numerical, rtol=1e-5, atol=atol, err_msg=f"d{name}")


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.property], ids=lambda o: o.name)
@given(data=st.data())
@fewer
def test_property(operation: Operation, data: st.DataObject):
    assert operation.property is not None
    operation.property(data)


@pytest.mark.parametrize(("operation", "wrong"), WRONG)
def test_wrong_backward_is_caught(operation: Operation, wrong):
    caught = []

    @given(case=operation.cases, rng=rngs)
    @settings(max_examples=50, derandomize=True, database=None)
    def look(case, rng):
        arrays, options = case
        dy = random_dy(rng, operation.forward(**arrays, **options).shape)
        right, mistaken = torch_gradients(operation, arrays, options, dy), wrong(dy, **arrays, **options)
        assert right.keys() == mistaken.keys()
        caught.append(any(differ(mistaken[name], right[name]) for name in right))

    look()
    assert any(caught), f"{wrong.__name__} passes for a gradient of {operation.name}"


@every_operation
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@given(data=st.data(), rng=rngs)
@settings(max_examples=10)
def test_dtype_is_kept(operation: Operation, dtype, data: st.DataObject, rng: np.random.Generator):
    arrays, options = data.draw(operation.cases)
    arrays = {name: array.astype(dtype) for name, array in arrays.items()}
    y = operation.forward(**arrays, **options)
    assert y.dtype == dtype
    for name, gradient in operation.backward(random_dy(rng, y.shape).astype(dtype), **arrays, **options).items():
        assert gradient.dtype == dtype, f"d{name}"


@every_operation
@given(data=st.data(), rng=rngs)
@settings(max_examples=10)
def test_inputs_are_never_changed(operation: Operation, data: st.DataObject, rng: np.random.Generator):
    arrays, options = data.draw(operation.cases)
    dy = random_dy(rng, operation.forward(**arrays, **options).shape)
    given_arrays = [dy, *arrays.values(), *(v for v in options.values() if isinstance(v, np.ndarray))]
    before = copy.deepcopy(given_arrays)
    for array in given_arrays:
        array.flags.writeable = False
    operation.forward(**arrays, **options)
    operation.backward(dy, **arrays, **options)
    for now, then in zip(given_arrays, before, strict=True):
        np.testing.assert_array_equal(now, then)


def torch_forward(operation: Operation, arrays: Arrays, options: Options) -> torch.Tensor:
    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    return operation.torch(**tensors, **options)


def torch_gradients(operation: Operation, arrays: Arrays, options: Options, dy: np.ndarray) -> Gradients:
    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in arrays.items()}
    operation.torch(**tensors, **options).backward(torch.tensor(dy))
    return {name: np.zeros_like(arrays[name]) if t.grad is None else t.grad.numpy() for name, t in tensors.items()}


def random_dy(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Random, because a backward that forgets a term may pass for dy = 1."""
    return rng.normal(size=shape)


def differ(actual: np.ndarray, expected: np.ndarray) -> bool:
    try:
        assert_close(actual, expected)
    except AssertionError:
        return True
    return False
