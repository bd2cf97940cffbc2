"""Hotspots from counts, for readers of different reach."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon

from geo.cells import cell_of, cells_touching, centre, disk
from geo.store import Reach, Store
from layers.divisions.actions import replace_divisions
from layers.divisions.queries import find_outline
from layers.divisions.rules import NewDivision
from layers.hotspots.actions import count_incidents, share_out_exposure
from layers.hotspots.cell_sets import CellSet, CellSets
from layers.hotspots.queries import HotspotReader, cell_set_version, find_cell_set, read_counts, read_unrated
from layers.hotspots.rules import (
    LEAST_INCIDENTS,
    QUARTER,
    WINDOWS,
    CountedIncident,
    HotCell,
    Hotspots,
    View,
    masked_view,
    spans,
)
from tests.worlds import EAST, NOW, ROOT, WEST, World

TODAY = date(2026, 3, 2)
LONG_AGO = timedelta(days=400)


def leaf(world: World, i: int) -> str:
    return world.micro_grids()[i]


def seen(world: World, i: int, *, ago: timedelta = timedelta(0), category: str = "dispute.family") -> CountedIncident:
    """An incident in the middle of the i-th micro-grid."""
    path = leaf(world, i)
    return CountedIncident(path, *world.middle_of(path), category, NOW - ago)


def cell(world: World, i: int, res: int) -> int:
    """The cell around the middle of the i-th micro-grid."""
    return cell_of(*world.middle_of(leaf(world, i)), res)


async def look(
    store: Store,
    view: View,
    *,
    scope: str = ROOT,
    least_hot: int = LEAST_INCIDENTS,
    cell_sets: CellSets | None = None,
) -> Hotspots:
    eyes = HotspotReader(scope=scope, now=NOW, day=TODAY, least_hot=least_hot, cell_sets=cell_sets or CellSets())
    async with store.transaction(Reach(scope=scope)) as session:
        unrated = await read_unrated(session, eyes, view)
    return await unrated.rated()


async def count(store: Store, *all_seen: CountedIncident) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await count_incidents(session, all_seen)


def at(found: Hotspots, cell: int) -> HotCell:
    return next(hot for hot in found.cells if hot.cell == cell)


async def test_a_planted_cluster_is_found_and_is_new(store: Store, world: World) -> None:
    others = [seen(world, i) for i in (1, 5, 9, 13)]
    await count(store, *others, *[seen(world, 6)] * 12, seen(world, 0, ago=LONG_AGO))
    found = await look(store, View())
    planted = at(found, cell(world, 6, 9))
    assert planted.count == 12 and planted.klass == "new" and planted.z > 3 and planted.q < 0.001
    assert {hot.klass for hot in found.cells if hot.cell != planted.cell} == {"none"}
    assert found.total == 16


@pytest.mark.parametrize("window", WINDOWS)
async def test_every_quarter_is_counted_in_the_window_that_holds_it_and_in_no_other(
    store: Store, world: World, window: str
) -> None:
    wanted = spans(window, now=NOW)
    edges = {edge for span in wanted for edge in (span.start, span.end)}
    each = sorted({edge + n * QUARTER for edge in edges for n in (-1, 0)})
    quarters = [quarter for n, quarter in enumerate(each, start=1) for _ in range(n)]
    await count(store, *[seen(world, 0, ago=NOW - quarter) for quarter in quarters])
    async with store.transaction(Reach(scope=ROOT)) as session:
        counts = await read_counts(session, View(window=window), now=NOW)
    found = np.bincount(counts.slots, weights=counts.n, minlength=len(wanted))
    assert found.tolist() == [sum(span.start <= quarter < span.end for quarter in quarters) for span in wanted]


@pytest.mark.parametrize("res", [7, 8])
async def test_masked_coarse_cells_tell_no_more_than_masked_cells(store: Store, world: World, res: int) -> None:
    """Planted where hexagons cross: a point whose coarse cell is not that of the middle of its masked cell."""
    rng = np.random.default_rng(3)
    points = rng.uniform((120.60, 31.10), (120.64, 31.14), (2000, 2)).tolist()
    lon, lat = next(p for p in points if cell_of(*p, res) != cell_of(*centre(cell_of(*p, 9)), res))
    await count(store, *[CountedIncident(leaf(world, 0), lon, lat, "dispute.family", NOW)] * 5)
    held, around = cell_of(lon, lat, res), cell_of(*centre(cell_of(lon, lat, 9)), res)
    for view, expected in ((View(res=res), held), (masked_view(View(res=res), least=3), around)):
        found = await look(store, view)
        assert {hot.cell: hot.count for hot in found.cells if hot.count} == {expected: 5}


async def test_a_cluster_of_both_days_persists_and_one_of_yesterday_fades(store: Store, world: World) -> None:
    yesterday = timedelta(hours=25)
    await count(
        store,
        *[seen(world, 0)] * 9, *[seen(world, 0, ago=yesterday)] * 9, *[seen(world, 15, ago=yesterday)] * 9,
        seen(world, 5, ago=LONG_AGO),
    )  # fmt: skip
    found = await look(store, View())
    assert {hot.cell: (hot.count, hot.klass) for hot in found.cells} == {
        cell(world, 0, 9): (9, "persistent"),
        cell(world, 15, 9): (0, "fading"),
    }


@pytest.mark.parametrize(("window", "days"), [("24h", 1), ("7d", 7), ("28d", 28)])
async def test_no_cell_is_new_or_fading_until_the_record_holds_the_window_before(
    store: Store, world: World, window: str, days: int
) -> None:
    """A record that begins within the window before says nothing of what went before it."""
    begun = timedelta(days=2 * days) - timedelta(hours=1)
    await count(store, *[seen(world, 6)] * 12, *[seen(world, 15, ago=begun)] * 12)
    short = await look(store, View(window=window))
    assert (short.past_known, {hot.klass for hot in short.cells}) == (False, {"none"})
    assert [hot.count for hot in short.cells] == [12], "a cell without a count and a class is left out"
    await count(store, seen(world, 3, ago=begun + timedelta(hours=2)))
    whole = await look(store, View(window=window))
    assert (whole.past_known, {hot.klass for hot in whole.cells}) == (True, {"new", "fading"})


async def test_a_cell_needs_the_least_count_of_the_pack_to_be_hot(store: Store, world: World) -> None:
    """Beside a busy cell even one incident is more than chance puts there."""
    lon, lat = centre(disk(cell(world, 6, 9))[1])
    beside = [CountedIncident(leaf(world, 6), lon, lat, "dispute.family", NOW)]
    await count(store, *[seen(world, 6)] * 12, *beside * 2, seen(world, 0, ago=LONG_AGO))
    classes = {}
    for least in (1, 2, 3, 12, 13):
        found = await look(store, View(), least_hot=least)
        classes[least] = sorted(hot.count for hot in found.cells if hot.klass == "new")
    assert classes == {1: [2, 12], 2: [2, 12], 3: [12], 12: [12], 13: []}


async def test_expected_counts_follow_the_past(store: Store, world: World) -> None:
    await count(store, *[seen(world, 3, ago=timedelta(days=i)) for i in range(1, 7) for _ in range(6)], seen(world, 3))
    found = at(await look(store, View()), cell(world, 3, 9))
    assert found.count == 1
    assert 4 < found.expected <= 6


async def test_a_class_counts_its_categories_and_no_others_with_the_same_prefix(store: Store, world: World) -> None:
    kinds = ["dispute.family", "dispute.land", "disputed", "hazard"]
    await count(store, *(seen(world, 2, category=kind) for kind in kinds))
    totals = {kind: (await look(store, View(category=kind))).total for kind in ("dispute", "dispute.land", "hazard")}
    assert totals == {"dispute": 2, "dispute.land": 1, "hazard": 1}
    assert (await look(store, View())).total == 4


async def test_a_town_counts_its_own_incidents_over_its_own_cells(store: Store, world: World) -> None:
    await count(store, seen(world, 0), seen(world, 15), seen(world, 15))
    assert leaf(world, 0).startswith(WEST) and leaf(world, 15).startswith(EAST)
    west, east = await look(store, View(), scope=WEST), await look(store, View(), scope=EAST)
    assert (west.total, east.total) == (1, 2)
    assert {hot.cell for hot in west.cells} == {cell(world, 0, 9)}


@pytest.mark.parametrize("res", [7, 8, 9, 10])
async def test_every_resolution_counts_everything(store: Store, world: World, res: int) -> None:
    await count(store, *(seen(world, i) for i in range(16)))
    assert (await look(store, View(res=res))).total == 16


@pytest.mark.usefixtures("world")
async def test_incidents_outside_todays_boundary_are_counted(store: Store) -> None:
    await count(store, CountedIncident(WEST, 120.5, 31.0, "hazard", NOW))
    found = await look(store, View())
    assert found.total == 1 and len(found.cells) == 1


async def test_without_boundaries_or_counts_there_are_no_hotspots(store: Store) -> None:
    assert (await look(store, View())).cells == ()


async def test_rates_are_per_thousand_households_where_they_are_known(store: Store, world: World) -> None:
    await count(store, *[seen(world, 4)] * 20, seen(world, 8))
    assert (await look(store, View(res=8))).cells[0].rate is None
    async with store.transaction(Reach(scope=ROOT)) as session:
        await share_out_exposure(session, day=TODAY)
    found = await look(store, View(res=8))
    busy, quiet = (at(found, cell(world, i, 8)) for i in (4, 8))
    assert busy.exposure is not None and busy.rate is not None and quiet.rate is not None
    assert quiet.rate < busy.rate <= busy.count / busy.exposure * 1000


async def test_a_cell_set_is_computed_once_for_a_scope_and_boundary(store: Store, world: World) -> None:
    cell_sets = CellSets()
    await look(store, View(), cell_sets=cell_sets)
    async with store.transaction(Reach(scope=ROOT)) as session:
        version = await cell_set_version(session, day=TODAY)
    kept = cell_sets.get(ROOT, 9, version=version)
    await count(store, seen(world, 1))
    await look(store, View(window="7d"), cell_sets=cell_sets)
    assert kept is not None and cell_sets.get(ROOT, 9, version=version) is kept


async def test_each_day_has_the_cells_and_households_of_its_own_boundaries(store: Store, world: World) -> None:
    """From tomorrow the west town consists of its southern village only."""
    tomorrow, cell_sets = TODAY + timedelta(days=1), CellSets()
    half = MultiPolygon([shapely.box(*world.patches[f"{WEST}.{WEST[-9:]}200"].square)])
    south = NewDivision(WEST[-9:], "town", "West Town", WEST, tomorrow, half)
    async with store.transaction(Reach(scope=ROOT)) as session:
        await share_out_exposure(session, day=TODAY)
        await replace_divisions(session, [south], from_day=tomorrow, ending={f"{WEST[-9:]}201"})

    async def cell_set_on(day: date) -> CellSet:
        async with store.transaction(Reach(scope=WEST)) as session:
            return await find_cell_set(
                session,
                HotspotReader(WEST, NOW, day, LEAST_INCIDENTS, cell_sets),
                res=9,
                also=np.empty(0, dtype=np.int64),
            )

    today, after = await cell_set_on(TODAY), await cell_set_on(tomorrow)
    assert len(after.cells) < len(today.cells) * 0.7
    assert await cell_set_on(TODAY) is today and await cell_set_on(tomorrow) is after
    async with store.transaction(Reach(scope=ROOT)) as session:
        await share_out_exposure(session, day=tomorrow)
    shared = await cell_set_on(tomorrow)
    assert shared is not after
    assert shared.households is not None and today.households is not None
    assert shared.households.sum() < today.households.sum() * 0.7


@pytest.mark.usefixtures("world")
async def test_the_cells_of_a_division_cover_it(store: Store) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        outline = await find_outline(session, ROOT, day=TODAY)
    assert outline is not None
    west, south, east, north = outline.bounds
    cells = set(cells_touching(outline, 9).tolist())
    steps = np.linspace(0.001, 0.999, 25)
    assert all(cell_of(west + x * (east - west), south + y * (north - south), 9) in cells for x in steps for y in steps)
    assert all(west - 0.01 < centre(cell)[0] < east + 0.01 for cell in cells)


async def test_an_incident_leaves_the_window_as_time_passes(store: Store, world: World) -> None:
    await count(store, seen(world, 0, ago=timedelta(minutes=44)), seen(world, 0, ago=timedelta(minutes=46)))
    assert NOW == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert (await look(store, View(window="1h"))).total == 1
