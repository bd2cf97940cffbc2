"""Import shifts and leave of a file, inside the caller's transaction: compared with the roster, then all or nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.register.tables import Unit
from console.rosters.clashes import FileRow, RowFault, clashes, id_of
from console.rosters.importing_leave import compare_leave, in_leave_of_file, leave_id_of, moves
from console.rosters.meant import Compared, Meant, Person, fault_of
from console.rosters.queries import NAMED, during, span_in, who_of
from console.rosters.rules import LeaveOverlap, NewShift, PlaceUnknown, ShiftOverlap, Span, Who, WhoKind, check_shift
from console.rosters.tables import Leave, Shift
from console.rosters.writing import Moment, new_row, place_of, said_by, write_changes
from geo.errors import MaplebridgeError

FEW = 5
"""Names that a fault of an ambiguous one lists."""


def _new_shift(row: FileRow, person: Person) -> NewShift:
    return NewShift(
        person.who,
        row.attendance,
        row.span,
        unit=row.unit,
        division=row.division,
        answer_minutes=row.answer_minutes,
        note=row.note,
    )


async def import_rows(session: AsyncSession, actor: Actor, found: Compared, *, at: Moment) -> None:
    """Write what a file without faults does. Raises `ShiftOverlap` and `LeaveOverlap` for what is beyond the actor's
    sight.
    """
    assert not found.faults
    if found.changes:
        await write_changes(session, actor, found.changes, now=at.now)
    if found.leaves:
        try:  # Cancelled ones first: others may take their hours.
            leaves = sorted(found.leaves, key=lambda change: change[2] != "leave.cancelled")
            await write_changes(session, actor, leaves, now=at.now)
        except ShiftOverlap as error:
            raise LeaveOverlap from error


async def compare_rows(
    session: AsyncSession, actor: Actor, rows: Sequence[FileRow], *, at: Moment, zone: ZoneInfo
) -> Compared:
    """Compare the rows of a file with the roster, whose shifts of the same ones are locked. Raises `Forbidden`."""
    actor.require(Permission.EDIT_ROSTERS)
    found = Compared()
    people = await _people(session, actor, rows)
    named = [(row, person) for row in rows if (person := _who_of(row, people, found.faults)) is not None]
    known = [(row, person) for row, person in named if row.is_leave or _is_sound(row, person, found.faults)]
    of_shifts, of_leave = ([pair for pair in known if pair[0].is_leave is is_leave] for is_leave in (False, True))
    away = await _leave_of(session, known, of_leave, found, at=at)
    theirs = await _held(session, Shift, of_shifts, locked=True)
    meant = [Meant(row, person, row.id or _id_of(row, person, theirs)) for row, person in of_shifts]
    meant = _once_each(meant, found.faults)
    there = {shift.id: shift for shift in theirs}
    there |= await _by_id(session, Shift, {one.id for one in meant} - there.keys())
    meant = await _of_one_kind(session, meant, Leave, found.faults)
    found.faults += clashes(_spans(meant), zone=zone)
    places = _Places(session, actor, at)
    for one in meant:
        await _compare(one, there.get(one.id), places, found)
    written = {row.id: row for row, _, kind in found.changes if kind != "shift.cancelled"}
    fresh = [one for one in meant if one.id in written and _moves(one, there.get(one.id))]
    others = [shift for shift in theirs if shift.cancelled_at is None and shift.id not in {one.id for one in meant}]
    found.faults += _in_the_way(fresh, others, "roster.overlap", "shift")
    found.faults += _in_the_way(fresh, away.kept, "roster.on_leave", "leave")
    found.faults += in_leave_of_file(fresh, away.meant)
    found.faults.sort(key=lambda fault: fault.row)
    return found


@dataclass(frozen=True, slots=True)
class _Away:
    """Leave of the file, and that of the roster which it leaves as it is."""

    meant: list[Meant]
    kept: list[Leave]


async def _leave_of(
    session: AsyncSession,
    known: Sequence[tuple[FileRow, Person]],
    of_leave: Sequence[tuple[FileRow, Person]],
    found: Compared,
    *,
    at: Moment,
) -> _Away:
    """Compare the leave of a file with that of the roster, of all whom the file names."""
    theirs: list[Leave] = await _held(session, Leave, known, locked=True)
    meant = [Meant(row, person, row.id or leave_id_of(row, person, theirs)) for row, person in of_leave]
    meant = _once_each(meant, found.faults)
    there = {leave.id: leave for leave in theirs}
    there |= await _by_id(session, Leave, {one.id for one in meant} - there.keys())
    meant = await _of_one_kind(session, meant, Shift, found.faults)
    found.faults += clashes(_spans(meant), zone=None)
    compare_leave(meant, there, found, at=at)
    named = {one.id for one in meant}
    kept = [leave for leave in theirs if leave.cancelled_at is None and leave.id not in named]
    fresh = [one for one in meant if not one.row.is_cancelled and moves(one, there.get(one.id))]
    found.faults += _in_the_way(fresh, kept, "roster.leave_overlap", "leave")
    return _Away(meant, kept)


async def _of_one_kind(
    session: AsyncSession, meant: Sequence[Meant], other: Any, faults: list[RowFault]
) -> list[Meant]:
    """Return the rows but those whose id is one of the other kind: a shift is no leave."""
    ids = {one.row.id for one in meant if one.row.id is not None}
    wrong = {*await session.scalars(select(other.id).where(other.id.in_(ids)))} if ids else set()
    faults += [RowFault("roster.leave_or_shift", one.row.row, "attendance") for one in meant if one.id in wrong]
    return [one for one in meant if one.id not in wrong]


def _spans(meant: Sequence[Meant]) -> list[tuple[int, Who, Span]]:
    return [(one.row.row, one.person.who, one.row.span) for one in meant if not one.row.is_cancelled]


async def _people(session: AsyncSession, actor: Actor, rows: Sequence[FileRow]) -> list[Person]:
    """Read all in the actor's division who may be meant."""
    codes, names = {row.code for row in rows if row.code}, {row.name for row in rows if row.name and not row.code}
    found: list[Person] = []
    for kind, table in NAMED.items():
        wanted = select(table.id, table.code, table.name, table.division_path).where(
            table.division_path.op("<@")(actor.scope), or_(table.code.in_(codes), table.name.in_(names))
        )
        if kind is WhoKind.UNIT:
            wanted = wanted.where(Unit.closed_on.is_(None))
        result = await session.execute(wanted.order_by(table.id))
        found += [Person(Who(kind, number), code, name, str(path)) for number, code, name, path in result]
    return found


