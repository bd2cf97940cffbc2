"""Even loads: lawful groupings, never worse than today's, and the cause where nothing helps."""

from dataclasses import replace
from itertools import pairwise, product
from random import Random

import pytest

from geo.coverage.evening.bottlenecks import Cause
from geo.coverage.evening.evening import Evened, counted, even_out
from geo.coverage.evening.grouping import Grouping
from geo.coverage.evening.growing import grown
from geo.coverage.evening.land import Land
from tests.geo.coverage.evening.lands import assert_lawful, lattice, of, row, with_bands, with_stays

FEW = 60
"""Looks at the clock, of 64 steps each."""


def evened(land: Land, *, looks: int = 2_000) -> Evened:
    return even_out(land, counted(looks))


@pytest.mark.parametrize("seed", range(12))
def test_every_alternative_is_lawful_and_more_even_than_today(seed: int) -> None:
    rng = Random(seed)
    land = with_stays(lattice(6, 4, group=3, rng=rng, villages=1 + seed % 2), rng)
    land = with_bands(land) if seed % 3 == 0 and seed % 2 == 0 else land
    found = evened(land, looks=FEW)
    moved = [land.moved(owners) for owners in found.alternatives]
    for owners in found.alternatives:
        assert_lawful(land, owners)
        assert land.worst(owners) <= land.worst(land.owners) + 1e-9
    assert all(more > fewer for more, fewer in pairwise([*moved, 0.0]))


def brute(land: Land) -> float:
    """The least worst deviation of all lawful groupings."""
    best = land.worst(land.owners)
    for owners in product(range(len(land.parents)), repeat=len(land.loads)):
        members = land.members(owners)
        if all(own and land.parts_of(own) == 1 for own in members):
            best = min(best, land.worst(owners))
    return best


@pytest.mark.parametrize("seed", range(2))
def test_small_land_is_as_even_as_any_grouping_makes_it(seed: int) -> None:
    land = lattice(3, 3, group=3, rng=Random(seed))
    assert land.worst(evened(land).best(land)) == pytest.approx(brute(land))


def test_a_row_with_one_heavy_piece_says_what_it_has_alone() -> None:
    land = row([10, 10, 10, 40, 10, 10, 10], [0, 0, 1, 1, 2, 2, 3])
    found = evened(land)
    (why,) = found.bottlenecks
    assert (why.cause, why.pieces, why.share) == (Cause.PIECE, (3,), 0.4)
    assert land.worst(found.best(land)) == pytest.approx(0.6)


def test_a_row_that_is_as_even_as_it_can_be_keeps_its_lines() -> None:
    land = row([10, 10, 10, 40, 10, 10, 10], [0, 0, 0, 1, 2, 2, 2])
    found = evened(land)
    assert found.alternatives == [] and found.is_settled
    assert found.best(land) == land.owners and found.bottlenecks[0].cause is Cause.PIECE


def test_the_cause_is_told_of_locks_homes_and_of_villages_with_too_much() -> None:
    land = row([10, 10, 30, 30], [0, 0, 1, 1])
    locked = replace(land, closed=[False, True], fixed=[False, False, True, True])
    assert [(one.cause, one.group) for one in evened(locked).bottlenecks] == [(Cause.LOCKED, 1)]
    homes = replace(land, fixed=[False, False, True, True])
    assert [(one.cause, one.pieces) for one in evened(homes).bottlenecks] == [(Cause.FIXED, (2, 3))]
    heavy = row([10, 10, 10, 10, 30, 30, 30, 30], [0, 0, 1, 1, 2, 2, 3, 3], parents=[0, 0, 1, 1])
    assert {one.cause for one in evened(heavy).bottlenecks} == {Cause.PARENT}
    pinned = replace(row([10, 10, 10, 10, 30, 30], [0, 0, 1, 1, 2, 2]), fixed=[False, False, False, True, True, False])
    assert evened(pinned).bottlenecks[0].cause is Cause.PINNED


def test_a_village_whose_line_may_be_crossed_stays_in_one_part() -> None:
    """Above, pieces 0 to 3 are one village; without piece 1, piece 0 would lie apart."""
    land = lattice(4, 2, group=2, rng=Random(1))
    for held, may in ((land, [True, True]), (with_bands(land), [True, False])):
        now = Grouping(held, held.owners, groups=range(4), pieces=range(8))
        assert [now.may_go(piece, 2) for piece in (0, 1)] == may


def test_a_neck_that_all_ways_lead_through_is_named() -> None:
    """The middle of a row cannot reach past its neighbours; around a square it can."""
    loads, owners = [6, 14, 14, 14, 6], [0, 0, 1, 2, 2]
    (why,) = evened(row(loads, owners)).bottlenecks
    assert (why.cause, why.pieces) == (Cause.NARROW, (1, 2, 3))
    square = [10, 10, 1, 10, 10, 1]
    ring = [[((at + way) % 6, 100.0) for way in (-1, 1)] for at in range(6)]
    assert evened(of(square, ring, [0, 0, 0, 1, 1, 1])).bottlenecks == []


def test_what_cannot_be_evened_is_answered_and_never_raised() -> None:
    for land in (row([0, 0, 0], [0, 0, 1]), row([5, 5], [0, 1]), row([5, 0, 0], [0, 1, 2])):
        assert evened(land).alternatives == []
    apart = replace(row([5, 9, 1], [0, 0, 1]), borders=[[], [], []], parts=[2, 1])
    for owners in evened(apart).alternatives:
        assert_lawful(apart, owners)


def test_a_stop_is_heeded_within_the_innermost_loop() -> None:
    land = lattice(12, 12, group=4, rng=Random(1))
    asked = counted(3)
    found = even_out(land, asked)
    assert not found.is_settled
    for owners in found.alternatives:
        assert_lawful(land, owners)


def test_the_same_land_gives_the_same_answer() -> None:
    land = lattice(6, 4, group=3, rng=Random(9))
    assert evened(land, looks=FEW) == evened(land, looks=FEW)


@pytest.mark.parametrize("seed", range(8))
def test_groups_grow_from_seeds_lawfully(seed: int) -> None:
    rng = Random(seed)
    land = with_stays(lattice(6, 4, group=3, rng=rng), rng)
    seeds = {group: max(piece for piece, owner in enumerate(land.owners) if owner == group) for group in range(8)}
    start = grown(land, seeds)
    if start is not None:
        assert_lawful(land, start)
        for owners in even_out(land, counted(FEW), start=start).alternatives:
            assert_lawful(land, owners)


def test_seeds_decide_where_the_search_begins() -> None:
    land = row([1] * 8, [0, 0, 0, 0, 0, 0, 0, 1])
    assert grown(land, {0: 1, 1: 6}) == (0, 0, 0, 0, 1, 1, 1, 1)
    assert grown(land, {0: 1}) is None
