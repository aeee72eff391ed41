"""The rows for everything that is not a sliding window: activations, linear, dropout, batch norm, losses."""

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

import cnnkit
from tests.operations import Operation, rngs

# --- drawing -----------------------------------------------------------------------------------------------------


@st.composite
def shapes(draw, least=0, most=4):
    """From `least` to `most` axes of 1 to 5 entries; now and then one axis is empty."""
    shape = draw(st.lists(st.integers(1, 5), min_size=least, max_size=most))
    if shape and draw(st.integers(0, 15)) == 15:
        shape[draw(st.integers(0, len(shape) - 1))] = 0
    return tuple(shape)


@st.composite
def entries(draw, least=-4.0, most=6.0, ndim=(0, 4)):
    """An array of any shape, empty ones too. Beyond -4 torch's own 1 + erf and 1 - tanh² have lost too many digits."""
    return draw(rngs).uniform(least, most, size=draw(shapes(*ndim)))


@st.composite
def elementwise(draw, kinks=(), smooth=(), **options):
    """x for an activation, and its options; some entries lie on `kinks`, none within 0.001 of those in `smooth`."""
    x, values = draw(entries()), {name: draw(strategy) for name, strategy in options.items()}
    if kinks:
        rng = draw(rngs)
        on_kink = rng.random(x.shape) < 0.3
        x = np.where(on_kink, rng.choice([values.get(k, k) for k in kinks], size=x.shape), x)
    for kink in [values.get(k, k) for k in smooth]:
        x = np.where(np.abs(x - kink) < 0.001, kink + 0.01, x)  # the centred difference reaches across a nearer kink
    return {"x": x}, values


@st.composite
def prelu_cases(draw, kinks=True):
    x, rng = draw(entries(ndim=(0, 4))), draw(rngs)
    x = np.where(rng.random(x.shape) < 0.3, 0.0, x) if kinks else np.where(np.abs(x) < 0.001, 0.01, x)
    channels = draw(st.sampled_from([1, x.shape[1] if x.ndim > 1 else 1]))
    return {"x": x, "weight": rng.normal(size=channels)}, {}


@st.composite
def linear_cases(draw):
    rng, before = draw(rngs), draw(shapes(most=3))
    inputs, outputs = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    arrays = {"x": rng.normal(size=(*before, inputs)), "weight": rng.normal(size=(outputs, inputs))}
    if draw(st.booleans()):
        arrays["bias"] = rng.normal(size=outputs)
    return arrays, {}


@st.composite
def dropout_cases(draw, ndim=(0, 4)):
    options = {
        "p": draw(st.floats(0.1, 0.9) | st.floats(0, 1) | st.sampled_from([0.0, 1.0])),
        "seed": draw(st.integers(0, 999)),
        "training": draw(st.booleans()),
    }
    return {"x": draw(entries(ndim=ndim))}, options


@st.composite
def batch_norm_cases(draw):
    """Parameters and statistics random. 2 entries per channel make a gradient that nearly cancels: 3 at least."""
    rng = draw(rngs)
    n, c, h, w = (draw(st.integers(1, 4)) for _ in range(4))
    if n * h * w < 3:
        n = 3
    x = rng.normal(rng.normal(scale=3), rng.uniform(0.5, 3), size=(n, c, h, w))
    options = {
        "running_mean": rng.normal(size=c),
        "running_var": rng.uniform(0.1, 3, size=c),
        "training": draw(st.booleans()),
        "eps": draw(st.sampled_from([1e-5, 1e-3, 0.1])),
    }
    arrays = {"x": x}
    if draw(st.booleans()):
        arrays["weight"] = rng.normal(size=c)
        if draw(st.booleans()):
            arrays["bias"] = rng.normal(size=c)
    return arrays, options


@st.composite
def softmax_cases(draw):
    x = draw(rngs).normal(scale=3, size=draw(shapes(least=1)))
    return {"x": x}, {"dim": draw(st.integers(-x.ndim, x.ndim - 1))}


