"""Hand over what changes hands, in the transaction that changes the lines.

Rows are locked in one order: incidents, tasks, forces, then the rest. Everything is done in bulk: a day's change may
concern tens of thousands of incidents.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, any_, cast, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.tables import User
from console.alarms.actions import move_alarms
from console.attachments.actions import move_attachments
from console.cases.moving import move_cases
from console.deadlines.actions import move_deadlines
from console.feed.actions import Change as Event
from console.feed.actions import append
from console.forces.events import change_of as force_event
from console.forces.tables import Force
from console.incidents.events import COLUMNS, body_from
from console.incidents.events import NAME as INCIDENT
from console.incidents.queries import forces_by_incident
from console.incidents.rules import is_shown_live
from console.incidents.timeline import Entry, insert_timeline_rows, timeline_row
from console.lists.moving import move_entries
from console.planning.handover import Lines, Thing, Transfer
from console.planning.tables import PlanTransfer
from console.positions.actions import update_fix_divisions
from console.presence.actions import move_presences
from console.tasks.events import NAME as TASK
from console.tasks.events import change_of as task_event
from console.tasks.tables import Task
from geo.store import MOVED, BulkInsert, BulkMove, array_text, moved_to
from layers.cameras.tables import Camera
from layers.hotspots.actions import move_counts
from layers.hotspots.rules import CountedIncident
from layers.places.tables import Place

HANDED_OVER = "handed_over"
LEVELS = ("grid", "village")
READ_AT_ONCE = 300
KEEP = BulkInsert(PlanTransfer, fixed=("publication_id", "division_path"))

_INCIDENTS = text(
    f"""
    WITH moved AS (
        SELECT id, path, grid, village
        FROM {MOVED} AS given
        JOIN unnest(CAST(:grids AS text[]), CAST(:villages AS text[])) WITH ORDINALITY AS levels (grid, village, at)
            USING (at)
    )
    UPDATE incidents SET division_path = moved.path, version = version + 1,
        grid_code = CASE WHEN geom IS NULL THEN grid_code ELSE moved.grid END,
        village_code = CASE WHEN geom IS NULL THEN village_code ELSE moved.village END
    FROM moved WHERE incidents.id = moved.id
    RETURNING {", ".join(f"incidents.{name}" for name in COLUMNS)}, ST_X(geom) AS lon, ST_Y(geom) AS lat
    """  # noqa: S608
)
_MOVE_TASKS = BulkMove(Task, "incident_id", also="version = version + 1", returning=("id", "division_path"))
_PLAIN: Mapping[Thing, BulkMove] = {
    Thing.FORCE: BulkMove(Force, also="version = version + 1"),
    Thing.CAMERA: BulkMove(Camera),
    Thing.PLACE: BulkMove(Place),
    Thing.ACCOUNT: BulkMove(User, column="scope_path"),
}


async def take_over(
    session: AsyncSession, transfers: Sequence[Transfer], lines: Lines, *, data: Mapping[str, Any], now: datetime
) -> None:
    """Put every thing into its new division, with its tasks, clocks, alarms and positions. `lines` are those after;
    `data` goes into the timelines of incidents.
    """
    by_thing: dict[Thing, list[Transfer]] = defaultdict(list)
    for one in transfers:
        by_thing[one.held.thing].append(one)
    await _move_incidents(session, by_thing[Thing.INCIDENT], lines, data=data, now=now)
    for thing, move in _PLAIN.items():
        if moved := by_thing[thing]:
            await move.run(session, _paths(moved))
    await _tell_of_forces(session, by_thing[Thing.FORCE], now=now)


async def keep_transfers(
    session: AsyncSession, transfers: Sequence[Transfer], *, publication_id: int, path: str
) -> None:
    """Keep what changes hands, each thing once."""
    rows = [
        {
            "thing": one.held.thing.value,
            "subject_id": one.held.subject_id,
            "by": one.by.value,
            "from_path": one.held.path,
            "to_path": one.to_path,
        }
        for one in transfers
    ]
    if rows:
        await KEEP.run(session, rows, publication_id=publication_id, division_path=path)


def _paths(transfers: Iterable[Transfer]) -> dict[int, str]:
    return {one.held.subject_id: one.to_path for one in transfers}


async def _move_incidents(
    session: AsyncSession, transfers: Sequence[Transfer], lines: Lines, *, data: Mapping[str, Any], now: datetime
) -> None:
    if not transfers:
        return
    paths, was = _paths(transfers), {one.held.subject_id: one.held.path for one in transfers}
    of = await asyncio.to_thread(_levels, paths, lines)
    found = (await session.execute(_INCIDENTS, await moved_to(paths) | of)).mappings()
    rows = await asyncio.to_thread(lambda: [dict(row) for row in found])
    entries = await asyncio.to_thread(lambda: [_entry(row, was[row["id"]], data, now=now) for row in rows])
    await insert_timeline_rows(session, entries)
    await _recount(session, rows, was)
    tasks = dict(await _MOVE_TASKS.run(session, paths))
    await move_deadlines(session, INCIDENT, paths)
    await move_deadlines(session, TASK, tasks)
    await _tell_of_incidents(session, rows, was, now=now)
    await _tell_of_tasks(session, sorted(tasks), was, now=now)
    await move_cases(session, paths, left_paths=was, now=now)
    await move_entries(session, paths)
    await move_attachments(session, paths)


def _levels(paths: Mapping[int, str], lines: Lines) -> dict[str, str]:
    """Return the grids and villages of the paths, in the order of `moved_to`."""
    levels = [lines.level_of(path) for path in dict.fromkeys(paths.values())]
    return {f"{level}s": array_text([one.get(level) for one in levels]) for level in LEVELS}


def _entry(row: Mapping[str, Any], left: str, data: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    entry = Entry(HANDED_OVER, data={**data, "from": left.rpartition(".")[2], "to": _last(row["division_path"])})
    return timeline_row(row["id"], entry, path=row["division_path"], now=now)


def _last(path: str) -> str:
    return path.rpartition(".")[2]


async def _recount(session: AsyncSession, rows: Sequence[Mapping[str, Any]], was: Mapping[int, str]) -> None:
    """Move what hotspots count: incidents with a place that are not merged into another one."""
    old, new = await asyncio.to_thread(_counted, rows, was)
    await move_counts(session, old, new)


def _counted(
    rows: Sequence[Mapping[str, Any]], was: Mapping[int, str]
) -> tuple[list[CountedIncident], list[CountedIncident]]:
    counted = [row for row in rows if row["lon"] is not None and row["merged_into_id"] is None]
    new = [
        CountedIncident(row["division_path"], row["lon"], row["lat"], row["category"], row["occurred_at"])
        for row in counted
    ]
    old = [
        CountedIncident(was[row["id"]], row["lon"], row["lat"], row["category"], row["occurred_at"]) for row in counted
    ]
    return old, new


async def _tell_of_incidents(
    session: AsyncSession, rows: Sequence[Mapping[str, Any]], was: Mapping[int, str], *, now: datetime
) -> None:
    shown = [row for row in rows if is_shown_live(row["closed_at"], now=now)]
    sent = await forces_by_incident(session, [row["id"] for row in shown])
    events = await asyncio.to_thread(lambda: [_event(row, was[row["id"]], sent[row["id"]]) for row in shown])
    await append(session, events, now=now)


def _event(row: Mapping[str, Any], left: str, sent: frozenset[int]) -> Event:
    lon_lat = None if row["lon"] is None else (row["lon"], row["lat"])
    return Event(
        kind=INCIDENT,
        entity_id=row["id"],
        version=row["version"],
        division_path=row["division_path"],
        force_ids=sent,
        left_path=left,
        body=body_from(row, lon_lat=lon_lat),
    )


async def _tell_of_tasks(
    session: AsyncSession, task_ids: Sequence[int], was: Mapping[int, str], *, now: datetime
) -> None:
    async for tasks in _read_by_id(session, Task, task_ids):
        shown = [task for task in tasks if is_shown_live(task.ended_at, now=now)]
        await append(session, [task_event(task, left_path=was[task.incident_id]) for task in shown], now=now)


async def _tell_of_forces(session: AsyncSession, transfers: Sequence[Transfer], *, now: datetime) -> None:
    if not transfers:
        return
    was = {one.held.subject_id: one.held.path for one in transfers}
    async for forces in _read_by_id(session, Force, sorted(was)):
        await append(session, [force_event(force, left_path=was[force.id]) for force in forces], now=now)
    await update_fix_divisions(session, [*was])
    await move_alarms(session, [*was], now=now)
    await move_presences(session, [*was], now=now)


async def _read_by_id(session: AsyncSession, table: Any, ids: Sequence[int]) -> AsyncIterator[Sequence[Any]]:
    """Read rows anew by id, in order, some at a time: a thousand at once would hold up the event loop."""
    for start in range(0, len(ids), READ_AT_ONCE):
        some = cast([*ids[start : start + READ_AT_ONCE]], ARRAY(BigInteger))
        found = select(table).where(table.id == any_(some)).order_by(table.id)
        yield (await session.scalars(found.execution_options(populate_existing=True))).all()
