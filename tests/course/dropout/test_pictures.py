"""The pictures of notebook 03, without widgets: the pixels that must be coloured, and the numbers behind them."""

from io import BytesIO
from itertools import product
from math import comb

import numpy as np
import pytest
from PIL import Image

from cnnkit.course.dropout import maps as dropped_maps
from cnnkit.course.dropout import mask as masks
from cnnkit.course.dropout import overfitting, subnetworks
from cnnkit.course.dropout.maps import SMALL, TOP, draw_dropped_maps
from cnnkit.course.dropout.maps_numbers import FILTERS, KINDS, ORDERS, SOURCES, best_line, drop_and_guess, feature_maps
from cnnkit.course.dropout.mask import draw_mask
from cnnkit.course.dropout.mask_numbers import binomial, draw_units, every_sum, example_units
from cnnkit.course.dropout.overfitting_numbers import IMAGES, PLACES, RATES, WRONG, recorded, train
from cnnkit.course.dropout.subnetworks import draw_subnetworks
from cnnkit.course.dropout.subnetworks_math import FOLLOWS
from cnnkit.course.dropout.subnetworks_numbers import example_parts, find
from cnnkit.course.kit.palette import BLUE, INK, INPUT, OUTPUT, OUTPUT_WRITTEN, UNREAD, VERMILION, WINDOW
from cnnkit.course.kit.picture import STORED, drawn_at
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.sheet import Sheet

WHITE = (255, 255, 255)


def pixels(picture) -> np.ndarray:
    """The picture's colours, (H, W, 3)."""
    return np.asarray(Image.open(BytesIO(picture.png)).convert("RGB"))


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def has(area: np.ndarray, colour: str) -> np.ndarray:
    """Where an area has a colour."""
    return (area == rgb(colour)).all(axis=-1)


def assert_nothing_is_cut(picture) -> None:
    """Words that run out of the picture leave ink on its last pixels."""
    shown = pixels(picture)
    for edge in (shown[:2], shown[-2:], shown[:, :2], shown[:, -2:]):
        assert (edge == WHITE).all(), picture.sentence


# One draw


@pytest.mark.parametrize(("n", "p"), [(1, 0.3), (7, 0.05), (100, 0.4), (400, 0.95)])
def test_the_binomial_is_that_of_the_books(n, p):
    by_hand = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    np.testing.assert_allclose(binomial(n, p), by_hand, rtol=1e-9, atol=1e-200)  # below it both lose digits
    assert binomial(n, p).sum() == pytest.approx(1)
    assert binomial(n, 0.0)[0] == binomial(n, 1.0)[n] == 1


def test_ten_units_sum_to_fifty():
    for n in (10, 100, 400):
        assert example_units(n).sum() == 5 * n
        assert set(example_units(n)) <= set(range(1, 10))


@pytest.mark.parametrize("scaled", [True, False])
@pytest.mark.parametrize("p", [0.1, 0.4, 0.9])
def test_the_sum_scatters_as_the_picture_says(p, scaled):
    drawn = [draw_units(60, p, scaled=scaled, draw=i) for i in range(3000)]
    sums = np.array([d.y.sum() for d in drawn])
    assert sums.std() == pytest.approx(drawn[0].spread, rel=0.06)
    assert sums.mean() == pytest.approx(drawn[0].expected, abs=5 * drawn[0].spread / np.sqrt(3000))


def test_a_larger_p_drops_more_of_the_same_draw():
    before = np.ones(400, bool)
    for p in (0.0, 0.2, 0.5, 0.95, 1.0):
        kept = draw_units(400, p, draw=4).kept
        assert not (kept & ~before).any()
        before = kept
    assert not before.any()


@pytest.mark.parametrize(("units", "p", "draw"), [(9, 0.5, 1), (16, 0.3, 2), (100, 0.7, 3), (400, 0.2, 4)])
def test_dropped_units_are_hatched_and_the_others_are_not(units, p, draw):
    shown, kept = pixels(draw_mask(units, p, draw=draw)), draw_units(units, p, draw=draw).kept
    columns = int(np.ceil(np.sqrt(units)))
    cell = round(masks.cell_size(columns, masks.SIDE) * STORED)
    for i, on in enumerate(kept):
        y, x = masks.TOP * STORED + i // columns * cell, masks.LEFTS[1] * STORED + i % columns * cell
        area = shown[y + 2 : y + cell - 1, x + 2 : x + cell - 1]
        assert has(area, UNREAD).any() == (not on)
        assert has(area, OUTPUT).any() == on


