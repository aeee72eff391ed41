"""The table of a network: shapes and counts as torch has them, receptive fields as the gradient finds them."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import prune

import cnnkit
from cnnkit import trace
from cnnkit.data import import_torchvision
from cnnkit.network import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    Network,
)
from cnnkit.sizes import ReceptiveField
from cnnkit.tracing.table import HEAD


def stack() -> nn.Sequential:
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 8, 3, padding="same", bias=False), nn.BatchNorm2d(8), nn.GELU(), nn.MaxPool2d(2)),
        nn.Sequential(nn.Conv2d(8, 12, (3, 5), stride=(2, 1), padding=1, groups=2), nn.ELU(), nn.AvgPool2d(2, 1)),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(252, 10), nn.BatchNorm1d(10), nn.PReLU(), nn.Linear(10, 4),
    )  # fmt: skip


def test_shapes_and_parameters_are_torchs():
    model, table = stack(), trace(stack(), (2, 3, 16, 20))
    x = torch.zeros(2, 3, 16, 20)
    leaves = [(name, m) for name, m in model.named_modules() if not any(m.children())]
    assert [row.place for row in table.rows] == [name for name, _ in leaves]
    for row, (_, module) in zip(table.rows, leaves, strict=True):
        x = module(x)
        assert row.output_shape == tuple(x.shape)
        assert row.parameters == sum(p.numel() for p in module.parameters())
    assert table.parameters == sum(p.numel() for p in model.parameters())
    assert table.rows[0].kind == "Conv2d(3, 8, 3, padding=1, bias=False)"
    assert table.rows[3].kind == "MaxPool2d(2)"


def test_macs_are_the_multiplications_that_torch_counts():
    """Of convolutions and linear layers; torch counts a multiplication and an addition as two."""
    from torch.utils.flop_counter import FlopCounterMode

    model = nn.Sequential(*[m for m in stack().modules() if isinstance(m, (nn.Conv2d, nn.Flatten))], nn.Linear(1728, 7))
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(3, 3, 16, 20))
    assert 2 * trace(model, (3, 3, 16, 20)).macs == counter.get_total_flops()
    batch_norm = trace(nn.Sequential(nn.BatchNorm2d(4)), (5, 4, 6, 6))
    assert batch_norm.macs == 5 * 4 * 6 * 6


def test_mult_adds_follow_torchinfos_rule():
    """Weights and biases once per output pixel of a convolution, once per example elsewhere: worked out by hand."""
    model = nn.Sequential(nn.Conv2d(1, 10, 5), nn.BatchNorm2d(10), nn.ReLU(), nn.Flatten(), nn.Linear(5760, 10))
    assert trace(model, (16, 1, 28, 28)).mult_adds == 16 * (260 * 24 * 24 + 20 + 57610)
    assert trace(model, (1, 1, 28, 28)).macs == 250 * 24 * 24 + 10 * 24 * 24 + 57600


def seen_by_the_middle(model: nn.Module, shape) -> tuple[int, int]:
    """Height and width of the input pixels that the gradient of one output pixel reaches."""
    x = torch.rand(shape, requires_grad=True, dtype=torch.float64)
    y = model.double().eval()(x)
    y[0, :, y.shape[2] // 2, y.shape[3] // 2].sum().backward()
    rows, columns = torch.nonzero(x.grad[0].abs().sum(0), as_tuple=True)
    return tuple(int(axis.max() - axis.min()) + 1 for axis in (rows, columns))


def test_receptive_fields_are_where_the_gradient_reaches():
    layers = [
        nn.Conv2d(1, 2, (3, 5), padding=1), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(2, 2, 3, stride=2, dilation=2),
        nn.BatchNorm2d(2), nn.AvgPool2d(3, 1),
    ]  # fmt: skip
    table = trace(nn.Sequential(*layers), (1, 1, 60, 60))
    for n, row in enumerate(table.rows, start=1):
        assert row.receptive_field.size == seen_by_the_middle(nn.Sequential(*layers[:n]), (1, 1, 60, 60)), row
    assert table.rows[-1].sees == "20 × 22"


def test_a_linear_layer_sees_everything_and_a_global_mean_does():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2), nn.ReLU())
    assert [row.sees for row in trace(model, (1, 1, 9, 9)).rows] == ["3 × 3", "all", "all", "all", "all"]
    assert trace(nn.Linear(3, 2), (4, 3)).rows[0].sees == "all"


class Residual(nn.Module):
    def __init__(self, in_place: bool = False):
        super().__init__()
        self.conv1, self.relu, self.conv2 = nn.Conv2d(2, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 2, 3, padding=1)
        self.in_place, self.scale = in_place, nn.Parameter(torch.ones(1))

    def forward(self, x):
        y = self.conv2(self.relu(self.conv1(x)))
        if self.in_place:
            y += x
            return self.relu(y)
        return self.relu(self.scale * y + x)


@pytest.mark.parametrize("in_place", [False, True])
def test_a_sum_of_two_branches_sees_what_the_wider_one_sees(in_place):
    table = trace(nn.Sequential(Residual(in_place), nn.Conv2d(2, 1, 3)), (1, 2, 8, 8))
    places = [(row.place, row.sees) for row in table.rows if row.place]
    assert places == [
        ("0.conv1", "3 × 3"),
        ("0.relu", "3 × 3"),
        ("0.conv2", "5 × 5"),
        ("0.relu", "5 × 5"),
        ("1", "7 × 7"),
    ]
    assert table.rows[-1].kind == "elsewhere in the model"
    assert table.parameters == 2 * 38 + 19 + 1
    assert ("not counted: mul in Residual" in table.total) == (not in_place)


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 5, padding=2)

    def forward(self, x):
        return torch.cat([self.one(x), self.two(x)], dim=1)


def test_branches_that_are_joined_see_what_the_wider_one_sees():
    model = nn.Sequential(Branches(), nn.ReLU(), nn.Conv2d(2, 1, 3))
    assert [row.sees for row in trace(model, (1, 1, 8, 8)).rows] == ["3 × 3", "5 × 5", "5 × 5", "7 × 7"]


def test_a_layer_used_twice_is_learnt_once_and_computed_twice():
    conv = nn.Conv2d(2, 2, 3, padding=1)
    table = trace(nn.Sequential(conv, nn.ReLU(inplace=True), conv), (1, 2, 8, 8))
    assert [row.parameters for row in table.rows] == [38, 0, 0]
    assert table.rows[0].macs == table.rows[2].macs == 36 * 64
    assert table.rows[0].mult_adds == table.rows[2].mult_adds
    assert table.rows[2].sees == "5 × 5"


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_what_is_not_known_is_not_counted_and_the_total_says_so():
    model = nn.Sequential(nn.ConvTranspose2d(1, 2, 2, stride=2), nn.Conv2d(2, 1, 2, padding="same"))
    table = trace(model, (1, 1, 4, 4))
    assert [(row.output_shape, row.macs, row.sees) for row in table.rows] == [
        ((1, 2, 8, 8), 4 * 4 * 2 * 4, "1 × 1"), ((1, 1, 8, 8), 8 * 8 * 2 * 4, "2 × 2"),
    ]  # fmt: skip
    assert "parameters, 640 MACs" in table.total
    even = trace(nn.Conv2d(2, 1, 2, padding="same"), (1, 2, 8, 8)).rows[0]
    assert (even.receptive_field, even.macs) == (ReceptiveField(2, 1, 0), 8 * 8 * 2 * 4)
    layers = trace(nn.Sequential(nn.Conv2d(1, 4, 3), nn.Upsample(8, mode="bilinear")), (1, 1, 8, 8))
    assert layers.rows[1].macs is None
    assert "at least 1,296 MACs (not counted: upsample_bilinear2d; 1,440 mult-adds" in layers.total
    assert "at least" not in trace(stack(), (1, 3, 16, 20)).total


class Sobel(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("kernel", torch.ones(1, 1, 3, 3))
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(nn.functional.conv2d(x, self.kernel))


class Matrices(nn.Module):
    """A composite whose children hold nothing but parameters."""

    def __init__(self):
        super().__init__()
        self.matrices = nn.ParameterList([torch.ones(6, 4), torch.ones(4, 2)])

    def forward(self, x):
        return x @ self.matrices[0] @ self.matrices[1]


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x):
        return self.one(x) * self.two(x)


class InNumpy(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(torch.from_numpy(x.numpy() @ x.numpy()))


def test_what_is_computed_outside_torch_is_not_said_to_cost_nothing():
    assert "at least 0 MACs (not counted: what is computed outside torch" in trace(InNumpy(), (2, 2)).total
    hard = trace(nn.Sequential(nn.Conv2d(1, 1, 3), nn.Hardswish()), (1, 1, 8, 8))
    assert [(row.macs, row.sees) for row in hard.rows] == [(36 * 9, "3 × 3"), (0, "3 × 3")]


def test_work_that_no_module_does_is_counted_or_the_total_says_at_least():
    sobel = trace(Sobel(), (1, 1, 8, 8))
    assert sobel.macs == 36 * 9
    assert sobel.rows[0].sees == "3 × 3"
    assert "at least" not in sobel.total
    assert trace(Matrices(), (5, 6)).rows[0][1:5] == ("Matrices", (5, 2), 32, 5 * 32)
    assert "at least 18 MACs (not counted: mul in Gated" in trace(Gated(), (1, 3)).total


@pytest.mark.parametrize("name", ["weight_norm", "spectral_norm", "prune"])
def test_a_module_whose_weight_is_made_anew_has_one_row(name):
    conv = nn.Conv2d(1, 4, 3)
    if name == "prune":
        prune.l1_unstructured(conv, "weight", 0.5)
    else:
        conv = getattr(nn.utils.parametrizations, name)(conv)
    table = trace(nn.Sequential(conv, nn.ReLU()), (1, 1, 8, 8))
    assert [(row.place, row.macs, row.sees) for row in table.rows] == [("0", 36 * 36, "3 × 3"), ("1", 0, "3 × 3")]
    assert table.rows[0].kind == "Conv2d(1, 4, 3)"
    assert table.parameters == sum(p.numel() for p in conv.parameters())
    assert "at least" not in table.total
    assert "torchinfo" not in table.total


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2)

    def forward(self, x):
        return self.attention(x, x, x)[0]


def test_attention_has_a_row_though_it_calls_no_child():
    (row,) = trace(Attention(), (5, 2, 4)).rows
    assert (row.place, row.output_shape, row.parameters) == ("attention", (5, 2, 4), 80)
    # three projections and one behind them, and for each of 2 · 2 heads and examples two products of 5 × 5 and 2
    assert row.macs == 10 * 4 * 4 * 4 + 4 * 2 * 5 * 5 * 2


class AdaptiveGain(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.gain * x


class Shuffle(nn.Module):
    def forward(self, x):
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


class Conv2dOfMine(nn.Conv2d):
    pass


def test_layers_are_known_by_what_they_are_and_not_by_their_names():
    unknown = trace(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), AdaptiveGain()), (1, 1, 8, 8)).rows[-1]
    assert (unknown.macs, unknown.sees) == (None, "–")
    model = nn.Sequential(Conv2dOfMine(1, 4, 3), Shuffle(), nn.ChannelShuffle(2), nn.Conv2d(4, 1, 3))
    table = trace(model, (1, 1, 8, 8))
    assert [row.sees for row in table.rows] == ["3 × 3"] * 3 + ["5 × 5"]
    assert [row.macs for row in table.rows] == [36 * 36, 0, 0, 16 * 36]


def reached_by_the_middle(model: nn.Module, shape) -> np.ndarray:
    """Which input pixels the gradient of the middle output pixel reaches."""
    x = torch.rand(shape, requires_grad=True, dtype=torch.float64)
    y = model.double().eval()(x)
    y[(0, slice(None), *(n // 2 for n in y.shape[2:]))].sum().backward()
    return (x.grad[0] != 0).any(0).numpy()


SIMPLE = [
    lambda: nn.AvgPool2d(2), lambda: nn.AvgPool2d(3, 2, 1, ceil_mode=True), lambda: nn.Conv2d(4, 4, 3, padding=1),
    lambda: nn.Conv2d(4, 4, (1, 5), padding="same"), lambda: nn.Conv2d(4, 4, 2, padding="same"),
    lambda: nn.Conv2d(4, 4, 3, stride=2), lambda: nn.ZeroPad2d((1, 2, 0, 3)), lambda: nn.Upsample(scale_factor=2),
    lambda: nn.Sequential(nn.PixelUnshuffle(2), nn.ChannelShuffle(4), nn.Conv2d(16, 4, 1)),
    lambda: nn.Sequential(nn.Conv2d(4, 8, 1), nn.PixelShuffle(2), nn.Conv2d(2, 4, 3)), lambda: nn.LeakyReLU(),
    lambda: nn.Sequential(nn.BatchNorm2d(4), nn.Dropout2d()), lambda: Wide(),
]  # fmt: skip


class Wide(nn.Module):
    """Two branches of different width, added."""

    def __init__(self):
        super().__init__()
        self.narrow, self.wide = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 5, padding=2)

    def forward(self, x):
        return self.narrow(x) + self.wide(x)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(SIMPLE), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_fields_of_all_kinds_of_chains_are_no_smaller_than_the_gradient_and_fit_it(chosen, seed):
    torch.manual_seed(seed)
    model = nn.Sequential(*(make() for make in chosen), nn.Identity())
    for parameter in model.parameters():
        nn.init.uniform_(parameter, 0.1, 1.0)
    try:
        model(torch.zeros(1, 4, 36, 36))
    except RuntimeError:  # an odd number of pixels cannot be folded by two
        reject()
    seen = trace(model, (1, 4, 36, 36)).rows[-1].receptive_field
    rows, columns = np.nonzero(reached_by_the_middle(model, (1, 4, 36, 36)))
    sizes = seen.size if isinstance(seen.size, tuple) else (seen.size,) * 2
    for axis, size in zip((rows, columns), sizes, strict=True):
        reached = axis.max() - axis.min() + 1
        # behind the border there is nothing; windows on an enlarged image do not all see as much of it
        assert reached <= size
        clipped = axis.min() == 0 or axis.max() == 35 or any(map(cuts, model.modules()))
        assert clipped or not any(map(enlarges, model.modules())) or reached > size - 8
        assert clipped or any(map(enlarges, model.modules())) or reached == size


def cuts(module: nn.Module) -> bool:
    """Whether the last windows may run past the end of a map, and see less than the others."""
    return getattr(module, "ceil_mode", False)


def enlarges(module: nn.Module) -> bool:
    return isinstance(module, (nn.Upsample, nn.PixelShuffle))


@given(st.integers(4, 20), st.integers(4, 20), st.integers(1, 3), st.integers(1, 4), st.integers(0, 1))
def test_all_is_said_only_where_the_gradient_reaches_every_pixel(height, width, k, s, p):
    p = min(p, k // 2)
    shape = (1, 1, height, width)
    layers = [nn.Conv2d(1, 2, k, stride=s, padding=p), nn.AvgPool2d(1, 1), nn.Flatten()]
    features = nn.Sequential(*layers)(torch.zeros(shape)).shape[1]
    model = nn.Sequential(*layers, nn.Linear(features, 3))
    x = torch.rand(shape, requires_grad=True)
    model(x).sum().backward()
    said = trace(model, shape).rows[-1]
    assert (said.sees == "all") == bool((x.grad != 0).all())
    ours = Network(
        [Conv2d(1, 2, k, s, p), AvgPool2d(1, 1), Flatten(), Linear(features, 3)], rng=np.random.default_rng(0)
    )
    assert trace(ours, shape).rows[-1].receptive_field == said.receptive_field


def test_batch_norm_without_running_statistics_sees_every_pixel():
    layers = [nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2, track_running_stats=False), nn.Conv2d(2, 1, 3)]
    assert [row.sees for row in trace(nn.Sequential(*layers), (1, 1, 12, 12)).rows] == ["3 × 3", "all", "all"]
    layers[1] = nn.InstanceNorm2d(2)
    assert [row.sees for row in trace(nn.Sequential(*layers), (1, 1, 12, 12)).rows] == ["3 × 3", "all", "all"]


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.linear = nn.Conv2d(3, 4, 3), nn.LazyLinear(2)

    def forward(self, a, b):
        self.linear(self.conv(a).flatten(1))
        return {"sum": self.conv(a) + self.conv(b)}


def test_several_inputs_whole_numbers_and_no_batch():
    two = trace(Two(), [(1, 3, 8, 8), (1, 3, 8, 8)])
    assert [row.sees for row in two.rows] == ["3 × 3", "–", "3 × 3", "3 × 3"]
    assert two.total.startswith("Input [1, 3, 8, 8] and [1, 3, 8, 8]: 402 parameters")
    words = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2))
    assert (
        trace(words, (2, 5)).rows[1][2:5] == trace(words, (2, 5), dtype=torch.int32).rows[1][2:5] == ((2, 5, 2), 10, 80)
    )
    one = trace(nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2), nn.Flatten(0), nn.Linear(36, 2)), (3, 8, 8))
    assert [(row.output_shape, row.sees) for row in one.rows] == [
        ((4, 6, 6), "3 × 3"), ((4, 3, 3), "4 × 4"), ((36,), "4 × 4"), ((2,), "all"),
    ]  # fmt: skip
    assert trace(nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8, affine=False)), (3, 4)).parameters == 40
    with pytest.raises(ValueError, match=r"dtype must be a type of torch's, .*, got 'int'"):
        trace(words, (2, 5), dtype="int")


def test_torchinfos_figure_is_its_own_for_recurrent_layers():
    """torchinfo 1.8.0, run on the same models."""
    for model, shape, adds in (
        (nn.LSTM(4, 6, batch_first=True), (2, 5, 4), 2880),
        (nn.GRU(4, 6, 2, bidirectional=True), (5, 2, 4), 11520),
        (nn.RNN(4, 6), (5, 2, 4), 720),
    ):
        assert trace(nn.Sequential(model), shape).mult_adds == adds


# The last row before the mean over all pixels. torch's residual networks take their stride at the beginning of a stage,
# those of the table at the end: 427 and not 483 for ResNet-50.
PUBLISHED = {"alexnet": 195, "vgg16": 212, "resnet18": 435, "resnet50": 427, "googlenet": 379, "densenet121": 2071}


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_row_of_well_known_networks_has_a_receptive_field(name):
    models = import_torchvision().models
    options = {"init_weights": False} if name in ("googlenet", "vgg16") else {}
    table = trace(getattr(models, name)(weights=None, **options).eval(), (1, 3, 224, 224))
    fields = [row.receptive_field for row in table.rows if row.place]
    assert None not in fields
    assert max(field.size for field in fields if field != "all") == PUBLISHED[name]
    assert fields[-1] == "all"
    assert "at least" not in table.total


def network() -> Network:
    return Network([
        Conv2d(1, 4, 3, padding=1, bias=False), BatchNorm2d(4), Activation("tanh"), MaxPool2d(2),
        LocallyConnected2d(4, 2, 2, input_size=4), Flatten(), Dropout(0.2), Linear(18, 3),
    ], rng=np.random.default_rng(0))  # fmt: skip


def test_a_cnnkit_network_gives_the_table_of_the_same_torch_model():
    layers = [Conv2d(1, 4, 3, 2), BatchNorm2d(4), MaxPool2d(2), Flatten(), Linear(36, 3)]
    ours = Network(layers, rng=np.random.default_rng(0))
    theirs = nn.Sequential(nn.Conv2d(1, 4, 3, 2), nn.BatchNorm2d(4), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3))
    assert repr(trace(ours, (2, 1, 13, 13))) == repr(trace(theirs, (2, 1, 13, 13)))


def test_a_layer_of_your_own_is_traced_as_far_as_it_can_be():
    class Twice(Layer):
        def forward(self, x, *, training=False):
            return 2 * x

    net = Network([Conv2d(1, 2, 3), Twice(), MaxPool2d(2)], rng=np.random.default_rng(0))
    rows = trace(net, (1, 1, 8, 8)).rows
    assert [(r.kind, r.output_shape, r.macs, r.sees) for r in rows[1:]] == [
        ("Twice()", (1, 2, 6, 6), None, "–"), ("MaxPool2d(2)", (1, 2, 3, 3), 0, "–"),
    ]  # fmt: skip


def test_the_model_is_left_as_it_was():
    model = stack()
    model[1].eval()
    state = {k: v.clone() for k, v in model.state_dict().items()}
    trace(model, (2, 3, 16, 20))
    assert [m.training for m in model] == [True, False, *[True] * 6]
    assert all(torch.equal(v, state[k]) for k, v in model.state_dict().items())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())

    net, rng = network(), np.random.default_rng(1)
    x, dy = rng.standard_normal((3, 1, 8, 8)), rng.standard_normal((3, 3))
    net.forward(x, training=True)
    expected = net.backward(dy)
    trace(net, (1, 1, 8, 8))
    assert np.array_equal(net.backward(dy), expected)


def test_text_and_markdown_say_the_same():
    table = trace(network(), (1, 1, 8, 8))
    text, markdown = repr(table).splitlines(), table._repr_markdown_().splitlines()
    assert len(text) == len(table.rows) + 2
    assert len({len(line) for line in text[:-1]}) == 1
    assert text[-1] == markdown[-1] == table.total
    assert markdown[0].strip("| ").split(" | ") == list(HEAD) == re.split(r"  +", text[0])
    for row, line in zip(table.rows, markdown[2:], strict=False):
        assert line.strip("| ").split(" | ") == list(row.cells())
    assert table.rows[0].receptive_field == ReceptiveField(3, 1, -1)
    assert table.total.startswith("Input [1, 1, 8, 8]: 407 parameters, ")


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.linear = nn.LSTM(4, 6, batch_first=True), nn.Linear(6, 2)

    def forward(self, x):
        y, _ = self.lstm(x)
        return self.linear(input=y[:, -1])


def test_layers_with_several_outputs_and_named_inputs():
    table = trace(Recurrent(), (2, 5, 4))
    assert [(row.output_shape, row.parameters) for row in table.rows] == [((2, 5, 6), 288), ((2, 2), 14)]
    pool = trace(nn.Sequential(nn.MaxPool2d(2, return_indices=True)), (1, 1, 8, 8))
    assert pool.rows[0].sees == "2 × 2"


def test_batch_norm_after_a_convolution_in_one_dimension():
    table = trace(nn.Sequential(nn.Conv1d(2, 3, 3), nn.BatchNorm1d(3), nn.ReLU()), (1, 2, 8))
    assert [(row.parameters, row.macs) for row in table.rows] == [(21, 3 * 6 * 2 * 3), (6, 18), (0, 0)]
    assert [row.sees for row in table.rows] == ["3", "3", "3"]
    assert "at least" not in table.total


def test_a_model_is_traced_in_inference_mode():
    with torch.inference_mode():
        assert trace(nn.Conv2d(1, 2, 3), (1, 1, 8, 8)).rows[0].sees == "3 × 3"


class Picky(nn.Module):
    def __init__(self, problem):
        super().__init__()
        self.problem, self.relu = problem, nn.ReLU()

    def forward(self, x):
        raise self.problem


@pytest.mark.parametrize("problem", [KeyError("boom"), AssertionError("wrong height"), AttributeError("none")])
def test_whatever_the_model_raises_is_a_sentence_and_no_hook_is_left(problem):
    model = Picky(problem)
    with pytest.raises(ValueError, match=rf"the model does not take .*: {type(problem).__name__}: .*{problem.args[0]}"):
        trace(model, (1, 1, 8, 8))
    assert model.training
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


def test_no_hook_is_left_on_a_model_that_does_not_take_all_of_them():
    class Closed(nn.ReLU):
        def register_forward_pre_hook(self, *_, **__):
            raise RuntimeError("no hooks here")

    model = nn.Sequential(nn.Conv2d(1, 1, 3), Closed())
    with pytest.raises(ValueError, match="no hooks here"):
        trace(model, (1, 1, 8, 8))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


WRONG = [
    (lambda: trace("net", (1, 1, 8, 8)), "model must be a torch.nn.Module or a cnnkit.network.Network, got 'net'"),
    (lambda: trace(network(), 8), r"input_shape must be \(N, C, H, W\) or \(N, features\), batch first, got 8"),
    (lambda: trace(network(), (8,)), "batch first, got"),
    (lambda: trace(network(), (1, 1, 0, 8)), "every side of input_shape must be at least 1, got 0"),
    (
        lambda: trace(network(), (1, 2, 8, 8)),
        r"layer 0 Conv2d\(1, 4, .* of shape \[1, 2, 8, 8\]: channels",
    ),
    (lambda: trace(stack(), (3, 16, 20)), r"layer 0.1 BatchNorm2d.* of shape \[8, 16, 20\]: expected 4D"),
    (lambda: trace(stack(), (1, 3, 16, 16)), r"layer 4 Linear\(252, 10\) does not take an input of shape \[1, 180\]"),
    (lambda: trace(nn.Sequential(nn.Conv2d(1, 1, 9)), (1, 1, 8, 8)), "Kernel size can't be greater than actual input"),
]


@pytest.mark.parametrize(("call", "sentence"), WRONG, ids=[w[1][:40] for w in WRONG])
def test_what_cannot_be_traced_is_refused_with_a_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_trace_is_reached_from_the_package():
    assert cnnkit.trace is trace
    assert "trace" in dir(cnnkit)