@st.composite
def cross_entropy_cases(draw):
    rng, n, classes = draw(rngs), draw(st.integers(1, 6)), draw(st.integers(1, 6))
    options = {
        "target": rng.integers(0, classes, size=n),
        "label_smoothing": draw(st.just(0.0) | st.floats(0, 1)),
        "reduction": draw(st.sampled_from(["mean", "sum", "none"])),
    }
    return {"logits": rng.normal(scale=3, size=(n, classes))}, options


# --- activations -------------------------------------------------------------------------------------------------

real = st.floats(-2, 2).filter(lambda v: v == 0 or abs(v) > 1e-3)
positive = st.floats(0.1, 4)


def activation(name, cases, hand, theirs=None, wrong=(), smooth=None, property=None):
    backward = getattr(cnnkit, f"{name}_backward")
    return Operation(
        name=name,
        forward=getattr(cnnkit, name),
        backward=lambda dy, x, **options: {"x": backward(dy, x, **options)},
        torch=theirs or (lambda x, **options: getattr(F, name)(x, **options)),
        cases=cases,
        hand=hand,
        wrong=[*wrong, always_dy],
        smooth=smooth,
        property=property,
    )


def always_dy(dy, x, **options):
    """Forgets the slope."""
    return {"x": dy}


def flat_counts_as_rising(dy, x, **options):
    """relu'(0) = 1."""
    return {"x": np.where(x >= 0, dy, 0)}


def slope_on_the_wrong_side(dy, x, *, negative_slope):
    return {"x": np.where(x < 0, dy, negative_slope * dy)}


def forgets_alpha(dy, x, *, alpha):
    return {"x": np.where(x > 0, dy, dy * np.exp(np.minimum(x, 0)))}


def forgets_the_product_rule_gelu(dy, x, *, approximate):
    with np.errstate(invalid="ignore"):
        return {"x": np.where(x == 0, dy / 2, dy * cnnkit.gelu(x, approximate=approximate) / x)}


def ignores_approximate(dy, x, *, approximate):
    return {"x": cnnkit.gelu_backward(dy, x)}


def forgets_the_product_rule_silu(dy, x):
    return {"x": dy * cnnkit.sigmoid(x)}


def uses_x_where_y_belongs(dy, x):
    return {"x": dy * x * (1 - x)}


def forgets_the_square(dy, x):
    return {"x": dy * (1 - np.tanh(x))}


def divides_by_beta(dy, x, *, beta, threshold):
    return {"x": cnnkit.softplus_backward(dy, x, beta=beta, threshold=threshold) / beta}


def forgets_beta(dy, x, *, beta, threshold):
    return {"x": cnnkit.softplus_backward(dy, x, threshold=threshold)}


def kinks_count_as_rising(dy, x, *, min_val, max_val):
    return {"x": np.where((x < min_val) | (x > max_val), 0, dy)}


def sum_to_one(data):
    x = data.draw(entries())
    np.testing.assert_allclose(cnnkit.sigmoid(x) + cnnkit.sigmoid(-x), 1, rtol=1e-15)


def odd(data):
    x = data.draw(entries())
    np.testing.assert_array_equal(cnnkit.tanh(-x), -cnnkit.tanh(x))


def two_relus_make_x(data):
    x = data.draw(entries())
    np.testing.assert_array_equal(cnnkit.relu(x) - cnnkit.relu(-x), x)


def differ_by_x(f):
    """f(x) - f(-x) = x for relu, softplus, silu and gelu alike."""

    def check(data):
        x = data.draw(entries())
        np.testing.assert_allclose(f(x) - f(-x), x, rtol=1e-14, atol=1e-14)

    return check


