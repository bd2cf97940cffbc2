"""Sites on drawn lines: what they search can be drawn, and what must stay does."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from console.planning.counts import Facts, tally
from console.planning.drafts import Base, Draft
from console.planning.homes import Worker
from console.planning.lines import draw
from console.planning.proposals import site
from console.planning.proposals.answering import Alternative, Measuring, better_than
from console.planning.proposals.rules import BadSeeds, NothingToEven, Wish
from console.planning.proposals.site import Site, site_of
from geo.coverage.building import build_coverage
from geo.coverage.checking import check_coverage
from geo.coverage.editing.applying import apply
from geo.coverage.editing.attributes import Lock
from geo.coverage.editing.operations import Batch, stored_operation_of
from geo.coverage.evening.evening import counted, even_out
from geo.coverage.evening.redrawing import redrawn
from geo.coverage.measures import same_land
from geo.coverage.refusals import Crosses
from geo.coverage.topology import Coverage
from geo.travel import DEFAULT_MODES, travel_time
from tests.console.planning.test_figures import made_up
from tests.geo.coverage.evening.lands import assert_lawful
from tests.geo.coverage.made import at, drawn_county, grid, micro, squares, town, village

TRAVEL = travel_time(DEFAULT_MODES)
ROOT = "320509"
WORK = {"workload_minutes": 1.0}
HOUSEHOLDS = {"households": 1.0}


def wish(within: str = "village", *, division: str = ROOT, **fields: object) -> Wish:
    made = {"weights": HOUSEHOLDS, **fields}
    return Wish(level="grid", division=division, within=within, **made)  # type: ignore[arg-type]


def measuring(coverage: Coverage, facts: Facts, asked: Wish) -> Measuring:
    counts = tally(coverage, facts)
    base = Base((ROOT, date(2026, 1, 1), ""), coverage, (), facts.households, facts.enterprises)
    return Measuring(Draft(base, coverage), site_of(coverage, counts, asked), counts, TRAVEL)


def facts_of(coverage: Coverage, households: dict[str, int], workers: tuple[Worker, ...] = ()) -> Facts:
    none = np.array([], dtype=np.int64)
    counts = {code: households.get(code, 1) for code in coverage.finest}
    return Facts(np.zeros((0, 2)), (), none, None, none, none, workers, counts, counts)


def alternatives(site: Site) -> Iterator[tuple[int, ...]]:
    yield from even_out(site.land, counted(250)).alternatives


def moved_by(one: Alternative) -> list[str]:
    return [code for step in one.operation["operations"] for code in step["codes"]]


@pytest.mark.parametrize("within", ["village", "town", "county"])
def test_every_alternative_can_be_drawn_on_real_borders(within: str) -> None:
    coverage = drawn_county(60)
    facts = made_up(coverage, np.random.default_rng(4))
    locked = "320509001001001"
    held = apply(coverage, Lock((locked,))).coverage
    measured = measuring(held, facts, wish(within))
    drawn = [measured.alternative(owners) for owners in alternatives(measured.site)]
    found = better_than(measured.today(), drawn)
    assert found and found == drawn
    for one in found:
        after = draw(held, one.operation).coverage
        assert not check_coverage(after)
        assert {*after.tree.children[locked]} == {*coverage.tree.children[locked]}
        today, then = measured.today(), one.summary
        assert (abs(then.load_deviation), then.spread) < (abs(today.load_deviation), today.spread)
        assert one.before[ROOT]["workload_minutes"] == one.after[ROOT]["workload_minutes"]
        assert then.moved_households == sum(facts.households[code] or 0 for code in moved_by(one))
        if within == "village":
            for code in (code for code, each in after.divisions.items() if each.level == "village"):
                assert after.outline(code).equals(coverage.outline(code))


def test_what_is_locked_and_the_homes_of_workers_stay() -> None:
    coverage = apply(squares(), Lock((micro(1, 0),))).coverage
    worker = Worker(*at(0.5, 0.5), "walk", grid(0, 0))
    elsewhere = Worker(*at(0.5, 2.5), "walk", grid(0, 0))
    facts = facts_of(coverage, {}, (worker, elsewhere))
    site = site_of(coverage, tally(coverage, facts), wish())
    assert [code for code, stays in zip(site.pieces, site.land.fixed, strict=True) if stays] == [
        micro(0, 0),
        micro(1, 0),
    ]
    free = site_of(coverage, tally(coverage, facts), wish(keep_homes=False))
    assert sum(free.land.fixed) == 1
    whole = apply(squares(), Lock((village(0),))).coverage
    closed = site_of(whole, tally(whole, facts), wish()).land
    assert list(closed.closed) == [True, True, False, False] and sum(closed.fixed) == 8


def test_corners_make_no_neighbours_and_parents_are_those_within() -> None:
    coverage = squares()
    facts = facts_of(coverage, {})
    site = site_of(coverage, tally(coverage, facts), wish())
    middle = site.pieces.index(micro(1, 1))
    near = [site.pieces[other] for other in site.land.neighbours[middle]]
    assert sorted(near) == sorted([micro(0, 1), micro(2, 1), micro(1, 0), micro(1, 2)])
    assert list(site.land.parents) == [0, 0, 1, 1]
    assert list(site_of(coverage, tally(coverage, facts), wish("county")).land.parents) == [0, 0, 0, 0]
    assert {*site_of(coverage, tally(coverage, facts), wish(division=town(0))).groups} == {grid(0, 0), grid(0, 1)}


def test_seeds_begin_each_group_and_are_refused_where_they_cannot() -> None:
    coverage = squares()
    counts = tally(coverage, facts_of(coverage, {}))
    places = [at(0.5, 0.5), at(1.5, 0.5), at(2.5, 2.5), at(2.5, 0.5)]
    site = site_of(coverage, counts, wish(seeds=places))
    assert {site.groups[group]: site.pieces[piece] for group, piece in site.seeds.items()} == {
        grid(0, 0): micro(0, 0),
        grid(0, 1): micro(1, 0),
        grid(1, 0): micro(2, 0),
        grid(1, 1): micro(2, 2),
    }
    for wrong in (places[:3], [*places[:3], places[0]], [*places[:3], at(9, 9)], [*places[:3], at(0.5, 1.5)]):
        with pytest.raises(BadSeeds):
            site_of(coverage, counts, wish(seeds=wrong))


def test_without_work_or_groups_nothing_can_be_evened() -> None:
    coverage = squares()
    counts = tally(coverage, facts_of(coverage, {}))
    with pytest.raises(NothingToEven):
        site_of(coverage, counts, wish(weights=WORK))
    with pytest.raises(NothingToEven):
        site_of(coverage, counts, Wish("village", town(0), "town", HOUSEHOLDS))


def test_what_is_no_better_on_its_own_lines_is_left_out() -> None:
    """Points on borders belong to the division whose path comes first: they may change hands with its group."""
    coverage = drawn_county(60)
    facts = made_up(coverage, np.random.default_rng(4))
    measured = measuring(coverage, facts, wish(weights=WORK))
    drawn = [measured.alternative(owners) for owners in alternatives(measured.site)]
    found = better_than(measured.today(), drawn)
    today = measured.today().uneven
    assert [one for one in drawn if one.summary.uneven < today] and all(one.summary.uneven < today for one in found)
    moved = [one.summary.moved_households or 0 for one in found]
    assert moved == sorted(moved, reverse=True)


@cache
def grids_alone() -> Coverage:
    """A drawn county whose grids have nothing below."""
    drawn = drawn_county(60)
    kept = [one for one in drawn.divisions.values() if one.level != "micro_grid"]
    shapes = {one.code: drawn.outline(one.code) for one in kept if one.level == "grid"}
    return build_coverage(kept, shapes, levels=drawn.levels[:-1])


@pytest.mark.parametrize("within", ["village", "county"])
def test_grids_without_micro_grids_are_evened_by_cells(within: str) -> None:
    coverage = grids_alone()
    locked = coverage.finest[0]
    held = apply(coverage, Lock((locked,))).coverage
    measured = measuring(held, made_up(coverage, np.random.default_rng(4), count=600), wish(within, weights=WORK))
    site = measured.site
    assert site.piece_level == "cell" and len(site.pieces) > 20 * len(site.groups)
    assert_lawful(site.land, site.land.owners)
    drawn = [measured.alternative(owners) for owners in alternatives(site)]
    found = better_than(measured.today(), drawn)
    assert found
    for one in found:
        after = draw(held, one.operation).coverage
        assert not check_coverage(after)
        assert after.finest == held.finest and after.shapes[locked].equals(held.shapes[locked])
        assert one.before[ROOT]["workload_minutes"] == one.after[ROOT]["workload_minutes"]
        assert one.before[ROOT]["households"] == one.after[ROOT]["households"]
        if within == "village":
            for code in (code for code, each in after.divisions.items() if each.level == "village"):
                assert same_land(after.outline(code), coverage.outline(code))
        back = apply(held, stored_operation_of(one.operation))
        assert apply(back.coverage, back.inverse).coverage.as_bytes() == held.as_bytes()


def test_where_straightened_lines_cannot_be_drawn_the_cells_lines_are(monkeypatch: pytest.MonkeyPatch) -> None:
    coverage = grids_alone()
    measured = measuring(coverage, made_up(coverage, np.random.default_rng(4), count=300), wish(weights=WORK))
    owners = next(alternatives(measured.site))

    def refusing(*land: Any, straightened: float = 0.75) -> Batch:
        if straightened:
            raise Crosses
        return redrawn(*land, straightened=0.0)

    straight = measured.alternative(owners)
    monkeypatch.setattr(site, "redrawn", refusing)
    stairs = measured.alternative(owners)
    assert stairs.operation != straight.operation
    assert not check_coverage(draw(coverage, stairs.operation).coverage)
