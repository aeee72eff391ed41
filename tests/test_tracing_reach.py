"""Receptive fields of what is no plain chain of windows: as wide as the gradient reaches where it reaches furthest."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnkit import trace
from tests.peers.models import Smooth, positive

SIDE = 14


def spans(model: nn.Module, shape, channels: int) -> tuple[int, int]:
    """The largest height and width that the gradient of any place of the output reaches."""
    model = model.double().eval()
    positive(model.requires_grad_(False))
    x = torch.rand(shape, dtype=torch.float64, requires_grad=True)
    with Smooth():
        y = model(x)
    most = [0, 0]
    for at in itertools.product(
        *(range(n) if d not in (0, channels) else [slice(None)] for d, n in enumerate(y.shape))
    ):
        dy = torch.zeros_like(y)
        dy[at] = torch.rand(dy[at].shape, dtype=torch.float64) + 0.5
        (dx,) = torch.autograd.grad(y, x, dy, retain_graph=True)
        for axis, places in enumerate(torch.nonzero(dx[0].abs().sum(0), as_tuple=True)):
            most[axis] = max(most[axis], int(places.max() - places.min()) + 1 if len(places) else 0)
    return tuple(most)


class Resized(nn.Module):
    def __init__(self, **how):
        super().__init__()
        self.how = how

    def forward(self, x):
        return F.interpolate(x, **self.how)


PICTURES = {
    "transposed": lambda: nn.ConvTranspose2d(2, 2, 3, stride=2),
    "transposed, all options": lambda: nn.ConvTranspose2d(2, 2, (3, 4), (2, 3), (1, 2), (1, 2), 1, dilation=(2, 1)),
    "transposed, then a window": lambda: nn.Sequential(nn.ConvTranspose2d(2, 2, 2, 2), nn.Conv2d(2, 2, 3)),
    "a window, then transposed": lambda: nn.Sequential(nn.Conv2d(2, 2, 3, 2), nn.ConvTranspose2d(2, 2, 4, 2, 1)),
    "reflected": lambda: nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"),
    "replicated": lambda: nn.Conv2d(2, 2, 5, padding=2, padding_mode="replicate"),
    "bilinear": lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
    "bilinear, corners": lambda: nn.Upsample((27, 20), mode="bilinear", align_corners=True),
    "bilinear, then a window": lambda: nn.Sequential(
        nn.MaxPool2d(2), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(2, 2, 3)
    ),
    "bilinear, smaller": lambda: Resized(size=(5, 4), mode="bilinear"),
    "bilinear, smoothed": lambda: Resized(size=(5, 4), mode="bilinear", antialias=True),
    "bicubic": lambda: Resized(size=(21, 9), mode="bicubic"),
    "bicubic, smoothed": lambda: Resized(size=(21, 9), mode="bicubic", antialias=True),
    "nearest": lambda: nn.Sequential(nn.AvgPool2d(2), nn.Upsample(17), nn.Conv2d(2, 2, 3)),
    "nearest, exactly": lambda: nn.Sequential(nn.Upsample(scale_factor=1.7, mode="nearest-exact"), nn.Conv2d(2, 2, 3)),
    "area": lambda: Resized(size=(5, 3), mode="area"),
    "adaptive": lambda: nn.Sequential(nn.Conv2d(2, 2, 3), nn.AdaptiveAvgPool2d((5, 4))),
    "overlapping windows": lambda: nn.Sequential(nn.Conv2d(2, 2, 3), Overlapping()),
    "unfolded": lambda: nn.Sequential(nn.Unfold((3, 4), 2, (1, 2), (2, 3)), nn.Conv1d(24, 3, 1)),
    "a window, unfolded": lambda: nn.Sequential(nn.Conv2d(2, 2, 3), nn.Unfold(2, stride=2), nn.Conv1d(8, 3, 1)),
    "unfolded and laid back": lambda: nn.Sequential(
        nn.Unfold((3, 4), 2, (1, 2), (2, 3)), nn.Conv1d(24, 24, 1), nn.Fold((SIDE, SIDE), (3, 4), 2, (1, 2), (2, 3))
    ),
    "laid back as a larger picture": lambda: nn.Sequential(
        nn.Unfold(2), nn.Conv1d(8, 8, 1), nn.Fold((26, 37), (2, 4), stride=(2, 3), padding=(0, 2)), nn.Conv2d(1, 2, 2)
    ),
    "turned": lambda: nn.Sequential(nn.Conv2d(2, 2, (1, 3)), Turned(), nn.Conv2d(2, 2, (1, 2))),
}  # fmt: skip


class Overlapping(nn.Module):
    def forward(self, x):
        return x.unfold(2, 4, 2).unfold(3, 3, 1)[..., :2].mean((4, 5))


class Turned(nn.Module):
    def forward(self, x):
        return x.transpose(2, 3).flip(2)


@pytest.mark.parametrize("name", PICTURES)
def test_the_field_of_a_picture_made_smaller_or_larger_is_where_the_gradient_reaches(name):
    torch.manual_seed(0)
    row = trace(PICTURES[name](), (1, 2, SIDE, SIDE)).rows[-1]
    size = row.receptive_field.size
    assert (size if isinstance(size, tuple) else (size, size)) == spans(PICTURES[name](), (1, 2, SIDE, SIDE), 1)


def test_a_picture_taken_apart_is_one_pixel_in_each_number():
    (row,) = trace(nn.Unfold(3, stride=2), (1, 2, SIDE, SIDE)).rows
    assert row.sees == "1 × 1"
    together = nn.Sequential(nn.Unfold(2, stride=2), nn.Fold((SIDE, SIDE), 2, stride=2))
    table = trace(together, (1, 2, SIDE, SIDE))
    assert [row.sees for row in table.rows] == ["1 × 1", "–"]  # which number of a window goes where is not followed
    assert "at least" not in table.total


def test_circular_padding_is_a_window_that_goes_on_at_the_other_side():
    ring = nn.Conv2d(2, 2, 3, padding=1, padding_mode="circular")
    assert [row.sees for row in trace(nn.Sequential(ring, ring), (1, 2, SIDE, SIDE)).rows] == ["3 × 3", "5 × 5"]
    assert "at least" not in trace(ring, (1, 2, SIDE, SIDE)).total


class Patches(nn.Module):
    """(N, C, H, W) to tokens (N, L, D)."""

    def __init__(self, size=2, width=6, first=False):
        super().__init__()
        self.conv = nn.Conv2d(2, width, size, size)
        self.first = nn.Parameter(torch.zeros(1, 1, width)) if first else None

    def forward(self, x):
        x = self.conv(x).flatten(2).transpose(1, 2)
        return x if self.first is None else torch.cat([self.first.expand(len(x), -1, -1), x], 1)


class Windows(nn.Module):
    """Attention inside windows of 7 × 7 of a picture with channels last, as in a Swin transformer."""

    def __init__(self, shift=0):
        super().__init__()
        self.attention, self.shift = nn.MultiheadAttention(2, 1, batch_first=True), shift

    def forward(self, x):
        x = x.permute(0, 2, 3, 1).roll((-self.shift, -self.shift), (1, 2))
        n, h, w, c = x.shape
        x = x.view(n, h // 7, 7, w // 7, 7, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 49, c)
        x = self.attention(x, x, x)[0].view(n, h // 7, w // 7, 7, 7, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)
        return x.roll((self.shift, self.shift), (1, 2)).permute(0, 3, 1, 2)


def test_layer_norm_and_linear_layers_are_local_to_the_token_and_attention_is_not():
    model = nn.Sequential(Patches(), nn.LayerNorm(6), nn.Linear(6, 12), nn.GELU(), nn.Linear(12, 6))
    assert [row.sees for row in trace(model, (1, 2, SIDE, SIDE)).rows] == ["2 × 2"] * 5
    assert spans(model, (1, 2, SIDE, SIDE), 2) == (2, 2)
    for dropout in (0, 0.1):
        layer = nn.TransformerEncoderLayer(6, 2, 8, dropout, batch_first=True)
        table = trace(nn.Sequential(Patches(first=True), layer), (2, 2, SIDE, SIDE))
        assert {row.sees for row in table.rows[1:] if row.place} == {"all"}
        assert "at least" not in table.total
    assert trace(nn.Sequential(Patches(), nn.LayerNorm([49, 6])), (1, 2, SIDE, SIDE)).rows[-1].sees == "all"


class Padded(nn.Module):
    def forward(self, x):
        return F.pad(x, (0, 0, 1, 0))


def test_an_empty_token_before_the_others_leaves_them_as_they_are():
    assert trace(nn.Sequential(Patches(), Padded()), (1, 2, SIDE, SIDE)).rows[-1].sees == "2 × 2"
    assert spans(nn.Sequential(Patches(), Padded()), (1, 2, SIDE, SIDE), 2) == (2, 2)


class FirstToken(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 3)

    def forward(self, x):
        return self.linear(x[:, 0])


def test_a_token_of_its_own_sees_nothing_before_there_is_attention():
    model = nn.Sequential(Patches(first=True), FirstToken())
    assert [row.sees for row in trace(model, (1, 2, SIDE, SIDE)).rows if row.place][-1] != "all"
    model.insert(1, nn.TransformerEncoderLayer(6, 2, 8, batch_first=True))
    assert [row.sees for row in trace(model, (1, 2, SIDE, SIDE)).rows if row.place][-1] == "all"


@pytest.mark.parametrize("layers", [[Windows()], [Windows(), Windows(3)], [nn.Conv2d(2, 2, 3, padding=1), Windows()]])
def test_attention_in_windows_reaches_to_the_border_of_the_window(layers):
    model = nn.Sequential(*layers, nn.Identity())
    table, side = trace(model, (1, 2, 28, 28)), spans(model, (1, 2, 28, 28), 1)[0]
    assert table.rows[-1].sees == f"{side} × {side}"


class Causal(nn.Module):
    def forward(self, x):
        return F.scaled_dot_product_attention(x, x, x, is_causal=True)


class Masked(nn.Module):
    def forward(self, x):
        return (x * torch.eye(x.shape[-1])).flatten(1).mean(1, keepdim=True)


def test_what_a_mask_hides_is_not_said_to_be_seen():
    tokens = trace(nn.Sequential(Patches(), Causal(), nn.Identity()), (1, 2, SIDE, SIDE))
    assert tokens.rows[-1].sees == "–"
    assert trace(Masked(), (1, 1, 6, 6)).rows[-1].sees == "–"


class Cross(nn.Module):
    """All of the row and all of the column, and no other pixel."""

    def forward(self, x):
        return x.mean(2, keepdim=True) + x.mean(3, keepdim=True)


def test_a_row_and_a_column_are_not_all_pixels():
    assert trace(nn.Sequential(Cross(), nn.Identity()), (1, 1, 8, 8)).rows[-1].sees == "–"


@pytest.mark.parametrize(
    ("norm", "sees"),
    [(nn.GroupNorm(2, 4), "all"), (nn.InstanceNorm2d(4), "all"), (nn.BatchNorm2d(4), "3 × 3")],
)
def test_a_norm_with_statistics_of_its_own_sees_the_whole_picture(norm, sees):
    table = trace(nn.Sequential(nn.Conv2d(1, 4, 3), norm, nn.ReLU()), (2, 1, 8, 8))
    assert [row.sees for row in table.rows] == ["3 × 3", sees, sees]
    # a factor for each value; a square for the variance, where that is computed
    assert table.rows[1].macs == 2 * 4 * 36 * (1 if sees == "3 × 3" else 2)
    assert "at least" not in table.total


def test_numbers_of_other_examples_are_no_pixels_of_this_one():
    mixed = trace(nn.Sequential(nn.Conv2d(1, 2, 3), Mixed(), nn.Identity()), (2, 1, 8, 8))
    assert [row.sees for row in mixed.rows] == ["3 × 3", "–", "–"]


class Mixed(nn.Module):
    def forward(self, x):
        return x - x.mean(0, keepdim=True)


class InPlace(nn.Module):
    """A change of a part, and what is seen of that part."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 2, 3, padding=1)

    def forward(self, x):
        y = self.conv(x)
        part = y[:, :1]
        part += x[:, :1].mean((2, 3), keepdim=True)
        return part