ACTIVATIONS = [
    activation(
        "relu",
        elementwise(kinks=[0.0]),
        smooth=elementwise(smooth=[0.0]),
        hand=[({"x": np.array([-2.0, 0.0, 3.0])}, {}, [0, 0, 3], [5, 7, 11], {"x": [0, 0, 11]})],
        wrong=[flat_counts_as_rising],
        property=differ_by_x(cnnkit.relu),
    ),
    activation(
        "leaky_relu",
        elementwise(kinks=[0.0], negative_slope=real),
        smooth=elementwise(smooth=[0.0], negative_slope=real),
        hand=[
            ({"x": np.array([-2.0, 0.0, 3.0])}, {"negative_slope": 0.5}, [-1, 0, 3], [2, 4, 6], {"x": [1, 2, 6]}),
            ({"x": np.array([-100.0])}, {}, [-1], [100], {"x": [1]}),
        ],
        wrong=[slope_on_the_wrong_side],
    ),
    activation(
        "elu",
        elementwise(kinks=[0.0], alpha=real),
        smooth=elementwise(smooth=[0.0], alpha=real),
        hand=[({"x": np.array([-np.inf, 0.0, 3.0])}, {"alpha": 2.0}, [-2, 0, 3], [1, 1, 1], {"x": [0, 2, 1]})],
        wrong=[forgets_alpha],
    ),
    activation(
        "gelu",
        elementwise(kinks=[0.0], approximate=st.sampled_from(["none", "tanh"])),
        hand=[({"x": np.array([0.0, 100.0])}, {}, [0, 100], [6, 7], {"x": [3, 7]})],
        wrong=[forgets_the_product_rule_gelu, ignores_approximate],
        property=differ_by_x(cnnkit.gelu),
    ),
    activation(
        "silu",
        elementwise(kinks=[0.0]),
        hand=[({"x": np.array([0.0, 100.0])}, {}, [0, 100], [6, 7], {"x": [3, 7]})],
        wrong=[forgets_the_product_rule_silu],
        property=differ_by_x(cnnkit.silu),
    ),
    activation(
        "sigmoid",
        elementwise(kinks=[0.0]),
        theirs=torch.sigmoid,
        hand=[({"x": np.array([0.0, np.log(3), -np.log(3)])}, {}, [1 / 2, 3 / 4, 1 / 4], [16] * 3, {"x": [4, 3, 3]})],
        wrong=[uses_x_where_y_belongs],
        property=sum_to_one,
    ),
    activation(
        "tanh",
        elementwise(kinks=[0.0]),
        theirs=torch.tanh,
        hand=[({"x": np.array([0.0, np.log(3)])}, {}, [0, 4 / 5], [1, 25], {"x": [1, 9]})],
        wrong=[forgets_the_square],
        property=odd,
    ),
    activation(
        "softplus",
        elementwise(kinks=[0.0], beta=positive, threshold=st.floats(1, 25)),
        hand=[({"x": np.array([0.0, 30.0])}, {"beta": 2.0}, [np.log(2) / 2, 30], [2, 3], {"x": [1, 3]})],
        wrong=[divides_by_beta, forgets_beta],
        property=differ_by_x(cnnkit.softplus),
    ),
    activation(
        "hardtanh",
        elementwise(kinks=["min_val", "max_val"], min_val=st.floats(-3, 0.5), max_val=st.floats(0.625, 4)),
        smooth=elementwise(smooth=["min_val", "max_val"], min_val=st.floats(-3, 0.5), max_val=st.floats(0.625, 4)),
        hand=[({"x": np.array([-3.0, 0.5, 1.0])}, {}, [-1, 0.5, 1], [2, 3, 4], {"x": [0, 3, 0]})],
        wrong=[kinks_count_as_rising],
    ),
]


# --- activations with parameters or chance -------------------------------------------------------------------------


def prelu_backward(dy, x, weight):
    return dict(zip(("x", "weight"), cnnkit.prelu_backward(dy, x, weight), strict=True))


def only_one_slope(dy, x, weight):
    """Adds up the slopes of all channels."""
    right = prelu_backward(dy, x, weight)
    return right | {"weight": np.full_like(weight, right["weight"].sum())}


def counts_positive_x_too(dy, x, weight):
    axes = tuple(i for i in range(x.ndim) if i != 1) if weight.size > 1 else None
    return prelu_backward(dy, x, weight) | {"weight": (dy * x).sum(axis=axes).reshape(weight.shape)}


@st.composite
def rrelu_cases(draw, kinks=(0.0,), smooth=()):
    arrays, options = draw(elementwise(kinks=kinks, smooth=smooth, seed=st.integers(0, 999), training=st.booleans()))
    low = draw(st.floats(0.01, 1))
    return arrays, options | {"lower": low, "upper": low + draw(st.floats(0, 1))}


