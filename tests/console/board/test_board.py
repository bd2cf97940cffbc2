"""The board's figures: equal to a count of the cases one by one, and to the lists behind them."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.board.queries import BoardCase, BoardFilter, count_cases, list_board
from console.board.rules import FAR, KINDS, By, ClockKind, Place, Standing, place_of, total_of
from console.cases.opening import open_cases
from console.cases.tables import Case
from console.clocks.tables import Clock, ClockContent
from geo.errors import BadCursor
from geo.store import Reach, Store, common_path, lies_within
from tests.reporting import add_incident
from tests.worlds import EAST, NOW, PACK, ROOT, WEST, World

SUPERVISOR = Actor(user_id=1, username="supervisor", role="supervisor", scope=ROOT)
VILLAGE = f"{WEST}.{WEST[-9:]}200"
HOURS = (-30, -2, -1, 1, 2, 30)


async def scattered(session: AsyncSession, world: World, *, seed: int) -> None:
    """Open cases all over the county, and set cases and clocks at random."""
    assert PACK.casework is not None
    chance = random.Random(seed)
    paths = world.micro_grids()
    ids = [await add_incident(session, world, chance.choice(paths)) for _ in range(24)]
    await open_cases(session, PACK.casework, ids, actor=SUPERVISOR, now=NOW)
    for case in await session.scalars(select(Case)):
        case.unit = chance.choice(["centre.a", "centre.b", "room.c"])
        case.level, case.stage = chance.choice(["village", "town", "county"]), chance.choice(["received", "handling"])
        case.paused = chance.random() < 0.3
        case.ended_at = NOW if chance.random() < 0.2 else None
    contents = [*await session.scalars(select(ClockContent))]
    term = contents[0].term
    session.add(ClockContent(digest="law", term=term | {"statutory": True}, hours=None))
    session.add(ClockContent(digest="rule", term=term | {"statutory": False}, hours=None))
    await session.flush()
    for clock in await session.scalars(select(Clock)):
        clock.due_at = NOW + timedelta(hours=chance.choice(HOURS))
        clock.warn_at = chance.choice([None, clock.due_at - timedelta(hours=chance.choice([1, 3]))])
        clock.started_at = clock.due_at - timedelta(hours=6)
        clock.stopped_at = NOW if chance.random() < 0.2 else None
        clock.paused_at = NOW if chance.random() < 0.2 else None
        clock.content = chance.choice(["rule", "law"])
    await session.flush()


Counts = Counter[tuple[str, Standing]]


async def counted(session: AsyncSession, scope: str, by: By, *, kind: ClockKind | None) -> Counts:
    """Count the cases one by one."""
    clocks = [*await session.scalars(select(Clock))]
    laws = {one.digest for one in await session.scalars(select(ClockContent)) if one.term["statutory"]}
    found: Counts = Counter()
    for case in await session.scalars(select(Case)):
        if case.ended_at is not None or not lies_within(case.division_path, scope):
            continue
        own = [one for one in clocks if one.incident_id == case.incident_id and one.stopped_at is None]
        running = [one for one in own if one.paused_at is None]
        if kind is not None:
            running = [one for one in running if (one.content in laws) == (kind == "statutory")]
        found[_key(case, scope, by), _standing(case, running)] += 1
    return found


def _key(case: Case, scope: str, by: By) -> str:
    below = ".".join(case.division_path.split(".")[: scope.count(".") + 2])
    return {"unit": case.unit, "level": case.level, "stage": case.stage, "division": below}[by]


def _standing(case: Case, running: Sequence[Clock]) -> Standing:
    if any(one.due_at < NOW for one in running):
        return Standing.LATE
    warned = [one.warn_at or one.due_at - (one.due_at - one.started_at) / 4 for one in running]
    if any(at <= NOW for at in warned):
        return Standing.NEAR
    return Standing.PAUSED if case.paused else Standing.IN_TIME


async def listed(session: AsyncSession, chosen: BoardFilter) -> list[BoardCase]:
    """Read a list page by page, three at a time."""
    found: list[BoardCase] = []
    cursor = None
    while True:
        page, cursor = await list_board(session, SUPERVISOR, chosen, limit=3, cursor=cursor, now=NOW)
        found += page
        if cursor is None:
            return found


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_figure_equals_a_count_one_by_one_and_its_list(store: Store, world: World, seed: int) -> None:
    async with store.transaction(Reach(scope=ROOT)) as session:
        await scattered(session, world, seed=seed)
        for scope in (ROOT, WEST, EAST, VILLAGE):
            for by in get_args(By):
                cells = await count_cases(session, SUPERVISOR, BoardFilter(scope=scope), by=by, now=NOW)
                told = Counter({(c.key, one): n for c in cells for one, n in c.standings.items() if n})
                assert told == await counted(session, scope, by, kind=None), (scope, by)
                assert sum(cell.open for cell in cells) == total_of(cells).open
        total = total_of(await count_cases(session, SUPERVISOR, BoardFilter(scope=WEST), by="unit", now=NOW))
        for standing in Standing:
            chosen = BoardFilter(scope=WEST, standing=standing)
            assert len(await listed(session, chosen)) == total.standings[standing]
        for kind in KINDS:
            alone = await counted(session, WEST, "unit", kind=kind)
            for standing in (Standing.LATE, Standing.NEAR):
                chosen = BoardFilter(scope=WEST, standing=standing, clock=kind)
                of_list = await listed(session, chosen)
                assert len(of_list) == total.of_clocks[kind][standing]
                assert len(of_list) == sum(n for (_, one), n in alone.items() if one is standing)
                assert all(case.statutory == (kind == "statutory") for case in of_list)
        everything = await listed(session, BoardFilter(scope=ROOT))
        dues = [(one.due_at or FAR, one.incident.id) for one in everything]
        assert dues == sorted(dues) and len({*dues}) == len(dues)
        units = [one for one in everything if one.case.unit == "room.c" and one.case.stage == "handling"]
        assert units == await listed(session, BoardFilter(scope=ROOT, unit="room.c", stage="handling"))
        assert await listed(session, replace(BoardFilter(scope=ROOT), only=True)) == []


def test_a_cursor_names_a_place_and_nothing_else() -> None:
    for due in (NOW, FAR, NOW + timedelta(microseconds=1)):
        assert place_of(str(Place(due, 7))) == Place(due, 7)
    for wrong in ("", "7", "x-1", "1-x", "-1-1", f"{10**18}-1", "1-" + "1" * 30):
        with pytest.raises(BadCursor):
            place_of(wrong)


def test_the_smallest_division_that_holds_all_is_their_common_path() -> None:
    assert [common_path(some) for some in ([], ["a.b.c"], ["a.b.c", "a.b.d"], ["a.b", "a.bc"], ["a.b", "a.b.c"])] == [
        "", "a.b.c", "a.b", "a", "a.b",
    ]  # fmt: skip
