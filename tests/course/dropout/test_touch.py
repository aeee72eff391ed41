"""What can be touched in the pictures of notebook 03, what that sets, and that their words keep to three lines."""

import asyncio
from itertools import product

import numpy as np
import pytest

from cnnkit.course.dropout import mask as masks
from cnnkit.course.dropout import overfitting, subnetworks
from cnnkit.course.dropout.choosing import next_toss, outward
from cnnkit.course.dropout.explorers import CONVENTIONS, ElementOrChannel, Mask, Overfitting, SubNetworks
from cnnkit.course.dropout.maps_numbers import FILTERS, KINDS, ORDERS, SOURCES, which_kept
from cnnkit.course.dropout.mask_numbers import DRAWS, draw_units
from cnnkit.course.dropout.overfitting_numbers import AT_ONCE, PLACES, RATES, STEPS, WRONG, train
from cnnkit.course.dropout.subnetworks_math import FOLLOWS
from cnnkit.course.dropout.subnetworks_numbers import SEEDS, every_mean, find
from cnnkit.course.kit.explorer import Explorer
from cnnkit.course.kit.picture import Area, drawn_at
from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.statements import lines

LINE = 800  # CSS pixels, the widest that a statement may be


def setting(explorer: Explorer, name: str) -> list[Area]:
    """The areas whose chosen cell, or else first, sets `name`."""
    return [a for a in explorer.picture.areas if name in (a.sets(*(a.here or (0, 0))) or {})]


def assert_here_is_now(explorer: Explorer) -> None:
    """A cell that is chosen sets what is set already, and there is one."""
    chosen = [area for area in explorer.picture.areas if area.here]
    assert chosen
    for area in chosen:
        values = area.sets(*area.here)
        assert values == {name: explorer.values[name] for name in values}


# Which of many places


def test_outward_never_stays_where_there_is_something_beyond():
    rng = np.random.default_rng(0)
    for _ in range(200):
        places, now = rng.integers(0, 20, 8), int(rng.integers(8))
        for wanted in range(20):
            found = outward(places, now, wanted)
            if wanted > places[now]:
                beyond = [p for p in places if p >= wanted]
                assert places[found] == (min(beyond) if beyond else max(places))
            elif wanted < places[now]:
                beyond = [p for p in places if p <= wanted]
                assert places[found] == (max(beyond) if beyond else min(places))
            else:
                assert found == now


def test_the_next_toss_goes_round_and_is_none_if_all_coins_fall_alike():
    kept = np.array([False, True, True, False])
    assert [next_toss(kept, now) for now in range(4)] == [1, 3, 3, 1]
    assert next_toss(np.zeros(3, bool), 1) is None


# One draw


@pytest.mark.parametrize("start", [{}, {"units": 7, "p": 0.3}, {"units": 400, "draw": 50}, {"p": 0.2, "scaled": False}])
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_count_that_is_touched_is_dropped_or_the_next_one_beyond(convention, start):
    explorer = Mask(convention=convention, **({"p": 0.4} | start))
    assert_here_is_now(explorer)
    n, drop = explorer.values["units"], explorer.values["p"]
    drop = round(1 - drop, 10) if convention == CONVENTIONS[1] else drop
    counts = [int((~draw_units(n, drop, draw=draw).kept).sum()) for draw in range(1, DRAWS + 1)]
    area = explorer.picture.areas[0]
    now = counts[explorer.values["draw"] - 1]
    assert (area.rows, area.columns, area.here) == (1, n + 1, (0, now))
    assert counts[area.sets(0, 0)["draw"] - 1] == min(counts)
    assert counts[area.sets(0, n)["draw"] - 1] == max(counts)
    for wanted in {*counts}:
        assert counts[area.sets(0, wanted)["draw"] - 1] == wanted


def test_the_arrow_keys_lead_through_all_counts():
    explorer = Mask(p=0.4, units=30)
    explorer.touch(0, 0, 0)
    seen = [explorer.picture.areas[0].here[1]]
    for _ in range(60):
        explorer.touch(0, 0, explorer.picture.areas[0].here[1] + 1)
        seen.append(explorer.picture.areas[0].here[1])
    counts = {int((~draw_units(30, 0.4, draw=draw).kept).sum()) for draw in range(1, DRAWS + 1)}
    assert sorted(set(seen)) == sorted(counts)
    assert seen == sorted(seen)


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_axis_below_sets_the_p_that_makes_a_count_expected(convention):
    explorer = Mask(p=0.4, convention=convention, units=50)
    (area,) = setting(explorer, "p")
    left, _, width, _ = area.box
    for i in (0, 7, 20):
        p = area.sets(0, i)["p"]
        drop = 1 - p if convention == CONVENTIONS[1] else p
        middle = left + (i + 0.5) * width / area.columns
        assert middle == pytest.approx(masks.RIGHT + (50 * drop + 0.5) / 51 * masks.WIDE)
        explorer.touch(1, 0, i)
        assert explorer.values["p"] == p
        assert_here_is_now(explorer)
    explorer.set(training=False)
    assert not setting(explorer, "draw")  # nothing is random