def _who_of(row: FileRow, people: Sequence[Person], faults: list[RowFault]) -> Person | None:
    """Return the one who is meant, by code, or by a name that one of the row's division bears; else add a fault."""
    by = "code" if row.code else "name"
    said = row.code or row.name
    found = [one for one in people if getattr(one, by) == said and row.kind in (None, one.who.kind)]
    if len(found) > 1 and row.division:
        found = [one for one in found if row.division in one.path.split(".")] or found
    if not found:
        faults.append(RowFault("roster.who", row.row, by, {"value": said}))
    elif len(found) > 1:
        alike = [f"{one.who.kind.value} {one.code}" for one in found[:FEW]]
        faults.append(RowFault("roster.who_ambiguous", row.row, by, {"value": said, "codes": alike}))
    elif row.code and row.name and row.name != found[0].name:
        faults.append(RowFault("roster.who_named", row.row, "name", {"value": row.name, "name": found[0].name}))
    else:
        return found[0]
    return None


def _id_of(row: FileRow, person: Person, theirs: Iterable[Shift]) -> UUID:
    """Return the id of the shift that the one who serves begins then, or the one that follows from both."""
    same = (
        shift.id
        for shift in theirs
        if shift.cancelled_at is None and who_of(shift) == person.who and shift.starts_at == row.span.starts_at
    )
    return next(same, id_of(person.who, row.span.starts_at))


