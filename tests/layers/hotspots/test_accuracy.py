"""Hotspots measured against the busiest cells of the four weeks before."""

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from geo.cells import adjacency, cell_of, disk
from geo.statistics import Floats, Neighbourhoods
from geo.store import Reach, Store
from layers.hotspots.accuracy import MEASURED_WEEKS, Accuracy, busiest, measure
from layers.hotspots.actions import count_incidents
from layers.hotspots.measuring import read_unmeasured
from layers.hotspots.queries import HotspotReader
from layers.hotspots.rules import CountedIncident, View
from tests.worlds import NOW, ROOT, World

CELLS = sorted(disk(cell_of(120.6, 31.1, 9), 10))
AROUND = Neighbourhoods(adjacency(CELLS))
QUIET, BUSY, LATELY = 0, 100, 250


def weeks(*planted: dict[int, int]) -> Floats:
    """Counts of cells by week, the latest first: those planted, and nothing else."""
    grid = np.zeros((len(CELLS), len(planted)))
    for week, counts in enumerate(planted):
        for cell, n in counts.items():
            grid[cell, week] = n
    return grid


def measured(grid: Floats, *, known: int | None = None) -> Accuracy:
    weeks_known = grid.shape[1] if known is None else known
    return measure(grid, known=weeks_known, neighbourhoods=AROUND, least_hot=3)


@pytest.mark.parametrize("known", [0, 1, 4])
def test_a_record_shorter_than_five_weeks_tells_nothing(known: int) -> None:
    found = measured(weeks(*[{BUSY: 9}] * 5), known=known)
    assert (found.verdict, found.weeks, found.hot.hit_rate) == ("unknown", 0, None)


def test_hotspots_that_name_the_usual_cells_are_no_better() -> None:
    found = measured(weeks(*[{BUSY: 9, QUIET: 1}] * 5))
    assert (found.verdict, found.weeks, found.incidents, found.cells) == ("not_better", 1, 10, 1)
    assert found.hot == found.usual
    assert found.hot.hits == 9 and found.hot.hit_rate == pytest.approx(0.9)
    assert found.hot.pai == pytest.approx(0.9 * len(CELLS))


def test_hotspots_are_better_where_incidents_follow_last_week_rather_than_the_month() -> None:
    found = measured(weeks({LATELY: 12}, {LATELY: 12}, {BUSY: 9}, {BUSY: 9}, {BUSY: 9}))
    assert found.verdict == "better"
    assert (found.hot.hits, found.usual.hits) == (12, 0)


def test_a_lead_that_chance_would_have_as_well_is_no_better() -> None:
    found = measured(weeks({LATELY: 4}, {LATELY: 12}, {BUSY: 9}, {BUSY: 9}, {BUSY: 9}))
    assert (found.verdict, found.hot.hits, found.usual.hits) == ("not_better", 4, 0)


def test_hotspots_that_did_worse_are_not_better() -> None:
    found = measured(weeks({BUSY: 12}, {LATELY: 12}, {BUSY: 9}, {BUSY: 9}, {BUSY: 9}))
    assert (found.verdict, found.hot.hits, found.usual.hits) == ("not_better", 0, 12)


def test_weeks_without_hotspots_are_left_out() -> None:
    quiet = measured(weeks(*[{QUIET: 1, BUSY: 1}] * 6))
    assert (quiet.verdict, quiet.weeks, quiet.area_share) == ("no_hotspots", 0, None)
    mixed = measured(weeks({BUSY: 5}, {BUSY: 9}, {}, *[{BUSY: 9}] * 4))
    assert (mixed.weeks, mixed.incidents) == (2, 5)


def test_what_a_week_itself_brought_is_not_in_its_forecast() -> None:
    """Nor weeks beyond the twelve that are measured."""
    found = measured(weeks({LATELY: 90}, *[{BUSY: 9}] * 20))
    assert (found.weeks, found.hot.hits) == (MEASURED_WEEKS, 9 * (MEASURED_WEEKS - 1))


def test_the_busiest_cells_are_as_many_as_asked_for() -> None:
    assert np.flatnonzero(busiest(np.array([1.0, 5.0, 5.0, 2.0]), most=2)).tolist() == [1, 2]
    assert not busiest(np.array([3.0]), most=0).any()


async def test_the_weeks_are_whole_ones_and_only_those_within_the_record_count(store: Store, world: World) -> None:
    path = world.micro_grids()[6]
    one = CountedIncident(path, *world.middle_of(path), "dispute.family", NOW)
    each_week = [replace(one, occurred_at=NOW - timedelta(weeks=week, days=3)) for week in range(7)]
    async with store.transaction(Reach(scope=ROOT)) as session:
        await count_incidents(session, [one] * 50 + each_week * 9)
        reader = HotspotReader(scope=ROOT, now=NOW, day=date(2026, 3, 2), least_hot=3)
        unmeasured = await read_unmeasured(session, reader, View(window="7d"), end=NOW)
    found = await unmeasured.measured()
    assert (found.weeks, found.incidents) == (2, 18), "six weeks are whole, the seventh begins within the record"
    assert found.hot.pai is not None and math.isclose(found.hot.hit_rate or 0, 1)
