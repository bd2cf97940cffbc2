"""Taking checked files into the store, whole or not at all.

Here the two rooms meet that do not know each other: `ingest/files` says what a file holds and what is wrong with it,
`layers` and `console` keep it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, Literal

import shapely
from geoalchemy2.shape import to_shape
from shapely import MultiPolygon
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.import_log import NO_FILE, ImportEntry, Origin
from api.intake.reports import SessionSink, intake_of
from api.place.pack import Pack
from console.access.rules import Actor
from console.forces.actions import register_many as register_forces
from console.forces.queries import device_holders
from console.forces.rules import Duty, ForceRecord
from console.positions.actions import follow_posts
from geo.store import Reach, Store, retry_deadlocks
from ingest.files.checking import Ground, check_cameras, check_forces, check_incidents, vocabulary
from ingest.files.grids import ENDS_BELOW, Neighbourhood, check_grids
from ingest.files.mapping import Options
from ingest.files.observations import Checked, ForceRow, GridLine, Vocabulary
from ingest.files.problems import FileRefused, Problem, refuse
from ingest.files.table import Table
from ingest.reports.observation import Refused
from layers.cameras.actions import register_many as register_cameras
from layers.cameras.rules import CameraRecord
from layers.divisions.actions import replace_divisions
from layers.divisions.queries import from_day_on, locate, on_day
from layers.divisions.rules import NewDivision
from layers.divisions.tables import Division
from layers.hotspots.actions import spread_exposure

Kind = Literal["grids", "cameras", "incidents", "forces"]
INCIDENTS_AT_ONCE = 1000
KEEPER = "import"
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('maplebridge.import', 0))")
"""What a file says is held against what is stored: nobody else may bring a file in between."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a file of grids is to be read: which level they are, under which code by default, from which day on.

    `ends_below`: what lies below a redrawn line and no longer fits into it ends with it, which is refused otherwise.
    """

    level: str
    parent: str
    valid_from: date
    ends_below: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, or would do. `counts` says how many of what."""

    counts: dict[str, int] = field(default_factory=dict)
    notes: Sequence[Any] = ()


class _Rehearsed(Exception):
    """Thrown to leave a transaction without its changes."""


@dataclass(frozen=True, slots=True)
class Import:
    """One file to take in. `day` is today in the place, `now` in UTC."""

    kind: Kind
    table: Table
    options: Options
    now: datetime
    day: date
    drawing: Drawing | None = None
    dry_run: bool = False
    origin: Origin = NO_FILE


async def take(store: Store, pack: Pack, job: Import) -> Outcome:
    """Check a table and store it in one transaction, or raise FileRefused with every problem and store nothing.

    Of what is kept, the log of imports has an entry. A dry run does all of it, the database's own checks included, and
    undoes it.
    """
    return await retry_deadlocks(partial(_take, store, pack, job))


async def _take(store: Store, pack: Pack, job: Import) -> Outcome:
    outcome = Outcome()
    with suppress(_Rehearsed):
        async with store.transaction(Reach(scope=pack.root.code)) as session:
            await session.execute(ONE_AT_A_TIME)
            outcome = await TAKERS[job.kind](session, pack, job)
            session.add(_entry(pack, job, outcome))
            if job.dry_run:
                raise _Rehearsed
    return outcome


def _entry(pack: Pack, job: Import, outcome: Outcome) -> ImportEntry:
    return ImportEntry(
        at=job.now,
        keeper=job.origin.keeper,
        file=job.origin.file,
        digest=job.origin.digest,
        kind=job.kind,
        datum=job.options.datum.value,
        counts=outcome.counts,
        division_path=pack.root.code,
    )


async def take_grids(session: AsyncSession, pack: Pack, job: Import) -> Outcome:
    """Lines of one level, and the root as their union when there is none yet."""
    drawing = job.drawing
    if drawing is None:
        raise refuse("grids.level_missing")
    day = drawing.valid_from
    standing = (await session.scalars(select(Division).where(from_day_on(day)).order_by(Division.valid_from))).all()
    around = neighbourhood(standing, pack, drawing)
    checked = _sound(check_grids(job.table, job.options, around=around))
    paths = {d.code: d.division_path for d in standing if d.valid_from <= day} | {pack.root.code: pack.root.code}
    lines = [_line(row, paths[row.parent], drawing) for row in checked.rows]
    ending = {str(note["other"]) for note in checked.notes if note["code"] == ENDS_BELOW}
    drawn = dict.fromkeys(("begun", "ended", "kept"), 0)
    for some in ([] if pack.root.code in around.outlines else [_root(pack, checked.rows, drawing)]), lines:
        replaced = await replace_divisions(session, some, from_day=day, ending=ending) if some else None
        for name in drawn:
            drawn[name] += getattr(replaced, name, 0)
    await spread_exposure(session, day=job.day)
    return Outcome(counts={"rows": len(lines), **drawn}, notes=checked.notes)


