"""The explorers of notebook 05 beyond what every explorer promises: filters and stacks."""

import re
from io import BytesIO
from itertools import product

import numpy as np
import pytest
from PIL import Image

from cnnkit.course.convolution.explorers import OWN, FilterPicture, Stack
from cnnkit.course.convolution.stack import _in_one_unit
from cnnkit.course.convolution.stack_numbers import KINDS, PRESETS, StackLayer, tabulate
from cnnkit.course.kit import photo
from cnnkit.course.kit.explorer import Explorer
from cnnkit.course.kit.kernels import LARGEST, MEANING, PADDINGS, filter_grey, make_kernel
from cnnkit.course.kit.photo import SIDE, as_grey, hopper
from cnnkit.course.kit.picture import Picture
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.statements import lines
from cnnkit.sizes import conv_output_size

LENET, ALEXNET = "LeNet-5, max pooling, full C3", "AlexNet's first six layers"


def on_screen(explorer: Explorer) -> list[str]:
    """The labels of the controls that are shown."""
    return [explorer.controls[name].label for name in explorer.shown(explorer.values)]


def png(grey) -> bytes:
    """A picture as the bytes of a file."""
    buffer = BytesIO()
    Image.fromarray(np.rint(np.asarray(grey) * 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def held_to_the_page(picture: Picture) -> None:
    """Three statements that a page has room for, and one result."""
    said = lines(picture.marked)
    assert len(said) == 3, said
    assert max(text_width(line, 14) for line in said) <= 800, said
    assert picture.marked.count("**") == 2


# Filter a picture


def test_filter_has_what_a_learner_may_want_to_slide():
    values = {name: control.values() for name, control in FilterPicture.controls.items()}
    assert values["kernel"] == [*MEANING, OWN]
    assert values["kernel_size"] == list(range(1, LARGEST + 1))
    assert values["stride"] == list(range(1, 9))
    assert values["padding_mode"] == list(PADDINGS) == ["none", "zeros", "reflect", "replicate", "circular"]
    assert values["row"] == values["column"] == list(range(1, SIDE + 1))
    assert len(values["seed"]) > 10


def test_filter_says_the_size_of_every_setting():
    explorer = FilterPicture(kernel="identity")
    n = len(hopper())
    for values, picture in explorer.frames():
        k, s = values["kernel_size"], values["stride"]
        if values["kernel"] == "identity":
            added = 0 if values["padding_mode"] == "none" else k - 1
            size = re.search(r"Size: ⌊\((.*) − (\d+)\)/(\d+)⌋ \+ 1 = (\d+)\.", picture.sentence)
            assert size is not None
            assert eval(size[1].replace("·", "*")) == n + added  # the numbers put into the formula
            assert (int(size[2]), int(size[3])) == (k, s)
            assert int(size[4]) == conv_output_size(n + added, k, stride=s)


def test_filter_says_what_a_pixel_is_and_how_much_the_weights_sum_to():
    explorer = FilterPicture(kernel_size=5)
    for name in MEANING:
        explorer.set(kernel=name, kernel_size=5)
        total = make_kernel(name, 5).weights.sum()
        assert explorer.sentence.startswith(f"Each output pixel is {MEANING[name]}; at row 131, column 68 that is ")
        assert f"The weights sum to {round(total, 2) + 0.0:g}".replace("-", "−") in explorer.sentence
    explorer.set(kernel="Laplacian", kernel_size=1)
    assert explorer.sentence == (
        "Laplacian compares a pixel with its neighbours: kernel size k must be at least 2, got 1. "
        "Set “kernel size k” to 2."
    )
    explorer.set(kernel_size=2)
    assert not explorer.picture.card


def test_filter_says_three_statements_that_fit():
    pictures = None, np.linspace(0, 1, 140 * 180).reshape(140, 180)
    for image, kernel, mode, stride in product(pictures, MEANING, PADDINGS, (1, 8)):
        explorer = FilterPicture(image, kernel=kernel, padding_mode=mode, stride=stride, kernel_size=10)
        explorer.touch(1, 200, 200)  # the numbers are longest at the end
        held_to_the_page(explorer.picture)


def test_filter_takes_the_learners_own_picture(tmp_path):
    ramp = np.linspace(0, 1, 24).reshape(4, 6)
    explorer = FilterPicture(image=ramp, kernel="blur (mean)")
    assert "Height: ⌊(4 + 2·1 − 3)/1⌋ + 1 = 4; width: ⌊(6 + 2·1 − 3)/1⌋ + 1 = 6." in explorer.sentence
    assert (explorer.highest, explorer.values["row"], explorer.values["column"]) == ({"row": 4, "column": 6}, 4, 6)
    explorer.set(padding_mode="none", kernel_size=5)
    assert "kernel does not fit in the height: it spans 5 pixels" in explorer.sentence
    explorer.set(padding_mode="reflect", kernel_size=11)
    assert "of 4 × 6 pixels it can pad at most 3 on a side, not 5 (kernel size k = 11)" in explorer.sentence
    explorer.set(padding_mode="replicate")
    assert "the padding repeats the outermost pixel." in explorer.sentence
    with pytest.raises(ValueError, match="there is no file"):
        FilterPicture(image=tmp_path / "mine.png")
    with pytest.raises(ValueError, match="there is no control 'picture'"):
        FilterPicture(picture=ramp)


def test_filter_takes_a_file_from_the_page():
    explorer = FilterPicture(kernel="identity")
    portrait = explorer.picture
    explorer.move(file=png(np.linspace(0, 1, 20 * 30).reshape(20, 30)))
    assert "Height: ⌊(20 + 2·1 − 3)/1⌋ + 1 = 20; width: ⌊(30 + 2·1 − 3)/1⌋ + 1 = 30." in explorer.sentence
    assert explorer.highest == {"row": 20, "column": 30}
    explorer.move(file=b"no picture at all")
    assert explorer.picture.card
    assert explorer.sentence == "This file is not a picture that can be read. Choose another one, a PNG or a JPEG."
    explorer.set(file=b"", row=131, column=68)
    assert explorer.picture == portrait


def test_a_file_that_is_no_picture_is_opened_only_once(monkeypatch):
    opened = []
    monkeypatch.setattr(photo, "as_grey", lambda file: opened.append(file) or as_grey(file))
    FilterPicture().move(file=b"neither this one")
    assert len(opened) == 1


def test_the_numbers_are_the_kernel_at_three_by_three():
    explorer = FilterPicture()
    for name in MEANING:
        explorer.move(kernel=name)
        np.testing.assert_allclose(explorer.values["numbers"], make_kernel(name, 3).weights, atol=5e-5)
        assert explorer.values["kernel"] == name
    explorer.move(kernel="random")
    explorer.move(seed=7)
    np.testing.assert_allclose(explorer.values["numbers"], make_kernel("random", 3, seed=7).weights, atol=5e-5)
    assert explorer.view.widgets["numbers"].value == explorer.values["numbers"]


def test_a_number_typed_is_a_kernel_of_ones_own():
    explorer = FilterPicture(kernel="blur (mean)", padding_mode="replicate")
    field = explorer.view.widgets["numbers"].fields[0][2]
    field.value = 5.0
    assert (explorer.values["kernel"], explorer.view.widgets["kernel"].value) == (OWN, OWN)
    assert explorer.values["numbers"][0] == (0.1111, 0.1111, 5.0)
    padded = np.pad(hopper(), 1, mode="edge")
    weights = np.array(explorer.values["numbers"])
    expected = (padded[130:133, 67:70] * weights).sum()
    assert f"at row 131, column 68 that is {expected:.2f}." in explorer.sentence
    assert "Each output pixel is a sum with weights of your own" in explorer.sentence
    explorer.move(kernel="identity")
    assert field.value == 0
    explorer.move(kernel=OWN)
    assert explorer.values["numbers"] == ((0, 0, 0), (0, 1, 0), (0, 0, 0))
    again = FilterPicture(**explorer.values)
    assert again.values == explorer.values
    assert FilterPicture(numbers=np.eye(3)).values["kernel"] == OWN


def test_ones_own_kernel_starts_three_by_three_from_a_large_one():
    explorer = FilterPicture(kernel="blur (binomial)", kernel_size=7)
    explorer.move(kernel=OWN)
    assert explorer.values["kernel_size"] == 3
    assert explorer.values["numbers"][1] == (0.125, 0.25, 0.125)


def test_filter_controls_that_change_nothing_are_idle_and_stay():
    explorer = FilterPicture()
    names = list(explorer.shown(explorer.values))
    idle = {
        ("identity", 3): {"seed"},
        ("identity", 5): {"seed", "numbers"},
        ("random", 3): set(),
        (OWN, 3): {"seed", "kernel_size"},
    }
    for (kernel, k), expected in idle.items():
        explorer.set(kernel=kernel, kernel_size=k)
        assert explorer.idle(explorer.values) == expected
        assert list(explorer.shown(explorer.values)) == names
    assert explorer.view.widgets["seed"].disabled
    assert not explorer.view.widgets["numbers"].disabled


@pytest.mark.parametrize(("k", "stride", "mode"), [(3, 1, "zeros"), (4, 3, "none"), (11, 8, "reflect"), (1, 2, "none")])
def test_a_pixel_touched_shows_its_window_and_its_products(k, stride, mode):
    explorer = FilterPicture(kernel="blur (mean)", kernel_size=k, stride=stride, padding_mode=mode)
    kernel = make_kernel("blur (mean)", k)
    _, output, (before, _) = filter_grey(hopper(), kernel, stride=stride, padding_mode=mode)
    wrote = explorer.picture.areas[0]
    assert (wrote.rows, wrote.columns) == output.shape
    last = len(output) - 1
    for i, j in ((0, 0), (0, last), (last // 2, 3), (last, last)):
        explorer.touch(0, i, j)
        assert explorer.picture.areas[0].here == (i, j)
        row, column = (at * stride - before + (k - 1) // 2 + 1 for at in (i, j))
        assert (explorer.values["row"], explorer.values["column"]) == (row, column)
        value = f"{output[i, j]:.2f}".removesuffix(".00")
        assert f"at row {row}, column {column} that is {value}." in explorer.sentence
    for row, column in ((0, 0), (0, 179), (99, 31), (179, 179)):
        explorer.touch(1, row, column)
        assert (explorer.values["row"], explorer.values["column"]) == (row + 1, column + 1)
        places = [np.abs(np.arange(last + 1) * stride - before + (k - 1) // 2 - at) for at in (row, column)]
        here = explorer.picture.areas[0].here
        assert [distance[at] for distance, at in zip(places, here, strict=True)] == [d.min() for d in places]


# Stack


def layers_of(values: dict) -> list[StackLayer]:
    fields = [[values[f"{name}{number}"] for name in StackLayer._fields] for number in range(1, 7)]
    return [StackLayer(*field) for field in fields][: values["layers"]]


def test_stack_starts_from_known_networks():
    explorer = Stack()
    for name, (size, channels, layers) in PRESETS.items():
        explorer.set(preset=name)
        values = explorer.values
        assert (values["size"], values["channels"], layers_of(values)) == (size, channels, layers)
        assert Stack(preset=name).values | {"layer": 1} == values | {"layer": 1}
        assert values["preset"] == name
    assert {layer.kind for layer in layers_of(explorer.values)} == set(KINDS)


def test_stack_moves_every_layer_with_the_preset_on_the_screen():
    explorer = Stack()
    explorer.view.widgets["preset"].value = LENET
    assert layers_of(explorer.values) == PRESETS[LENET][2]
    explorer.view.widgets["kernel_size3"].value = 3
    assert explorer.values["preset"] == OWN
    assert [row.size for row in tabulate(32, 1, layers_of(explorer.values))] == [32, 28, 14, 12, 6, 2]
    assert "32 × 32 become 2 × 2; " in explorer.sentence


def test_stack_is_its_own_when_any_layer_is_changed_and_known_when_none_is():
    assert Stack(preset="VGG-16's first six layers", size=64).values["preset"] == "VGG-16's first six layers"
    assert Stack(preset="VGG-16's first six layers", stride1=1).values["preset"] == "VGG-16's first six layers"
    assert Stack(preset="VGG-16's first six layers", stride1=2).values["preset"] == OWN
    assert Stack(layers=2, kernel_size2=5).values["preset"] == OWN
    assert "32 × 32 become 26 × 26; " in Stack(layers=2, kernel_size2=5).sentence
    for name in PRESETS:
        values = Stack(preset=name).values
        assert Stack(**values).values == values  # what it says it is set to can be given back to it


def test_stack_shows_the_controls_of_one_layer():
    explorer = Stack()
    assert on_screen(explorer) == [
        "start from", "number of layers", "input size n", "input channels C", "change layer", "kind of layer 1",
        "kernel size k₁", "stride s₁", "padding p₁", "dilation d₁", "filters K₁",
    ]  # fmt: skip
    explorer.set(preset="VGG-16's first six layers", layer=6)
    assert on_screen(explorer)[5:7] == ["kind of layer 6", "kernel size k₆"]
    explorer.set(layers=2)  # and with it the highest layer that can be changed
    assert explorer.values["layer"] == 2
    assert on_screen(explorer)[5:7] == ["kind of layer 2", "kernel size k₂"]
    with pytest.raises(ValueError, match="layer must be at most 2"):
        explorer.set(layer=3)
    explorer.set(preset=ALEXNET, layer=6)


def test_stack_frames_are_honest():
    for values, picture in Stack(preset=LENET).frames():
        if values["preset"] != OWN:
            assert layers_of(values) == PRESETS[values["preset"]][2]
        arguments = values["size"], values["channels"], layers_of(values)
        if picture.card:
            with pytest.raises(ValueError, match=re.escape(picture.sentence.partition(". ")[0])):
                tabulate(*arguments)
            continue
        rows = tabulate(*arguments)
        n, o = rows[0].size, rows[-1].size
        formula = re.search(r"r = (.*?) = (\d+) pixels across\.", picture.sentence)
        assert formula is not None
        assert eval(formula[1].replace("−", "-").replace("·", "*")) == int(formula[2]) == rows[-1].field
        parameters, macs = sum(row.parameters for row in rows), sum(row.macs for row in rows)
        assert f"{n} × {n} become {o} × {o}; the stack has {parameters:,} parameters, with biases" in picture.sentence
        assert picture.sentence.endswith(f" and needs {macs:,} MACs.")


def test_stack_says_which_layer_cannot_be_and_comes_back():
    explorer = Stack(preset="three 3 × 3", size=6)
    assert explorer.sentence == (
        "layer 3: the kernel spans 3 pixels, and the padded input has only 2 pixels; sizes up to there: 6 → 4 → 2. "
        "Set “input size n” to 7."
    )
    explorer.set(size=7)
    assert "7 × 7 become 1 × 1; " in explorer.sentence
    explorer.set(kind1=KINDS[1], padding1=2)
    assert explorer.sentence.startswith("layer 1: max pooling pads at most half of its kernel of 3, not 2; sizes up to")


def test_stack_says_three_statements_that_fit():
    rng, seen = np.random.default_rng(5), 0
    choices = {name: control.values() for name, control in Stack.controls.items() if name != "preset"}
    for _ in range(400):
        setting = {name: values[-1 - int(len(values) * rng.random() ** 2)] for name, values in choices.items()}
        try:
            picture = Stack().draw(**setting | {"layer": 1})
        except ValueError:
            continue
        held_to_the_page(picture)
        seen += 1
    assert seen > 30


@pytest.mark.parametrize("start", [{}, {"preset": "VGG-16's first six layers"}, {"preset": LENET}], ids=str)
def test_a_row_of_the_table_chooses_its_layer(start):
    explorer = Stack(**start)
    count = explorer.values["layers"]
    for row in (count - 1, 0, count // 2):
        explorer.touch(0, row, 0)
        table = explorer.picture.areas[0]
        assert (table.rows, table.columns, table.here) == (count, 1, (row, 0))
        assert explorer.values["layer"] == row + 1
        assert f"kernel size k{'₁₂₃₄₅₆'[row]}" in on_screen(explorer)
    explorer.touch(0, 99, 0)
    assert explorer.values["layer"] == count
    explorer.set(layers=1)
    assert (explorer.picture.areas[0].rows, explorer.picture.areas[0].here) == (1, (0, 0))


def test_a_bar_and_a_pixel_of_the_field_choose_a_layer():
    explorer = Stack()  # 3, 5 and 7 of 32 pixels, around pixel 15
    _, bars, field = explorer.picture.areas
    assert [bars.sets(row, 0) for row in range(bars.rows)] == [{"layer": 1}, {"layer": 2}, {"layer": 3}]
    assert field.rows == field.columns == 32
    start = (26 - 1) // 2  # of the centre's field
    for pixel, layer in ((start, 3), (start + 1, 2), (start + 2, 1), (start + 4, 1), (start + 5, 2), (start + 6, 3)):
        assert (
            field.sets(pixel, pixel) == field.sets(pixel, start + 3) == field.sets(start + 3, pixel) == {"layer": layer}
        )
    assert field.sets(start - 1, start) is field.sets(0, 0) is field.sets(start, start + 7) is None


def test_the_enlarged_field_is_touched_before_the_one_below_it():
    *_, close, field = Stack(preset="VGG-16's first six layers").picture.areas
    x, _, side, _ = close.box
    assert field.box[0] < x
    assert x + side < field.box[0] + field.box[2]
    assert close.sets(0, 0) is None  # one pixel more than the field of 16
    assert (close.sets(1, 1), close.sets(16, 16)) == ({"layer": 5}, {"layer": 6})  # they begin at the same pixel
    assert close.rows == 18


def test_filters_of_a_pooling_layer_and_the_dilation_of_one_weight_are_idle():
    explorer = Stack(preset=LENET)
    shown = len(list(explorer.shown(explorer.values)))
    for layer, idle in ((1, set()), (2, {"filters2"}), (3, set())):
        explorer.set(layer=layer)
        assert explorer.idle(explorer.values) == idle
        assert len(list(explorer.shown(explorer.values))) == shown
    explorer.set(kernel_size3=1)
    assert explorer.idle(explorer.values) == {"dilation3"}


def test_numbers_below_each_other_have_one_format():
    assert _in_one_unit([0, 921_600, 9_999_999]) == ("", ["0", "921,600", "9,999,999"])
    assert _in_one_unit([0, 921_600, 10_000_000]) == ("M", ["0", "0.9", "10.0"])
    assert _in_one_unit([0, 49_999, 9_999_900_000]) == ("M", ["0", "< 0.1", "9,999.9"])
    assert _in_one_unit([0, 86_704_128, 10**10]) == ("G", ["0", "0.1", "10.0"])
    assert _in_one_unit([10**13]) == ("T", ["10.0"])


# The view


def test_what_follows_a_table_of_numbers_stands_beside_it():
    explorer = FilterPicture()
    view = explorer.view
    *above, table, beside = view.panel.children
    assert [each.description for each in above] == ["kernel", "kernel size k", "stride s", "padding"]
    assert table is view.widgets["numbers"]
    assert len(beside.children) == len(table.children) == 4
    assert beside.children[1:] == (view.widgets["row"], view._rows["column"], view.widgets["file"])
    explorer.set(kernel="random", stride=2)
    assert view.panel.children[-1] is beside  # nothing is made anew
