"""JSON of rosters: shifts, leave, gaps in the cover, and the pack's patterns."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from api.http.wire.flow import NamedCodeOut
from api.http.wire.shapes import Day, Id, In, Moment, Out
from console.access.tables import Session
from console.rosters.actions import NewLeave, Swap
from console.rosters.meant import Compared
from console.rosters.queries import who_of
from console.rosters.rules import Gap, NewShift, Span, Who, WhoKind
from console.rosters.tables import Leave, Shift
from console.rosters.terms import AnswerMinutes, Attendance, Cover, Pattern
from ingest.reports.fields import PlainText, null_means

Kind = Literal["force", "person", "unit"]
PlaceCode = Annotated[str, Field(max_length=80)]
Note = Annotated[PlainText, null_means("", given=str)]
AREA = Field(description="The division one below the root in which it lies, or the root itself: a town of a county.")


def area_of(path: str) -> str:
    """Return the code of the division one below the root in which a path lies, or the root's."""
    return path.split(".")[:2][-1]


class WhoIn(In):
    """The one who serves: a force, a person of the register, or a unit."""

    kind: Kind
    id: Id

    def as_who(self) -> Who:
        return Who(WhoKind(self.kind), self.id)


class ShiftIn(In):
    """A shift from `starts_at` until before `ends_at`, at most 31 days.

    It is served at `unit`, or in `division`, or by default in the division of the one who serves. `answer_minutes` is
    for shifts on call only.
    """

    who: WhoIn
    attendance: Attendance
    starts_at: Moment
    ends_at: Moment
    unit: PlaceCode | None = None
    division: PlaceCode | None = None
    answer_minutes: AnswerMinutes | None = None
    note: Note = Field("", max_length=200)

    def as_shift(self) -> NewShift:
        return NewShift(
            self.who.as_who(),
            self.attendance,
            Span(self.starts_at, self.ends_at),
            unit=self.unit,
            division=self.division,
            answer_minutes=self.answer_minutes,
            note=self.note,
        )


class LeaveIn(In):
    """Leave from `starts_at` until before `ends_at`. Its cause is asked for nowhere."""

    who: WhoIn
    starts_at: Moment
    ends_at: Moment

    def as_leave(self) -> NewLeave:
        return NewLeave(self.who.as_who(), Span(self.starts_at, self.ends_at))


class SwapIn(In):
    """Hours of the shift for another one: all of it unless `starts_at` and `ends_at` say which.

    `in_return` is one of their shifts, which goes to the giver whole.
    """

    to: WhoIn
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    in_return: UUID | None = None

    def as_swap(self, shift: Shift) -> Swap:
        whole = self.starts_at is None and self.ends_at is None
        span = None if whole else Span(self.starts_at or shift.starts_at, self.ends_at or shift.ends_at)
        return Swap(self.to.as_who(), span, self.in_return)


class LayIn(In):
    """A pattern of the pack for `who`, in this order, from the first to the last day."""

    pattern: str = Field(max_length=64)
    who: list[WhoIn] = Field(min_length=1, max_length=200)
    first: Day
    last: Day
    unit: PlaceCode | None = None
    division: PlaceCode | None = None


class LaidOut(Out):
    """How many shifts are new, cancelled, and left out: for leave, or since others of theirs were there already."""

    added: int
    cancelled: int
    on_leave: int
    kept: int


class RosterImportedOut(Out):
    """What a file did, or with `dry` would do: shifts by outcome, and with `dry` its problems, each with `code`, `row`,
    `field`, `cell` and `params`. Nothing is kept of a file with problems.
    """

    kept: bool
    added: int
    changed: int
    cancelled: int
    unchanged: int
    problems: list[dict[str, Any]]

    @classmethod
    def told(cls, found: Compared, *, problems: Sequence[Mapping[str, Any]], kept: bool) -> Self:
        counts = {name: getattr(found, name) for name in ("added", "changed", "cancelled", "unchanged")}
        return cls(kept=kept, problems=[dict(one) for one in problems], **counts)


class WhoOut(Out):
    """The one who serves. The name is null for those who may not read it."""

    kind: Kind
    id: int
    name: str | None