def rrelu(x, *, seed=0, **options):
    return cnnkit.rrelu(x, rng=np.random.default_rng(seed), **options)


def torch_rrelu(x, *, seed, training, **options):
    """torch draws other numbers, so in training it is given our slopes."""
    if not training:
        return F.rrelu(x, **options)
    return x * torch.tensor(rrelu(x.detach().numpy(), seed=seed, training=True, **options)[1])


def rrelu_backward(dy, x, **options):
    return {"x": cnnkit.rrelu_backward(dy, rrelu(x, **options)[1])}


def draws_new_slopes(dy, x, *, seed, **options):
    return rrelu_backward(dy, x, seed=seed + 1, **options)


def slopes_between_lower_and_upper(data):
    arrays, options = data.draw(rrelu_cases())
    _, slopes = rrelu(**arrays, **options)
    left = slopes[arrays["x"] <= 0]
    assert (slopes[arrays["x"] > 0] == 1).all()
    assert (left >= options["lower"]).all()
    assert (left <= options["upper"]).all()


CHANCE = [
    Operation(
        name="prelu",
        forward=cnnkit.prelu,
        backward=prelu_backward,
        torch=lambda x, weight: F.prelu(x, weight),
        cases=prelu_cases(),
        smooth=prelu_cases(kinks=False),
        hand=[
            (
                {"x": np.array([[-2.0, -2.0], [4.0, -6.0]]), "weight": np.array([0.5, 3.0])},
                {},
                [[-1, -6], [4, -18]],
                [[1, 1], [1, 10]],
                {"x": [[0.5, 3], [1, 30]], "weight": [-2, -62]},
            )
        ],
        wrong=[only_one_slope, counts_positive_x_too],
    ),
    Operation(
        name="rrelu",
        forward=lambda x, **options: rrelu(x, **options)[0],
        backward=rrelu_backward,
        torch=torch_rrelu,
        cases=rrelu_cases(),
        smooth=rrelu_cases(kinks=(), smooth=[0.0]),
        hand=[
            (
                {"x": np.array([-8.0, 8.0])},
                {"lower": 0.25, "upper": 0.75},
                [-4, 8],
                [2, 2],
                {"x": [1, 2]},
            )
        ],
        wrong=[draws_new_slopes],
        property=slopes_between_lower_and_upper,
    ),
]


# --- dropout -------------------------------------------------------------------------------------------------------


def dropout_operation(name, cases, hand):
    ours, theirs = getattr(cnnkit, name), getattr(F, name)

    def both(x, *, p=0.5, seed=0, training=True):
        return ours(x, p, rng=np.random.default_rng(seed), training=training)

    def torch_dropout(x, *, p, seed, training):
        """torch draws other numbers, so it is given our mask, unless there is nothing to draw."""
        if training and 0 < p < 1:
            return x * torch.tensor(both(x.detach().numpy(), p=p, seed=seed)[1])
        return theirs(x, p, training)

    def draws_a_new_mask(dy, x, *, seed=0, **options):
        return {"x": cnnkit.dropout_backward(dy, both(x, seed=seed + 1, **options)[1])}

    def forgets_the_division(dy, x, **options):
        return {"x": dy * (both(x, **options)[1] > 0)}

    def mask_is_zero_or_the_division(data):
        arrays, options = data.draw(cases)
        y, mask = both(**arrays, **options)
        kept = 1 / (1 - options["p"]) if options["training"] and options["p"] < 1 else 1.0
        assert mask.shape == y.shape
        assert np.isin(mask, [0.0, kept]).all() if options["training"] else (mask == 1).all()
        if name == "dropout2d" and mask.size:
            np.testing.assert_array_equal(mask, np.broadcast_to(mask[:, :, :1, :1], mask.shape))

    return Operation(
        name=name,
        forward=lambda x, **options: both(x, **options)[0],
        backward=lambda dy, x, **options: {"x": cnnkit.dropout_backward(dy, both(x, **options)[1])},
        torch=torch_dropout,
        cases=cases,
        hand=hand,
        wrong=[draws_a_new_mask, forgets_the_division],
        property=mask_is_zero_or_the_division,
    )


