"""Compare the leave of a file with the roster, inside the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from console.rosters.clashes import FileRow, RowFault, id_of
from console.rosters.meant import Compared, Meant, Person, fault_of
from console.rosters.queries import span_in, who_of
from console.rosters.rules import LONGEST_LEAVE, ShiftTimes, check_span
from console.rosters.tables import Leave
from console.rosters.writing import Moment


def leave_id_of(row: FileRow, person: Person, theirs: Iterable[Leave]) -> UUID:
    """Return the id of the leave that the one on leave begins then, or the one that follows from both."""
    same = (
        leave.id
        for leave in theirs
        if leave.cancelled_at is None and who_of(leave) == person.who and leave.starts_at == row.span.starts_at
    )
    return next(same, id_of(person.who, row.span.starts_at, is_leave=True))


def compare_leave(meant: Sequence[Meant], there: Mapping[UUID, Leave], found: Compared, *, at: Moment) -> None:
    """Add to `found` what the rows would do."""
    for one in meant:
        _compare(one, there.get(one.id), found, at=at)


def _compare(one: Meant, there: Leave | None, found: Compared, *, at: Moment) -> None:
    row = one.row
    if found.cancels(row, there, "leave", now=at.now):
        return
    try:
        check_span(row.span, longest=LONGEST_LEAVE)
    except ShiftTimes as error:
        found.faults.append(fault_of(error, row))
        return
    said = {
        "who_kind": one.person.who.kind.value,
        "who_id": one.person.who.id,
        "starts_at": row.span.starts_at,
        "ends_at": row.span.ends_at,
        "division_path": one.person.path,
    }
    found.writes(row, there, said, "leave", fresh=Leave(id=one.id, version=0, cancelled_at=None))


def in_leave_of_file(shifts: Sequence[Meant], leave: Sequence[Meant]) -> Iterable[RowFault]:
    """Yield a fault for each new or moved shift that falls into leave of the same file."""
    for one in shifts:
        for other in leave:
            same = other.person.who == one.person.who and not other.row.is_cancelled
            if same and other.row.span.touches(one.row.span):
                times = {
                    "starts_at": other.row.span.starts_at.isoformat(),
                    "ends_at": other.row.span.ends_at.isoformat(),
                }
                yield RowFault("roster.on_leave", one.row.row, "starts_at", {"leave": str(other.id), **times})
                break


def moves(one: Meant, there: Leave | None) -> bool:
    """Return whether leave is new, of somebody else, or at another time."""
    return there is None or who_of(there) != one.person.who or span_in(there) != one.row.span