def test_the_vermilion_bar_stands_where_the_count_is():
    for p, draw in ((0.1, 1), (0.5, 2), (0.9, 3)):
        dropped = int((~draw_units(30, p, draw=draw).kept).sum())
        rows = slice(masks.BARS * STORED, (masks.BARS + masks.HIGH) * STORED)
        shown = pixels(draw_mask(30, p, draw=draw))[rows, masks.RIGHT * STORED :]
        columns = np.flatnonzero(has(shown, WINDOW).any(axis=0))
        expected = (dropped + 0.5) / 31 * masks.WIDE * STORED
        assert columns.mean() == pytest.approx(expected, abs=2)


@pytest.mark.parametrize(("units", "p", "digits"), [(64, 0.4, 1), (100, 0.5, 1), (100, 0.4, 0), (150, 0.5, None)])
def test_numbers_are_large_enough_to_read_or_left_out(units, p, digits):
    drawn, cell = draw_units(units, p), masks.cell_size(int(np.ceil(np.sqrt(units))), masks.SIDE)
    assert masks._digits(drawn.y[drawn.kept], cell) == digits
    first = np.s_[2 : round(cell * STORED) - 1]
    inside = pixels(draw_mask(units, p))[masks.TOP * STORED :, masks.LEFTS[0] * STORED :][first, first]
    assert has(inside, INPUT).all() == (digits is None)


def test_no_mask_picture_is_cut():
    for units, p, keeps, scaled, training in product((1, 7, 400), (0.0, 0.05, 0.95, 1.0), *[(True, False)] * 3):
        assert_nothing_is_cut(draw_mask(units, p, keeps=keeps, scaled=scaled, training=training, draw=3))


@pytest.mark.parametrize("p", [0.0, 0.05, 0.3, 0.95, 1.0])
def test_a_count_has_its_bar_where_a_screen_has_fewer_pixels_than_counts(p):
    with drawn_at(1):
        shown = pixels(draw_mask(400, p, draw=2))[masks.BARS : masks.BARS + masks.HIGH, masks.RIGHT :]
    dropped = int((~draw_units(400, p, draw=2).kept).sum())
    columns = np.flatnonzero(has(shown, WINDOW).any(axis=0))
    assert columns.mean() == pytest.approx((dropped + 0.5) / 401 * masks.WIDE, abs=1.5)


def test_the_scale_of_the_sums_stays_from_draw_to_draw():
    for units, p in ((100, 0.5), (100, 0.95), (3, 0.8)):
        ends = {masks._reach(draw_units(units, p, draw=draw)) for draw in (1, 2, 17, 50)}
        assert len(ends) == 1
        sums = [draw_units(units, p, draw=draw).y.sum() for draw in range(1, 51)]
        assert max(sums) <= ends.pop()
        np.testing.assert_allclose(every_sum(draw_units(units, p)), sums)


def test_masks_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="units must be at most 400, got 401"):
        draw_mask(401, 0.5)
    with pytest.raises(ValueError, match=r"p must be a probability between 0 and 1, got -0\.1"):
        draw_mask(5, -0.1)


# All sub-networks


@pytest.mark.parametrize("follows", FOLLOWS)
def test_all_outputs_lie_on_the_axis_whose_marks_are_few(follows):
    for units, p in product(range(1, 11), (0.05, 0.5, 0.95)):
        values = find(units, p, follows, samples=5, seed=0).values
        axis = subnetworks._axis(values, follows)
        assert axis.low <= values.min() <= values.max() <= axis.high
        assert 3 <= len(axis.marks()) <= 9


@pytest.mark.parametrize("follows", FOLLOWS)
def test_the_marks_stand_at_their_values(follows):
    found = find(7, 0.4, follows, samples=60, seed=2)
    axis = subnetworks._axis(found.values, follows)
    shown = pixels(draw_subnetworks(7, 0.4, follows, samples=60, seed=2))
    y, right = (subnetworks.ROWS + subnetworks.STEP - 5) * STORED, (subnetworks.LEFT + subnetworks.WIDE + 8) * STORED
    marks = np.flatnonzero(has(shown[y, :right], WINDOW))
    assert marks.mean() / STORED == pytest.approx(axis.place(found.scaling), abs=0.6)
    line = np.flatnonzero(has(shown[(subnetworks.TOP - 2) * STORED, :], INK))
    assert line.mean() / STORED == pytest.approx(axis.place(found.exact), abs=0.8)


@pytest.mark.parametrize("follows", FOLLOWS)
def test_the_bars_are_the_distribution(follows):
    for units, p in product((1, 4, 10), (0.05, 0.5, 0.95)):
        found = find(units, p, follows, samples=5, seed=0)
        axis = subnetworks._axis(found.values, follows)
        places, shares, width = subnetworks._bars(axis, found)
        assert shares.sum() == pytest.approx(1)
        assert (np.diff(places) >= width).all()
        if follows != "softmax":  # a bar for each value
            assert places @ shares == pytest.approx(axis.place(found.exact))
        else:  # moved by half a bar at most
            assert places @ shares == pytest.approx(axis.place(found.exact), abs=4)