def neighbourhood(standing: Sequence[Division], pack: Pack, drawing: Drawing) -> Neighbourhood:
    """The outlines that lines of this level can lie in, and what lies below those of their codes, now or later."""
    levels = [level.level for level in pack.root.levels]
    if drawing.level not in levels[1:]:
        raise refuse("grids.level_unknown", level=drawing.level, levels=list(levels[1:]))
    above = set(levels[: levels.index(drawing.level)])
    children: dict[str, dict[str, Any]] = {}
    for row in standing:
        if row.level not in above and row.level != drawing.level and row.parent_code:
            of_parent = children.setdefault(row.parent_code, {})
            line = to_shape(row.geom)
            of_parent[row.code] = line if row.code not in of_parent else shapely.union(line, of_parent[row.code])
    return Neighbourhood(
        root=pack.root.code,
        parent=drawing.parent,
        outlines={
            row.code: to_shape(row.geom)
            for row in standing
            if row.level in above and row.valid_from <= drawing.valid_from
        },
        changing={
            row.code: row.valid_to.isoformat()
            for row in standing
            if row.level in above and row.valid_from <= drawing.valid_from and row.valid_to is not None
        },
        children=children,
        elsewhere={row.code: row.level for row in standing if row.level != drawing.level},
        ends_below=drawing.ends_below,
    )


def _root(pack: Pack, rows: Sequence[GridLine], drawing: Drawing) -> NewDivision:
    """The whole, when a city comes in from one file: what its parts cover together."""
    whole = shapely.union_all([row.geometry for row in rows])
    return NewDivision(
        code=pack.root.code,
        level=pack.root.level,
        name=pack.root.names.zh,
        path=pack.root.code,
        valid_from=drawing.valid_from,
        geometry=MultiPolygon(shapely.get_parts(whole).tolist()),
        source=KEEPER,
    )


def _line(row: GridLine, parent: str, drawing: Drawing) -> NewDivision:
    return NewDivision(
        code=row.code,
        level=drawing.level,
        name=row.name,
        path=f"{parent}.{row.code}",
        valid_from=drawing.valid_from,
        geometry=row.geometry,
        source=KEEPER,
        households=row.households,
        enterprises=row.enterprises,
    )


async def take_cameras(session: AsyncSession, pack: Pack, job: Import) -> Outcome:
    ground = await ground_of(session, pack, job.day)
    checked = _sound(check_cameras(job.table, job.options, ground=ground))
    places = await locate(
        session, [(row.point.x, row.point.y) for row in checked.rows], days=[job.day] * len(checked.rows)
    )
    cameras = [
        CameraRecord(
            code=row.code,
            name=row.name,
            owner=row.owner,
            point=row.point,
            division_path=place.path if place else pack.root.code,
            heading=row.heading,
            fov_deg=row.fov_deg,
            range_m=row.range_m,
            online=row.online,
        )
        for row, place in zip(checked.rows, places, strict=True)
    ]
    await register_cameras(session, cameras)
    return Outcome(counts={"rows": len(cameras)}, notes=checked.notes)


async def take_incidents(session: AsyncSession, pack: Pack, job: Import) -> Outcome:
    """Records through the same registration as any report; one that is known already stays as it is."""
    ground = await ground_of(session, pack, job.day)
    checked = _sound(check_incidents(job.table, job.options, ground=ground, words=words_of(pack), now=job.now))
    actor = Actor(user_id=0, username=KEEPER, role="source", scope=pack.root.code)
    sink = SessionSink(session, intake=intake_of(pack), actor=actor, now=job.now)
    created, problems = 0, []
    for start in range(0, len(checked.rows), INCIDENTS_AT_ONCE):
        some = checked.rows[start : start + INCIDENTS_AT_ONCE]
        for row, outcome in zip(some, await sink.take([row.told for row in some]), strict=True):
            if isinstance(outcome, Refused):
                problems += [Problem(f"incident.{f.code}", row=row.row, field=f.field) for f in outcome.flaws]
            else:
                created += outcome.created
    if problems:
        raise FileRefused(problems)
    counts = {"rows": len(checked.rows), "added": created, "unchanged": len(checked.rows) - created}
    return Outcome(counts=counts, notes=checked.notes)