def test_the_sum_that_is_touched_is_that_of_the_draw():
    explorer = Mask(p=0.5, units=40)
    sums = [draw_units(40, 0.5, draw=draw).y.sum() for draw in range(1, DRAWS + 1)]
    area = explorer.picture.areas[2]
    assert sums[area.sets(0, 0)["draw"] - 1] == pytest.approx(min(sums), rel=0.02)
    assert sums[area.sets(0, area.columns - 1)["draw"] - 1] == pytest.approx(max(sums), rel=0.02)
    for wanted in (150, 190, 230):
        column = int(wanted / (2 * draw_units(40, 0.5).h.sum()) * area.columns)
        now = sums[0]
        found = sums[area.sets(0, column)["draw"] - 1]
        beyond = [s for s in sums if (s >= wanted if wanted > now else s <= wanted)]
        assert found == pytest.approx(min(beyond, key=lambda s: abs(s - wanted)), abs=8)


@pytest.mark.parametrize(("units", "p"), [(7, 0.5), (100, 0.4), (390, 0.9)])
def test_a_unit_that_is_touched_is_tossed_until_it_changes(units, p):
    explorer = Mask(units=units, p=p)
    grids = range(len(explorer.picture.areas))[-2:]
    for grid, unit in product(grids, (0, units // 2, units - 1)):
        area = explorer.picture.areas[grid]
        before = draw_units(units, p, draw=explorer.values["draw"]).kept[unit]
        explorer.touch(grid, *divmod(unit, area.columns))
        assert draw_units(units, p, draw=explorer.values["draw"]).kept[unit] != before
    area = explorer.picture.areas[-1]
    for beyond in range(units, area.rows * area.columns):
        assert area.sets(*divmod(beyond, area.columns)) is None
    assert Mask(units=units, p=0.0).picture.areas[-1].sets(0, 0) is None


def test_draws_are_idle_where_all_are_alike():
    explorer = Mask(p=0.5)
    assert not explorer.disabled
    for alike in ({"p": 0.0}, {"p": 1.0}, {"p": 0.5, "training": False}):
        explorer.set(**alike)
        assert explorer.disabled == {"draw"}
        before = explorer.picture
        explorer.set(draw=17)
        assert explorer.picture == before
    assert list(explorer.shown(explorer.values)) == list(Mask.controls)


# All sub-networks


@pytest.mark.parametrize("follows", FOLLOWS)
def test_a_unit_sets_how_many_there_are_and_a_word_what_follows(follows):
    explorer = SubNetworks(follows=follows, units=4)
    assert_here_is_now(explorer)
    (units,) = setting(explorer, "units")
    assert [units.sets(0, i)["units"] for i in (0, 9)] == [1, 10]
    assert units.columns == 10
    (words,) = setting(explorer, "follows")
    assert [words.sets(i, 0)["follows"] for i in range(3)] == list(FOLLOWS)
    assert words.here == (FOLLOWS.index(follows), 0)


@pytest.mark.parametrize(("follows", "seed"), [("linear", 0), ("ReLU", 5), ("softmax", 20)])
def test_a_mean_sets_the_seed_that_gives_it(follows, seed):
    explorer = SubNetworks(follows=follows, seed=seed)
    assert_here_is_now(explorer)
    means = every_mean(6, 0.5, follows, 50)
    assert means[seed] == find(6, 0.5, follows, samples=50, seed=seed).drawn.mean
    (area,) = setting(explorer, "seed")
    assert means[area.sets(0, 0)["seed"]] == means.min()
    axis = subnetworks._axis(find(6, 0.5, follows, samples=50, seed=seed).values, follows)
    last = area.sets(0, area.columns - 1)["seed"]
    assert axis.place(means[last]) == pytest.approx(axis.place(means.max()), abs=subnetworks.PLACE)
    for other in (3, 11):
        column = int((axis.place(means[other]) - area.box[0]) / subnetworks.PLACE)
        found = means[area.sets(0, column)["seed"]]
        assert axis.place(found) == pytest.approx(axis.place(means[other]), abs=subnetworks.PLACE)


def test_the_slider_has_as_many_seeds_as_there_are_marks():
    assert SubNetworks.controls["seed"].values() == list(range(SEEDS))
    assert Mask.controls["draw"].values() == list(range(1, DRAWS + 1))


# Single values or channels


@pytest.mark.parametrize("chosen", FILTERS)
def test_a_map_that_is_touched_is_chosen(chosen):
    explorer = ElementOrChannel(chosen=chosen)
    assert_here_is_now(explorer)
    (area,) = setting(explorer, "chosen")
    assert area.here == (0, [*FILTERS].index(chosen))
    assert [area.sets(0, c)["chosen"] for c in range(6)] == list(FILTERS)


def test_words_set_kind_order_and_source():
    explorer = ElementOrChannel(kind="dropout2d", source="other channels")
    for name, options in (("kind", KINDS), ("order", ORDERS), ("source", SOURCES)):
        (area,) = setting(explorer, name)
        assert [area.sets(0, i)[name] for i in range(2)] == list(options)
        assert area.here == (0, options.index(explorer.values[name]))
        assert area.box[0] + area.box[2] <= explorer.picture.width


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_is_touched_is_tossed_until_it_changes(kind):
    explorer = ElementOrChannel(kind=kind, p=0.4, chosen="dark spots")
    for grid, place in product((-2, -1), ((0, 0), (30, 17), (59, 59))):
        area = explorer.picture.areas[grid]
        before = which_kept(0.4, kind, explorer.values["draw"])[5][place]
        explorer.touch(len(explorer.picture.areas) + grid, *place)
        assert (area.rows, area.columns) == (60, 60)
        assert which_kept(0.4, kind, explorer.values["draw"])[5][place] != before


# Overfitting


@pytest.mark.parametrize("p", RATES)
def test_a_p_that_is_touched_is_trained_with(p):
    explorer = Overfitting(p=p, images=100)
    assert_here_is_now(explorer)
    (area,) = explorer.picture.areas
    assert [area.sets(0, i)["p"] for i in range(area.columns)] == list(RATES)
    assert area.here == (0, RATES.index(p))
    left, _, width, _ = overfitting._chart().box(overfitting._chart().right)
    low, high = overfitting._chart().right.get_xlim()
    middle = area.box[0] + (RATES.index(p) + 0.5) * area.box[2] / area.columns
    assert middle == pytest.approx(left + (p - low) / (high - low) * width)


def test_training_in_pieces_is_training_at_once():
    train.cache_clear()
    work, pieces = train.steps(0.3, "both", 100, "1 in 5", seed=4), 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            bit_by_bit = end.value
            break
        pieces += 1
    assert pieces > STEPS // AT_ONCE
    train.cache_clear()
    at_once = train(0.3, "both", 100, "1 in 5", seed=4)
    np.testing.assert_array_equal(bit_by_bit.training, at_once.training)
    np.testing.assert_array_equal(bit_by_bit.validation, at_once.validation)
    assert bit_by_bit[2:] == at_once[2:]


def test_a_page_is_told_at_once_that_it_computes_and_gets_what_set_gives():
    train.cache_clear()
    explorer, told = Overfitting(images=100), []
    explorer.watch(lambda: told.append(explorer.computing))

    async def page() -> None:
        explorer.move(seed=11)
        assert told == [True]
        explorer.move(seed=12)  # and what is outdated is dropped
        while explorer.computing:
            await asyncio.sleep(0)

    asyncio.run(page())
    assert told[-1] is False
    assert explorer.picture == Overfitting(images=100, seed=12).picture
    (without,) = [key for key in train._known if dict(key[1])["seed"] == 12 and key[0][0] == 0]
    assert without  # the line to compare with was computed bit by bit, too
    assert not [key for key in train._known if dict(key[1])["seed"] == 11]


def test_what_shows_something_can_be_played():
    played = {kind: {n for n, c in kind.controls.items() if getattr(c, "play", False)} for kind in STARTS}
    assert played == {Mask: {"draw"}, SubNetworks: {"seed"}, ElementOrChannel: {"draw"}, Overfitting: {"p", "seed"}}


# Words


STARTS = {
    Mask: {
        "p": (0.0, 0.05, 0.35, 0.95, 1.0), "units": (1, 333, 399, 400), "convention": CONVENTIONS,
        "scaled": (True, False), "training": (True, False), "draw": (1, 50),
    },
    SubNetworks: {
        "units": (1, 6, 10), "p": (0.05, 0.5, 0.95), "follows": FOLLOWS, "samples": (5, 500), "seed": (0, 20),
    },
    ElementOrChannel: {
        "p": (0.05, 0.95), "kind": KINDS, "source": SOURCES, "order": ORDERS, "chosen": tuple(FILTERS),
        "draw": (1, 2, 20),
    },
    Overfitting: {"p": (0.0, 0.5, 0.8), "place": PLACES, "images": (100, 400), "wrong": WRONG, "seed": (0,)},
}  # fmt: skip


@pytest.mark.parametrize("kind", STARTS)
def test_three_lines_that_fit_and_one_result_in_bold(kind):
    options = STARTS[kind]
    for setting in product(*options.values()):
        explorer = kind(**dict(zip(options, setting, strict=True)))
        marked = explorer.picture.marked
        assert not explorer.picture.card
        assert len(lines(marked)) <= 3, marked
        assert marked.count("**") in (2, 4), marked
        for line in lines(marked):
            assert text_width(line, 14) <= LINE, line
            assert line.endswith(".")


@pytest.mark.parametrize("kind", STARTS)
def test_areas_are_the_same_on_every_screen(kind):
    explorer = kind()
    for pixels in (1, 2, 3):
        with drawn_at(pixels):
            areas = kind().picture.areas
        assert [(a.rows, a.columns, a.here) for a in areas] == [
            (a.rows, a.columns, a.here) for a in explorer.picture.areas
        ]
        for area in areas:
            left, top, width, height = area.box
            assert left >= 0
            assert top >= 0
            assert left + width <= 821
            assert top + height <= explorer.picture.height + 1