BLOCK = np.arange(1.0, 9.0).reshape(1, 2, 2, 2)
DROPOUT = [
    dropout_operation(
        "dropout",
        dropout_cases(),
        hand=[
            ({"x": np.array([1.0, 2.0])}, {"p": 1.0}, [0, 0], [3, 4], {"x": [0, 0]}),
            ({"x": np.array([1.0, 2.0])}, {"p": 0.0}, [1, 2], [3, 4], {"x": [3, 4]}),
            ({"x": np.array([1.0, 2.0])}, {"p": 0.9, "training": False}, [1, 2], [3, 4], {"x": [3, 4]}),
            # default_rng(0) draws 0.637, 0.270, 0.041, 0.017: the first is kept and divided by 1 - 0.5
            ({"x": np.array([1.0, 2.0, 3.0, 4.0])}, {"seed": 0}, [2, 0, 0, 0], [1, 1, 1, 1], {"x": [2, 0, 0, 0]}),
        ],
    ),
    dropout_operation(
        "dropout2d",
        dropout_cases(ndim=(4, 4)),
        hand=[
            ({"x": BLOCK}, {"p": 1.0}, 0 * BLOCK, BLOCK, {"x": 0 * BLOCK}),
            # the same draws: channel 0 is kept, channel 1 dropped
            ({"x": BLOCK}, {"seed": 0}, [[[[2, 4], [6, 8]], [[0, 0], [0, 0]]]]),
        ],
    ),
]


# --- linear and batch norm -----------------------------------------------------------------------------------------


def named(gradients, arrays):
    return {name: gradient for name, gradient in zip(("x", "weight", "bias"), gradients, strict=True) if name in arrays}


def linear_backward(dy, x, weight, bias=None):
    return named(cnnkit.linear_backward(dy, x, weight), {"x", "weight"} | ({"bias"} if bias is not None else set()))


def bias_of_one_row(dy, x, weight, bias=None):
    right = linear_backward(dy, x, weight, bias)
    return right | ({"bias": dy.reshape(-1, dy.shape[-1])[:1].sum(axis=0)} if bias is not None else {})