async def take_forces(session: AsyncSession, pack: Pack, job: Import) -> Outcome:
    """Staff, each posted to the division named or to the smallest one their home lies in."""
    ground = await ground_of(session, pack, job.day)
    known = await session.execute(select(Division.code, Division.division_path).where(on_day(job.day)))
    paths = {row.code: row.division_path for row in known}
    checked = _sound(
        check_forces(job.table, job.options, ground=ground, words=words_of(pack), divisions=frozenset(paths))
    )
    await _check_devices(session, checked)
    homes = [(row.home.x, row.home.y) for row in checked.rows]
    places = await locate(session, homes, days=[job.day] * len(homes))
    records = [
        _force(row, paths[row.division] if row.division else place.path if place else pack.root.code)
        for row, place in zip(checked.rows, places, strict=True)
    ]
    done = await register_forces(session, records, reposted=follow_posts, now=job.now)
    counts = {"rows": len(records), "added": done.added, "changed": done.changed, "unchanged": done.unchanged}
    return Outcome(counts=counts, notes=checked.notes)


async def _check_devices(session: AsyncSession, checked: Checked[ForceRow]) -> None:
    """Raise FileRefused for devices of forces that are not in the file, and so keep them."""
    holders = await device_holders(session, {row.device for row in checked.rows if row.device})
    listed = {row.code for row in checked.rows}
    taken = [
        Problem("device.taken", row=row.row, field="device", params={"value": row.device, "other": other})
        for row in checked.rows
        if (other := holders.get(row.device or "")) is not None and other not in listed
    ]
    if taken:
        raise FileRefused(taken)


def _force(row: ForceRow, path: str) -> ForceRecord:
    return ForceRecord(
        code=row.code,
        name=row.name,
        kind=row.kind,
        mode=row.mode,
        lon=row.home.x,
        lat=row.home.y,
        division_path=path,
        organisation=row.organisation,
        specialities=tuple(row.specialities),
        languages=tuple(row.languages),
        device_id=row.device,
        duty=Duty(row.duty),
    )


async def ground_of(session: AsyncSession, pack: Pack, day: date) -> Ground:
    """The county's outline. Raises FileRefused before there is one."""
    root = await session.scalar(select(Division).where(Division.code == pack.root.code, on_day(day)))
    if root is None:
        raise refuse("county.missing", root=pack.root.code)
    return Ground(to_shape(root.geom))


def _sound(checked: Checked[Any]) -> Checked[Any]:
    if checked.problems:
        raise FileRefused(sorted(checked.problems, key=lambda p: (p.row or 0, p.field or "", p.code)))
    return checked


def words_of(pack: Pack) -> Vocabulary:
    """The pack's codes, each also under its names and, for categories, under what other systems call it."""

    def named(items: Sequence[Any]) -> dict[str, str]:
        return {word: item.code for item in items for word in (item.names.zh, item.names.en)}

    def coded(items: Sequence[Any]) -> dict[str, str]:
        return {item.code: item.code for item in items}

    aliases = {alias: c.code for c in pack.categories for alias in c.aliases}
    modes: dict[str, str] = {t.mode: t.mode for t in pack.travel}
    return Vocabulary(
        categories=vocabulary(coded(pack.categories), named(pack.categories), aliases),
        classes=vocabulary(coded(pack.classes), named(pack.classes)),
        risks=vocabulary(coded(pack.risks), named(pack.risks)),
        kinds=vocabulary(coded(pack.force_kinds), named(pack.force_kinds)),
        modes=vocabulary(modes, {n: t.mode for t in pack.travel for n in (t.names.zh, t.names.en)}),
        mode_of_kind={k.code: k.mode for k in pack.force_kinds},
        duty_of_kind={k.code: k.duty for k in pack.force_kinds},
        languages=vocabulary(coded(pack.languages), named(pack.languages)),
    )


TAKERS: dict[Kind, Callable[..., Any]] = {
    "grids": take_grids,
    "cameras": take_cameras,
    "incidents": take_incidents,
    "forces": take_forces,
}
