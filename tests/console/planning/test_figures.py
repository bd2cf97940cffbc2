"""Figures of a draft: a recount, wherever the lines go; sums over a level are the whole's."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from numpy.random import Generator

from console.planning.carrying import share_out
from console.planning.communities import Communities
from console.planning.counts import Facts, Near, Tally, tally, tally_after
from console.planning.figures import Figures, Row
from console.planning.homes import Worker, homes_left
from console.planning.touching import changed_between, touched
from geo.coverage.building import build_coverage
from geo.coverage.divisions import Division
from geo.coverage.editing.applying import apply
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.splitting import Split
from geo.coverage.refusals import PlanRefused
from geo.coverage.topology import Coverage
from geo.travel import DEFAULT_MODES, travel_time
from tests.geo.coverage.made import at, drawn_county, grid, micro, square, squares, town
from tests.property.editing import MAKERS

CLASSES = ("consult", "dispute", "hazard")
TRAVEL = travel_time(DEFAULT_MODES)
ROOT = "320509"
SUMMED = ("incidents", "workload_minutes", "households", "enterprises", "cameras", "open_incidents")
ON_THESE_LINES = (*SUMMED, "communities_split")
"""Figures whose sum over the divisions of each level is the whole's; splits alone are not the same before and after."""
SEQUENCES, STEPS = 20, 8