class ShiftRowOut(Out):
    """A shift. `assumed`: laid by a calendar whose year was not published."""

    id: UUID
    who: WhoOut
    attendance: Attendance
    starts_at: datetime
    ends_at: datetime
    unit: str | None
    division: str
    area: str = AREA
    answer_minutes: int | None
    pattern: str
    assumed: bool
    note: str
    cancelled: bool
    version: int

    @classmethod
    def told(cls, row: Shift, names: Mapping[Who, str], *, answer_minutes: int) -> Self:
        who, on_call = who_of(row), row.attendance == "on_call"
        name = names.get(who)
        return cls(
            id=row.id,
            who=WhoOut(kind=who.kind.value, id=who.id, name=name),
            attendance=row.attendance,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            unit=row.unit,
            division=row.division_path.rpartition(".")[2],
            area=area_of(row.division_path),
            answer_minutes=(answer_minutes if row.answer_minutes is None else row.answer_minutes) if on_call else None,
            pattern=row.pattern,
            assumed=row.assumed,
            note="" if name is None else row.note,
            cancelled=row.cancelled_at is not None,
            version=row.version,
        )


class LeaveOut(Out):
    """Leave of somebody, who serves none of their shifts in it."""

    id: UUID
    who: WhoOut
    starts_at: datetime
    ends_at: datetime
    division: str
    area: str = AREA
    version: int

    @classmethod
    def told(cls, row: Leave, names: Mapping[Who, str]) -> Self:
        who = who_of(row)
        return cls(
            id=row.id,
            who=WhoOut(kind=who.kind.value, id=who.id, name=names.get(who)),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            division=row.division_path.rpartition(".")[2],
            area=area_of(row.division_path),
            version=row.version,
        )


class GapOut(Out):
    """Hours in which a division has fewer at work than a minimum asks; `held` is how many are there."""

    cover: str
    division: str
    area: str = AREA
    starts_at: datetime
    ends_at: datetime
    least: int
    held: int

    @classmethod
    def told(cls, gap: Gap) -> Self:
        return cls(
            cover=gap.cover,
            division=gap.division_path.rpartition(".")[2],
            area=area_of(gap.division_path),
            starts_at=gap.span.starts_at,
            ends_at=gap.span.ends_at,
            least=gap.least,
            held=gap.held,
        )


class PlaceNameOut(Out):
    """A division or unit of the roster. `name_en` is empty where there is none."""

    code: str
    name: str
    name_en: str


class PatternOut(NamedCodeOut):
    """A pattern of shifts that the pack has."""

    attendance: Attendance
    hours: tuple[str, ...]
    turn: Literal["none", "day", "week"]

    @classmethod
    def of(cls, pattern: Pattern) -> Self:
        return cls.model_validate(pattern)


class CoverOut(NamedCodeOut):
    """A minimum cover that the pack asks for in each division of a level."""

    at: str
    least: int

    @classmethod
    def of(cls, cover: Cover) -> Self:
        return cls.model_validate(cover)


class RosterOut(Out):
    """A page of the shifts of some days, and with the first page all leave and gaps in them.

    `assumed_years` have no published calendar: ordinary weeks and the days off of the law are assumed.
    """

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    items: list[ShiftRowOut]
    next: str | None
    leaves: list[LeaveOut]
    gaps: list[GapOut]
    assumed_years: list[int]
    days_off: list[date] = Field(description="Days of the period that are not worked.")
    places: list[PlaceNameOut]
    patterns: list[PatternOut]
    minimums: list[CoverOut]
    may_edit: bool


class RosterPeopleOut(Out):
    """Those who can be put on the roster, by words of their name or code."""

    items: list[WhoOut]


class RosterLinkOut(Out):
    """The link of a calendar, which is told this once. `is_own`: it has the caller's own shifts alone."""

    url: str
    expires_at: datetime
    is_own: bool


class RosterFeedOut(Out):
    """Whether a calendar has a link (`made_at`), until when, and when a calendar last asked, to a minute; null: not
    yet, or there is none.
    """

    made_at: datetime | None
    expires_at: datetime | None
    read_at: datetime | None
    is_own: bool

    @classmethod
    def told(cls, found: Session | None, *, is_own: bool) -> Self:
        if found is None:
            return cls(made_at=None, expires_at=None, read_at=None, is_own=is_own)
        read_at = found.last_seen_at if found.last_seen_at > found.created_at else None
        return cls(made_at=found.created_at, expires_at=found.expires_at, read_at=read_at, is_own=is_own)