def test_two_bars_for_one_unit_as_high_as_they_are_likely():
    shown = has(pixels(draw_subnetworks(1, 0.2, "linear", samples=5)), OUTPUT_WRITTEN)
    heights = shown.sum(axis=0)
    left, right = heights[: 400 * STORED].max(), heights[600 * STORED :].max()
    assert left / right == pytest.approx(0.2 / 0.8, abs=0.02)


@pytest.mark.parametrize(("most", "top"), [(0.06, 0.1), (0.1, 0.1), (0.44, 0.5), (0.51, 1.0), (1.0, 1.0)])
def test_the_scale_of_the_bars_ends_at_a_round_number(most, top):
    with drawn_at(1):
        assert subnetworks._draw_heights(Sheet(820, 400), most) == top


def test_the_bars_stand_on_a_scale_that_is_labelled_right():
    found = find(6, 0.5, "ReLU", samples=5, seed=0)
    _, shares, _ = subnetworks._bars(subnetworks._axis(found.values, "ReLU"), found)
    heights = has(pixels(draw_subnetworks(6, 0.5, "ReLU", samples=5)), OUTPUT_WRITTEN).sum(axis=0)
    whole = (subnetworks.BASE - subnetworks.TOP) * STORED  # stands for 50 %
    assert heights.max() / whole == pytest.approx(shares.max() / 0.5, abs=0.02)


def test_the_parts_are_small_whole_numbers_and_refused_beyond_ten():
    for follows in FOLLOWS:
        parts = example_parts(10, follows)
        assert (parts == np.round(parts)).all()
        assert np.abs(parts).max() < 10
    with pytest.raises(ValueError, match="units must be at most 10, got 11"):
        example_parts(11, "linear")


def test_no_picture_of_subnetworks_is_cut():
    for units, p, follows, samples in product((1, 2, 10), (0.05, 0.95), FOLLOWS, (5, 500)):
        assert_nothing_is_cut(draw_subnetworks(units, p, follows, samples=samples, seed=1))


# Single values or channels


def test_the_best_line_is_least_squares():
    rng = np.random.default_rng(0)
    columns, values = rng.normal(size=(50, 3)), rng.normal(size=50)
    guess, known = best_line(columns, values)
    with_constant = np.column_stack([columns, np.ones(50)])
    theirs = with_constant @ np.linalg.lstsq(with_constant, values, rcond=None)[0]
    np.testing.assert_allclose(guess, theirs, atol=1e-9)
    assert known == pytest.approx(np.corrcoef(theirs, values)[0, 1] ** 2)
    assert best_line(np.zeros((4, 1)), np.array([1.0, 2, 3, 4]))[1] == 0
    assert best_line(np.ones((3, 1)), np.full(3, 7.0))[1] == 0


def test_shuffled_maps_hold_the_same_values_pixel_by_pixel():
    plain, moved = (feature_maps(order).reshape(6, -1) for order in ORDERS)
    assert {tuple(pixel) for pixel in plain.T.round(6)} == {tuple(pixel) for pixel in moved.T.round(6)}
    assert (plain != moved).mean() > 0.5
    assert (plain >= 0).all()


@pytest.mark.parametrize(("kind", "order", "source"), [*product(KINDS, ORDERS, SOURCES)])
def test_only_dropped_values_are_guessed_and_never_with_their_own(kind, order, source):
    found = drop_and_guess(0.5, kind, draw=2, order=order, source=source)
    np.testing.assert_array_equal(found.guess[found.kept], found.maps[found.kept])
    assert 0 <= found.share <= 1
    for c in range(6):
        lost = ~found.kept[c]
        assert np.isnan(found.known[c]) == (not lost.any())
        if lost.any():
            off = found.maps[c][lost] - found.guess[c][lost]
            assert found.known[c] == pytest.approx(1 - (off**2).mean() / found.maps[c][lost].var(), abs=1e-9)
            if kind == "dropout2d" and source == SOURCES[0]:
                assert np.ptp(found.guess[c]) == pytest.approx(0)


@pytest.mark.parametrize("kind", KINDS)
def test_dropped_values_are_hatched_in_the_row_of_all_maps(kind):
    shown, found = pixels(draw_dropped_maps(0.5, kind, draw=3)), drop_and_guess(0.5, kind, draw=3)
    for c in (1, 3, 5):
        hatched = has(part(shown, dropped_maps._across(c), TOP, SMALL), UNREAD)
        np.testing.assert_array_equal(by_value(hatched, SMALL)[1:-1, 1:-1], ~found.kept[c][1:-1, 1:-1])


