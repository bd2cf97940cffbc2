"""Shifts of a file, and which of its rows contradict each other. Pure."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from console.rosters.rules import Span, Who, WhoKind
from console.rosters.terms import Attendance


@dataclass(frozen=True, slots=True)
class FileRow:
    """A shift of a file, or leave (`is_leave`) without attendance. The one who serves is told by `code` or `name`, and
    by `kind` where these leave it open.

    Without an `id` it is that which the same one begins then. `version` is that of the export it was read from.
    """

    row: int
    span: Span
    attendance: Attendance
    id: UUID | None = None
    kind: WhoKind | None = None
    code: str = ""
    name: str = ""
    unit: str | None = None
    division: str | None = None
    answer_minutes: int | None = None
    note: str = ""
    is_cancelled: bool = False
    is_leave: bool = False
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with a row of a file; `params` name the other row or shift, and what would do."""

    code: str
    row: int
    field: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def id_of(who: Who, begin: datetime, *, is_leave: bool = False) -> UUID:
    """Return the id of a shift or of leave that has none in its file: the same file again is the same one."""
    of = "roster-file-leave" if is_leave else "roster-file"
    return uuid5(NAMESPACE_URL, f"{of}:{who.kind.value}:{who.id}:{begin.astimezone(UTC).isoformat()}")


def clashes(rows: Sequence[tuple[int, Who, Span]], *, zone: ZoneInfo | None) -> Iterator[RowFault]:
    """Yield a fault for each row that overlaps one before it in time of the same one; `row` in `params` is the other.

    `roster.midnight_twice` is a shift over midnight that is written under both of its days; not told without a `zone`,
    of leave.
    """
    grouped: dict[Who, list[tuple[Span, int]]] = defaultdict(list)
    for row, who, span in rows:
        grouped[who].append((span, row))
    for mine in grouped.values():
        longest: tuple[Span, int] | None = None
        for span, row in sorted(mine):
            if longest is not None and longest[0].touches(span):
                is_night = zone is not None and is_night_twice(longest[0], span, zone)
                code = "roster.midnight_twice" if is_night else "roster.rows_overlap"
                yield RowFault(code, max(row, longest[1]), "starts_at", {"other": min(row, longest[1])})
            if longest is None or span.ends_at > longest[0].ends_at:
                longest = span, row


def is_night_twice(one: Span, other: Span, zone: ZoneInfo) -> bool:
    """Return whether two ranges are one night: the same over midnight, or one of them a part that midnight cuts off."""
    longer, shorter = (one, other) if one.holds(other) else (other, one)
    begin, end = (moment.astimezone(zone) for moment in (longer.starts_at, longer.ends_at))
    midnight = datetime.combine(end.date(), time(), zone)
    if not longer.holds(shorter) or begin.date() == end.date() or end == midnight:
        return False
    return shorter in (longer, Span(longer.starts_at, midnight), Span(midnight, longer.ends_at))