def _once_each(meant: Sequence[Meant], faults: list[RowFault]) -> list[Meant]:
    """Return the rows but those whose id an earlier one has: faults. Rows that overlap stay, and are told as such."""
    first: dict[UUID, Meant] = {}
    kept = []
    for one in meant:
        other = first.setdefault(one.id, one)
        if other is one or _overlap(one, other):
            kept.append(one)
        else:
            faults.append(RowFault("roster.row_twice", one.row.row, "shift", {"other": other.row.row}))
    return kept


def _overlap(one: Meant, other: Meant) -> bool:
    cancelled = one.row.is_cancelled or other.row.is_cancelled
    return one.person.who == other.person.who and one.row.span.touches(other.row.span) and not cancelled


def _is_sound(row: FileRow, person: Person, faults: list[RowFault]) -> bool:
    try:
        check_shift(_new_shift(row, person))
    except MaplebridgeError as error:
        faults.append(fault_of(error, row))
        return False
    return True


class _Places:
    """The divisions in which shifts are served, looked up once each."""

    def __init__(self, session: AsyncSession, actor: Actor, at: Moment) -> None:
        self._session, self._actor, self._at = session, actor, at
        self._known: dict[tuple[str | None, str | None, str], str | PlaceUnknown] = {}

    async def of(self, one: Meant) -> str:
        """Return the path. Raises `PlaceUnknown`."""
        key = (one.row.unit, one.row.division, one.person.path)
        if key not in self._known:
            try:
                self._known[key] = await place_of(
                    self._session, self._actor, *key[:2], own=one.person.path, today=self._at.today
                )
            except PlaceUnknown as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, PlaceUnknown):
            raise found
        return found

    @property
    def now(self) -> Any:
        return self._at.now


async def _compare(one: Meant, there: Shift | None, places: _Places, found: Compared) -> None:
    row = one.row
    if found.cancels(row, there, "shift", now=places.now):
        return
    try:
        path = await places.of(one)
    except PlaceUnknown as error:
        found.faults.append(fault_of(error, row))
        return
    found.writes(row, there, said_by(_new_shift(row, one.person), path), "shift", fresh=new_row(one.id))


def _moves(one: Meant, there: Shift | None) -> bool:
    """Return whether a shift is new, of somebody else, or at another time."""
    return there is None or who_of(there) != one.person.who or span_in(there) != one.row.span


def _in_the_way(
    fresh: Sequence[Meant], others: Sequence[Shift] | Sequence[Leave], code: str, name: str
) -> Iterable[RowFault]:
    """Yield a fault for each shift that falls into another one, or into leave, of the same one."""
    grouped: dict[Who, list[Shift | Leave]] = defaultdict(list)
    for other in others:
        grouped[who_of(other)].append(other)
    for one in fresh:
        hit = [other for other in grouped.get(one.person.who, ()) if span_in(other).touches(one.row.span)]
        for other in hit[:1]:
            times = {"starts_at": other.starts_at.isoformat(), "ends_at": other.ends_at.isoformat()}
            yield RowFault(code, one.row.row, "starts_at", {name: str(other.id), **times})


async def _held(
    session: AsyncSession, table: Any, known: Sequence[tuple[FileRow, Person]], *, locked: bool = False
) -> list[Any]:
    """Read the shifts or leave, cancelled ones too, of those who serve in the time of the file."""
    if not known:
        return []
    spans = [row.span for row, _ in known]
    around = Span(min(span.starts_at for span in spans), max(span.ends_at for span in spans))
    ids: dict[WhoKind, set[int]] = defaultdict(set)
    for _, person in known:
        ids[person.who.kind].add(person.who.id)
    of_them: list[ColumnElement[bool]] = [
        and_(table.who_kind == kind.value, table.who_id.in_(numbers)) for kind, numbers in ids.items()
    ]
    wanted = select(table).where(or_(*of_them), during(table, around)).order_by(table.starts_at, table.id)
    if locked:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return list((await session.scalars(wanted)).all())


async def _by_id(session: AsyncSession, table: Any, ids: set[UUID]) -> dict[UUID, Any]:
    wanted = select(table).where(table.id.in_(ids)).order_by(table.id).with_for_update()
    return {row.id: row for row in await session.scalars(wanted)} if ids else {}