def weight_averaged(dy, x, weight, bias=None):
    """Divides by the batch: the loss does that, not the layer."""
    right = linear_backward(dy, x, weight, bias)
    return right | {"weight": right["weight"] / max(1, dy.size // dy.shape[-1])}


def linear_is_adjoint(data):
    """<dy, x Wᵀ> = <dx, x> = <dW, W>."""
    arrays, _ = data.draw(linear_cases())
    x, weight = arrays["x"], arrays["weight"]
    y = cnnkit.linear(x, weight)
    dy = data.draw(rngs).normal(size=y.shape)
    dx, dweight, _ = cnnkit.linear_backward(dy, x, weight)
    np.testing.assert_allclose((dy * y).sum(), (dx * x).sum(), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose((dy * y).sum(), (dweight * weight).sum(), rtol=1e-9, atol=1e-11)


def linear_loops(x, weight, bias=None):
    y = np.zeros((*x.shape[:-1], len(weight)))
    for n in np.ndindex(x.shape[:-1]):
        for o in range(len(weight)):
            y[(*n, o)] = sum(weight[o, c] * x[(*n, c)] for c in range(x.shape[-1])) + (0 if bias is None else bias[o])
    return y


def batch_norm_forward(x, weight=None, bias=None, **options):
    return cnnkit.batch_norm2d(x, options.pop("running_mean"), options.pop("running_var"), weight, bias, **options)[0]


def torch_batch_norm(x, weight=None, bias=None, *, running_mean, running_var, **options):
    return F.batch_norm(x, torch.tensor(running_mean), torch.tensor(running_var), weight, bias, **options)


def given_to_batch_norm(weight, bias):
    return {"x"} | ({"weight"} if weight is not None else set()) | ({"bias"} if bias is not None else set())


def batch_norm_backward(dy, x, weight=None, bias=None, *, running_mean, running_var, **options):
    gradients = cnnkit.batch_norm2d_backward(dy, x, running_mean, running_var, weight, **options)
    return named(gradients, given_to_batch_norm(weight, bias))


def roads(dy, x, weight, *, eps):
    """The three roads of the training gradient, written independently with keepdims."""
    axes, m = (0, 2, 3), x.size // x.shape[1]
    std = np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=axes, keepdims=True)) / std
    direct = dy * (1 if weight is None else weight[:, None, None]) / std
    return direct, direct.sum(axis=axes, keepdims=True) / m, x_hat * (direct * x_hat).sum(axis=axes, keepdims=True) / m


def forgets_the_mean(dy, x, weight=None, bias=None, **options):
    direct, _, through_var = roads(dy, x, weight, eps=options["eps"])
    return batch_norm_backward(dy, x, weight, bias, **options) | {"x": direct - through_var}


def forgets_the_variance(dy, x, weight=None, bias=None, **options):
    direct, through_mean, _ = roads(dy, x, weight, eps=options["eps"])
    return batch_norm_backward(dy, x, weight, bias, **options) | {"x": direct - through_mean}


def returns_zeros(dy, x, weight=None, bias=None, **options):
    """What a gradient test with dy = 1 cannot tell from the truth."""
    return batch_norm_backward(dy, x, weight, bias, **options) | {"x": np.zeros_like(x)}


def ignores_training(dy, x, weight=None, bias=None, **options):
    return batch_norm_backward(dy, x, weight, bias, **options | {"training": False})


def normalized(data):
    """In training each channel has mean 0 and variance 1 / (1 + eps / var), whatever scale and shift x came with."""
    arrays, options = data.draw(batch_norm_cases())
    x, eps = arrays["x"], options["eps"]
    y, _, _ = cnnkit.batch_norm2d(x, None, None, training=True, eps=eps)
    axes = (0, 2, 3)
    np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=axes), 1 / (1 + eps / x.var(axis=axes)), rtol=1e-9)


PAIRS = np.array([[[[1.0, 3.0]], [[0.0, 80.0]]]])  # channel means 2 and 40, variances 1 and 1600
LAYERS = [
    Operation(
        name="linear",
        forward=cnnkit.linear,
        backward=linear_backward,
        torch=F.linear,
        cases=linear_cases(),
        hand=[
            (
                {
                    "x": np.array([[1.0, 2.0]]),
                    "weight": np.array([[3.0, 4.0], [5.0, 6.0]]),
                    "bias": np.array([0.0, 100.0]),
                },
                {},
                [[11, 117]],
                [[1, 10]],
                {"x": [[53, 64]], "weight": [[1, 2], [10, 20]], "bias": [1, 10]},
            )
        ],
        loops=linear_loops,
        wrong=[bias_of_one_row, weight_averaged],
        property=linear_is_adjoint,
    ),
    Operation(
        name="batch_norm2d",
        forward=batch_norm_forward,
        backward=batch_norm_backward,
        torch=torch_batch_norm,
        cases=batch_norm_cases(),
        hand=[
            (
                {"x": PAIRS, "weight": np.array([2.0, 3.0]), "bias": np.array([0.0, 7.0])},
                {"running_mean": [1.0, 40.0], "running_var": [4.0, 1600.0], "eps": 0.0},
                [[[[0, 2]], [[4, 10]]]],
                [[[[1, 2]], [[40, 80]]]],
                {"x": [[[[1, 2]], [[3, 6]]]], "weight": [2, 40], "bias": [3, 120]},
            ),
            (  # eps = 3 makes std 2 in the first channel: x_hat = (-1/2, 1/2)
                {"x": PAIRS[:, :1], "weight": np.array([4.0])},
                {"running_mean": None, "running_var": None, "training": True, "eps": 3.0},
                [[[[-2, 2]]]],
                [[[[0, 1]]]],
                {"x": [[[[-0.75, 0.75]]]], "weight": [0.5]},
            ),
        ],
        wrong=[forgets_the_mean, forgets_the_variance, returns_zeros, ignores_training],
        property=normalized,
    ),
]


# --- losses --------------------------------------------------------------------------------------------------------