@pytest.mark.parametrize(("kind", "chosen"), [*product(KINDS, (0, 3, 5))])
def test_the_chosen_map_is_shown_large_before_after_and_guessed(kind, chosen):
    shown = pixels(draw_dropped_maps(0.5, kind, draw=3, chosen=[*FILTERS][chosen]))
    kept, large = drop_and_guess(0.5, kind, draw=3).kept[chosen], dropped_maps.LARGE
    before, after, guessed = (
        part(shown, dropped_maps._beside(i), dropped_maps.BELOW, large)[2:-2, 2:-2] for i in range(3)
    )  # without the frame
    pixel = np.kron(kept, np.ones((large * STORED,) * 2, bool))[2:-2, 2:-2]
    assert (before[pixel] == after[pixel]).all()
    assert (before[pixel] == guessed[pixel]).all()
    hatched = by_value(has(part(shown, dropped_maps._beside(1), dropped_maps.BELOW, large), UNREAD), large)
    np.testing.assert_array_equal(hatched[1:-1, 1:-1], ~kept[1:-1, 1:-1])
    if not kept.all():
        assert (before != guessed).any()


def part(shown: np.ndarray, x: float, y: float, cell: float) -> np.ndarray:
    """The pixels of a map whose values are `cell` CSS pixels wide."""
    side = round(60 * cell * STORED)
    return shown[round(y * STORED) :, round(x * STORED) :][:side, :side]


def by_value(there: np.ndarray, cell: float) -> np.ndarray:
    """Whether anything is there, for each value of a map."""
    side = round(cell * STORED)
    return there.reshape(60, side, 60, side).any(axis=(1, 3))


def test_no_picture_of_maps_is_cut():
    for p, kind, order, source in product((0.05, 0.95), KINDS, ORDERS, SOURCES):
        assert_nothing_is_cut(draw_dropped_maps(p, kind, draw=2, order=order, source=source))


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"chosen must be one of 'soft copy', .*, got 'hard copy'"):
        draw_dropped_maps(0.5, "dropout", chosen="hard copy")
    for wrong in ({"kind": "dropout3d"}, {"order": "sorted"}, {"source": "thin air"}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be one of"):
            drop_and_guess(**({"p": 0.5, "kind": "dropout"} | wrong))


# Overfitting


def test_not_only_the_colour_tells_the_two_lines_apart():
    overfitting.draw_overfitting(0.4, "both", 200, "1 in 5")
    chart = overfitting._chart()
    for lines in (chart.lines, chart.means):
        assert lines["training"].get_linestyle() == "-"
        assert lines["validation"].get_linestyle() == "--"


def test_a_rate_that_was_not_recorded_is_refused():
    with pytest.raises(ValueError, match=r"p must be one of 0, 0\.1, .*, which are recorded, got 0\.25"):
        overfitting.draw_overfitting(0.25, "hidden", 100)


def test_the_axes_depend_on_nothing_but_the_place():
    chart = overfitting._chart()
    for place in PLACES:
        limits = set()
        for p, wrong in product((0.0, 0.8), WRONG):
            overfitting.draw_overfitting(p, place, 200, wrong)
            limits.add((chart.left.get_ylim(), chart.right.get_ylim()))
        assert len(limits) == 1


@pytest.mark.parametrize("place", PLACES)
def test_all_recorded_errors_are_on_the_scale_and_all_losses_but_the_first(place):
    found = results("dropout", "overfitting")
    loss, _, error, _ = overfitting.TOPS[place]
    for p, images, wrong in product(RATES, IMAGES, WRONG):
        run = recorded(found, p, place, images, wrong)
        assert max(run["training_error"] + run["validation_error"]) < error
        assert max(max(run[kind][2][5:]) for kind in ("training", "validation")) < loss


def test_the_same_seed_without_dropout_is_a_thin_line():
    chart = overfitting._chart()
    overfitting.draw_overfitting(0.4, "hidden", 100, "1 in 5", seed=3)
    assert chart.ghost.get_visible()
    without = train(0.0, "hidden", 100, "1 in 5", seed=3)
    np.testing.assert_array_equal(chart.ghost.get_ydata(), without.validation)
    assert (chart.lines["validation"].get_ydata() != without.validation).any()
    overfitting.draw_overfitting(0.0, "hidden", 100, "1 in 5", seed=3)
    assert not chart.ghost.get_visible()


@pytest.mark.parametrize(("p", "place", "images", "wrong"), [(0.0, "input", 100, "none"), (0.8, "both", 400, "1 in 5")])
def test_the_same_setting_is_the_same_picture_whatever_came_before(p, place, images, wrong):
    first = overfitting.draw_overfitting(p, place, images, wrong)
    assert_nothing_is_cut(first)
    overfitting.draw_overfitting(0.4, "both", 200, "1 in 5", seed=1)
    assert overfitting.draw_overfitting(p, place, images, wrong) == first
    shown = pixels(first)
    for colour in (BLUE, VERMILION):
        assert (np.abs(shown - np.array(rgb(colour))).sum(axis=-1) < 24).sum() > 200