def made_up(coverage: Coverage, rng: Generator, *, count: int = 150) -> Facts:
    """Incidents and cameras anywhere, on corners and in the middle of borders, with counts of some divisions."""
    west, south, east, north = coverage.outer.bounds
    anywhere = rng.random((count, 2)) * (east - west, north - south) + (west, south)
    corners = rng.choice(shapely.get_coordinates(coverage.polygons), size=count // 3)
    lines = [edge.line for edge in coverage.edges.values()]
    halfway = [np.mean(lines[i][:2], axis=0) for i in rng.integers(len(lines), size=count // 3)]
    points = np.concatenate([anywhere, corners, halfway])
    n = len(points)
    class_at, is_camera = rng.integers(-1, len(CLASSES), size=n), (rng.random(n) < 0.2).astype(np.int64)
    class_at[is_camera > 0] = -1
    counts = {code: None if rng.random() < 0.1 else int(rng.integers(0, 400)) for code in coverage.finest}
    return Facts(
        points=points,
        classes=CLASSES,
        class_at=class_at,
        minutes=np.where(class_at >= 0, rng.integers(5, 90, size=n), 0),
        is_open=np.where(is_camera > 0, 0, rng.integers(0, 2, size=n)),
        is_camera=is_camera,
        households=counts,
        enterprises={code: count and count // 10 for code, count in counts.items()},
        communities=Communities(
            [shapely.Point(*place).buffer((east - west) * rng.uniform(0.01, 0.1)) for place in anywhere[:40]]
        ),
    )


def split_on(coverage: Coverage, facts: Facts) -> Counter[str]:
    """Count the communities of which two grids have a part, one by one: each in what has most of it, and all above."""
    found = Counter[str]()
    for community in facts.communities.shapes if facts.communities else ():
        grids = [code for code, one in coverage.divisions.items() if one.level == "grid"]
        parts = [coverage.outline(code).intersection(community).area >= 0.05 * community.area for code in grids]
        if sum(parts) > 1:
            own = max(coverage.finest, key=lambda code: coverage.shapes[code].intersection(community).area)
            found.update([own, *coverage.tree.above(own)])
    return found


def counted_on(before: Tally, coverage: Coverage) -> Tally:
    return tally_after(before, coverage, touched(before.coverage, coverage))


def recount(coverage: Coverage, facts: Facts) -> dict[str, Row]:
    """Count point by point: each in the first by path of the divisions around it."""
    found = {code: Counter[str]() for code in coverage.divisions}
    for i, point in enumerate(map(shapely.Point, facts.points.tolist())):
        around = [code for code in coverage.finest if coverage.shapes[code].intersects(point)]
        if not around:
            continue
        own = min(around, key=coverage.tree.path)
        for code in (own, *coverage.tree.above(own)):
            found[code]["cameras"] += int(facts.is_camera[i])
            found[code]["open_incidents"] += int(facts.is_open[i])
            if facts.class_at[i] >= 0:
                found[code]["incidents"] += 1
                found[code][CLASSES[facts.class_at[i]]] += 1
                found[code]["workload_minutes"] += 0 if facts.minutes is None else int(facts.minutes[i])
    return {code: dict(counts) for code, counts in found.items()}


def assert_recounted(counts: Tally) -> None:
    """Compare every division's figures with a recount, and the sums of every level with the whole."""
    coverage, expected = counts.coverage, recount(counts.coverage, counts.facts)
    rows = Figures(counts, TRAVEL).of(coverage.divisions)
    splits = split_on(coverage, counts.facts)
    for code, row in rows.items():
        for name in ("incidents", "cameras", "open_incidents", "workload_minutes"):
            assert row[name] == expected[code].get(name, 0), (code, name)
        assert row["by_class"] == {name: expected[code][name] for name in CLASSES if name in expected[code]}
        assert row["communities_split"] == splits[code]
        shape = coverage.plane.flatten(coverage.outline(code))
        assert row["compactness"] == pytest.approx(4 * np.pi * shape.area / shape.length**2, abs=1e-3)
    for level in coverage.levels:
        same = [row for code, row in rows.items() if coverage.divisions[code].level == level]
        for name in ON_THESE_LINES:
            assert sum(row[name] or 0 for row in same) == rows[next(iter(rows))][name], (level, name)


def drafts(coverage: Coverage, rng: Generator) -> Iterator[Coverage]:
    """Yield what a coverage becomes by operations of all kinds, some of which are refused."""
    for _ in range(STEPS):
        maker = MAKERS[rng.integers(len(MAKERS))]
        try:
            coverage = apply(coverage, maker(coverage, rng.random(12).tolist())).coverage
        except PlanRefused:
            continue
        yield coverage


@pytest.mark.parametrize("number", range(SEQUENCES))
def test_figures_are_a_recount_and_sum_to_the_whole_whatever_is_drawn(number: int) -> None:
    rng = np.random.default_rng(number)
    base = squares() if number % 3 else drawn_county(24, seed=7)
    before = tally(base, made_up(base, rng))
    assert_recounted(before)
    for code, row in Figures(before, TRAVEL).of(base.divisions).items():
        known = [before.facts.households[one] for one in base.tree.finest_below([code])]
        assert row["households"] == (
            sum(n for n in known if n is not None) if any(n is not None for n in known) else None
        )
    whole = Figures(before, TRAVEL).of([ROOT])[ROOT]
    *_, last = drafts(base, rng)
    assert last is not base
    after = counted_on(before, last)
    assert_recounted(after)
    now = Figures(after, TRAVEL).of([ROOT])[ROOT]
    assert {name: now[name] for name in SUMMED} == {name: whole[name] for name in SUMMED}


@pytest.mark.parametrize("number", range(0, SEQUENCES, 2))
def test_counts_from_those_of_the_draft_are_the_same_as_from_the_base(number: int) -> None:
    rng = np.random.default_rng(number)
    base = drawn_county(24, seed=7) if number else squares()
    before = tally(base, made_up(base, rng))
    was, change, kept = base, touched(base, base), before
    for last in drafts(base, rng):
        step, plain = touched(was, last), touched(base, last)
        assert touched(base, last, near=(was, change)) == plain
        found = tally_after(before, last, plain, near=Near(kept, step))
        expected = tally_after(before, last, plain)
        assert found.owners.tolist() == expected.owners.tolist() == tally(last, before.facts).owners.tolist()
        assert found.sums.tolist() == expected.sums.tolist()
        assert found.work == expected.work == tally(last, before.facts).work
        assert found.households.tolist() == expected.households.tolist()
        assert Figures(found, TRAVEL).of(last.divisions) == Figures(expected, TRAVEL).of(last.divisions)
        was, change, kept = last, plain, found


def test_undone_figures_are_the_very_same() -> None:
    base = squares()
    before = tally(base, made_up(base, np.random.default_rng(3)))
    done = apply(base, Merge((micro(0, 0), micro(1, 0))))
    back = apply(done.coverage, done.inverse).coverage
    assert counted_on(before, done.coverage).owners.tolist() != before.owners.tolist()
    assert Figures(counted_on(before, back), TRAVEL).of(back.divisions) == Figures(before, TRAVEL).of(base.divisions)
    assert changed_between(base, back) == ()


def test_households_are_exact_when_merged_and_estimated_when_cut() -> None:
    base = squares()
    counts = {code: 10 * i for i, code in enumerate(base.finest)}
    before = tally(base, Facts(*none(), households=counts, enterprises={}))
    one, other = micro(0, 0), micro(1, 0)
    merged = apply(base, Merge((one, other))).coverage
    row = Figures(counted_on(before, merged), TRAVEL).of([one])[one]
    assert (row["households"], row["enterprises"], row["estimated"]) == (counts[one] + counts[other], None, False)
    cut = apply(base, Split(other, (at(1.2, -0.1), at(1.2, 1.1)))).coverage
    rows = Figures(counted_on(before, cut), TRAVEL).of([other, "new_1", grid(0, 0), ROOT])
    assert sorted(rows[code]["households"] for code in (other, "new_1")) == [2, 8]
    assert [rows[code]["estimated"] for code in (other, "new_1", grid(0, 0))] == [True] * 3
    assert rows[ROOT]["households"] == sum(counts.values())


def none() -> tuple[np.ndarray, tuple[str, ...], np.ndarray, None, np.ndarray, np.ndarray]:
    """No points at all."""
    empty = np.array([], dtype=np.int64)
    return np.empty((0, 2)), CLASSES, empty, None, empty, empty


def test_figures_without_history_are_null_and_no_nan() -> None:
    counts = tally(squares(), Facts(*none()))
    for row in Figures(counts, TRAVEL).of(counts.coverage.divisions).values():
        for name in ("workload_minutes", "load_deviation", "households", "farthest_minutes", "communities_split"):
            assert row[name] is None, name
        assert row["incidents"] == row["cameras"] == 0


def test_the_farthest_corner_is_as_far_as_the_nearest_worker_of_the_grid() -> None:
    base, south = squares(), grid(0, 0)
    home = at(0.0, 0.0)
    alone = tally(base, Facts(*none(), workers=(Worker(*home, "walk", south),)))
    rows = Figures(alone, TRAVEL).of([south, grid(0, 1), town(0), ROOT, micro(0, 0)])
    way = np.hypot(*(np.array(at(2, 2)) - home) * base.plane.scale)
    assert rows[south]["farthest_minutes"] == pytest.approx(TRAVEL(float(way), "walk"), rel=0.01)
    assert rows[town(0)]["farthest_minutes"] == rows[ROOT]["farthest_minutes"] == rows[south]["farthest_minutes"]
    assert rows[grid(0, 1)]["farthest_minutes"] is None and rows[micro(0, 0)]["farthest_minutes"] is None
    two = (Worker(*home, "walk", south), Worker(*at(2.0, 2.0), "walk", south))
    shared = Figures(tally(base, Facts(*none(), workers=two)), TRAVEL).of([south])[south]
    assert shared["farthest_minutes"] == pytest.approx(rows[south]["farthest_minutes"] / 2**0.5, rel=0.05)


def test_a_worker_of_a_grid_that_has_ended_is_the_one_s_around_their_home() -> None:
    base, south, north = squares(), grid(0, 0), grid(0, 1)
    before = tally(base, Facts(*none(), workers=(Worker(*at(0.5, 3.5), "walk", north),)))
    merged = apply(base, Merge((south, north))).coverage
    assert Figures(counted_on(before, merged), TRAVEL).of([south])[south]["farthest_minutes"] > 0


def test_a_grid_that_is_parted_from_its_worker_s_home_is_told() -> None:
    base, south, north = squares(), grid(0, 0), grid(0, 1)
    worker, other = Worker(*at(0.5, 1.5), "walk", south), Worker(*at(3.5, 3.5), "walk", south)
    moved = apply(base, Reassign((micro(0, 1),), north)).coverage
    assert homes_left(base, moved, (worker, other), grids={south, north}) == [(worker, north)]
    assert homes_left(base, moved, (worker, other), grids={north}) == []
    assert homes_left(base, apply(base, Merge((north, south))).coverage, (worker,), grids={south, north}) == []


def test_load_deviation_is_against_the_mean_of_the_level_and_the_whole_names_the_worst_grid() -> None:
    base = squares()
    points = np.array([at(0.5, 1.5), at(0.6, 1.5), at(2.5, 0.5), at(2.5, 2.5)])
    ones = np.ones(4, dtype=np.int64)
    counts = tally(base, Facts(points, CLASSES, 0 * ones, 30 * ones, 0 * ones, 0 * ones))
    rows = Figures(counts, TRAVEL).of([grid(0, 0), grid(0, 1), grid(1, 0), town(0), ROOT])
    assert [rows[code]["load_deviation"] for code in (grid(0, 0), grid(0, 1), grid(1, 0), town(0))] == [1, -1, 0, 0]
    assert rows[ROOT]["load_deviation"] == 1
    moved = apply(base, Reassign((micro(0, 1),), grid(0, 1))).coverage
    after = Figures(counted_on(counts, moved), TRAVEL).of([grid(0, 1)])
    assert after[grid(0, 1)]["load_deviation"] == 1


@pytest.mark.parametrize(
    ("count", "shares", "parts"),
    [(85, [0.085, 0.915], [7, 78]), (10, [1, 1, 1], [4, 3, 3]), (0, [1, 2], [0, 0]), (1, [1e-6, 1], [0, 1])],
)
def test_a_count_is_shared_out_in_whole_numbers_and_keeps_its_total(
    count: int, shares: list[float], parts: list[int]
) -> None:
    assert share_out(count, np.array(shares)).tolist() == parts


def test_work_is_counted_where_a_village_has_nothing_below() -> None:
    divisions = [Division("c", "c", "county", None), Division("v1", "v1", "village", "c")]
    divisions += [Division("v2", "v2", "village", "c"), Division("g1", "g1", "grid", "v2")]
    shapes = {"v1": square(0, 0), "g1": square(1, 0)}
    coverage = build_coverage(divisions, shapes, levels=("county", "village", "grid"))
    one = np.ones(2, dtype=np.int64)
    facts = Facts(np.array([at(0.5, 0.5), at(1.5, 0.5)]), CLASSES, 0 * one, np.array([10, 30]), one, 0 * one)
    rows = Figures(tally(coverage, facts), TRAVEL).of(["v1", "v2", "g1", "c"])
    assert [rows[code]["workload_minutes"] for code in ("v1", "v2", "g1", "c")] == [10, 30, 30, 40]
    assert [rows[code]["load_deviation"] for code in ("v1", "v2", "g1", "c")] == [-0.5, 0.5, 0, 0]