def softmax_operation(name, hand, wrong):
    backward = getattr(cnnkit, f"{name}_backward")

    def probabilities(data):
        arrays, options = data.draw(softmax_cases())
        y = getattr(cnnkit, name)(**arrays, **options)
        total = (np.exp(y) if name == "log_softmax" else y).sum(axis=options["dim"])
        if y.shape[options["dim"]]:
            np.testing.assert_allclose(total, 1, rtol=1e-14)

    return Operation(
        name=name,
        forward=getattr(cnnkit, name),
        backward=lambda dy, x, dim: {"x": backward(dy, x, dim)},
        torch=lambda x, dim: getattr(F, name)(x, dim),
        cases=softmax_cases(),
        hand=hand,
        wrong=wrong,
        property=probabilities,
    )


def only_the_own_score(dy, x, dim):
    """The diagonal of the Jacobian alone: dy · y · (1 - y)."""
    y = cnnkit.softmax(x, dim)
    return {"x": dy * y * (1 - y)}


def only_the_direct_road(dy, x, dim):
    return {"x": dy}


def log_softmax_summed_over_the_wrong_axis(dy, x, dim):
    return {"x": dy - cnnkit.softmax(x, dim) * dy.sum()}


def cross_entropy_backward(dy, logits, **options):
    return {"logits": cnnkit.cross_entropy_backward(dy, logits, **options)}


def forgets_the_mean_of_the_batch(dy, logits, *, reduction, **options):
    dy = np.broadcast_to(dy, len(logits)) if reduction == "mean" else dy
    return cross_entropy_backward(dy, logits, reduction="none" if reduction == "mean" else reduction, **options)


def forgets_to_smooth(dy, logits, *, label_smoothing, **options):
    return cross_entropy_backward(dy, logits, **options)


def rows_of_the_gradient_sum_to_zero(data):
    arrays, options = data.draw(cross_entropy_cases())
    dy = data.draw(rngs).normal(size=cnnkit.cross_entropy(**arrays, **options).shape)
    np.testing.assert_allclose(cnnkit.cross_entropy_backward(dy, **arrays, **options).sum(axis=1), 0, atol=1e-14)


LOG3 = np.log(3)
LOSSES = [
    softmax_operation(
        "softmax",
        hand=[({"x": np.array([[0.0, LOG3]])}, {"dim": 1}, [[1 / 4, 3 / 4]], [[16, 0]], {"x": [[3, -3]]})],
        wrong=[only_the_own_score, only_the_direct_road],
    ),
    softmax_operation(
        "log_softmax",
        hand=[({"x": np.array([[0.0, LOG3]])}, {"dim": 1}, np.log([[1 / 4, 3 / 4]]), [[4, 0]], {"x": [[3, -3]]})],
        wrong=[only_the_direct_road, log_softmax_summed_over_the_wrong_axis],
    ),
    Operation(
        name="cross_entropy",
        forward=cnnkit.cross_entropy,
        backward=cross_entropy_backward,
        torch=lambda logits, *, target, **options: F.cross_entropy(logits, torch.tensor(target), **options),
        cases=cross_entropy_cases(),
        hand=[
            (
                {"logits": np.array([[0.0, 0.0], [0.0, LOG3]])},
                {"target": [0, 1]},
                (np.log(2) + np.log(4 / 3)) / 2,
                8.0,
                {"logits": [[-2, 2], [1, -1]]},
            ),
            (  # smoothing 1/2 over two classes: q = (3/4, 1/4), p = (1/4, 3/4)
                {"logits": np.array([[0.0, LOG3]])},
                {"target": [0], "label_smoothing": 0.5, "reduction": "sum"},
                3 / 4 * np.log(4) + 1 / 4 * np.log(4 / 3),
                4.0,
                {"logits": [[-2, 2]]},
            ),
        ],
        wrong=[forgets_the_mean_of_the_batch, forgets_to_smooth],
        property=rows_of_the_gradient_sum_to_zero,
    ),
]

OPERATIONS = [*ACTIVATIONS, *CHANCE, *DROPOUT, *LAYERS, *LOSSES]