def test_a_part_that_was_changed_in_place_sees_what_it_was_changed_by():
    table = trace(nn.Sequential(InPlace(), nn.Identity()), (1, 2, 8, 8))
    assert [row.sees for row in table.rows] == ["3 × 3", "all"]


class Table(nn.Module):
    """A layer that works on what no input decides, as for relative positions."""

    def __init__(self):
        super().__init__()
        self.bias, self.linear = nn.Linear(2, 3), nn.Linear(4, 3)

    def forward(self, x):
        return self.linear(x) + self.bias(torch.ones(5, 2)).sum(0)


def test_a_layer_at_work_on_a_table_is_counted_too():
    assert [row.macs for row in trace(Table(), (1, 4)).rows] == [12, 30]


class Canvas(nn.Module):
    """A picture laid into the middle of an empty one, as detection does with pictures of several sizes."""

    def forward(self, x):
        canvas = x.new_zeros(len(x), 3, 12, 12)
        canvas[0, 1:, 2:10, 2:10].copy_(x[0])
        return canvas


def test_an_empty_picture_sees_what_is_laid_into_it():
    layers = [Canvas(), nn.Conv2d(3, 2, 3)]
    assert [row.sees for row in trace(nn.Sequential(*layers), (1, 2, 8, 8)).rows] == ["1 × 1", "3 × 3"]
    assert spans(nn.Sequential(*layers), (1, 2, 8, 8), 1) == (3, 3)
    beside = nn.Sequential(Canvas(), Cropped(), nn.Conv2d(3, 2, 2))
    assert spans(beside, (1, 2, 8, 8), 1) == (0, 0)
    assert trace(beside, (1, 2, 8, 8)).rows[-1].sees != "all"


class Cropped(nn.Module):
    def forward(self, x):
        return x[:, :, :2, :2]
