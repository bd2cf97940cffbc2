"""JSON of the register's screen: units edited by hand, who sits where today, exposure, and the log of changes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from api.http.wire.register import ShortCode
from api.http.wire.shapes import In, Latitude, Longitude, Out
from console.change_log.tables import ChangeEntry
from console.register.rules import UnitRecord
from console.register.tables import StaffMember
from console.rosters.sitting import Sitting, is_person
from ingest.reports.fields import PlainText
from layers.exposure.rules import Exposure

Reason = Annotated[PlainText, Field(min_length=2, max_length=500, description="Why; it stands in the log of changes.")]
UnitName = Annotated[PlainText, Field(min_length=1, max_length=100)]
Telephone = Annotated[str, Field(pattern=r"^[0-9+ -]{0,32}$")]
Attendance = Literal["", "resident", "rotating", "on_call"]
Codes = Annotated[list[ShortCode], Field(max_length=100)]


class UnitIn(In):
    """A new unit, open from today. Its `division` is a code; its `level` follows from it."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{2,64}$")]
    kind: ShortCode = Field(min_length=1)
    name: UnitName
    name_en: Annotated[PlainText, Field(max_length=100)] = ""
    division: Annotated[str, Field(pattern=r"^\w{1,32}$")]
    parent: ShortCode | None = None
    hours: ShortCode = ""
    telephone: Telephone = ""
    services: Codes = Field([])
    specialities: Codes = Field([])
    attendance: Attendance = ""
    lon: Longitude | None = None
    lat: Latitude | None = None
    reason: Reason

    def as_record(self, level: str, path: str, *, is_centre: bool) -> UnitRecord:
        return UnitRecord(
            code=self.code,
            kind=self.kind,
            is_centre=is_centre,
            name=self.name,
            name_en=self.name_en or self.name,
            parent=self.parent,
            level=level,
            division_path=path,
            hours=self.hours,
            telephone=self.telephone,
            services=tuple(self.services),
            specialities=tuple(self.specialities),
            attendance=self.attendance,
        )


class UnitEditIn(In):
    """What changes of a unit; what is left out stays."""

    name: UnitName | None = None
    name_en: Annotated[PlainText, Field(max_length=100)] | None = None
    hours: ShortCode | None = None
    telephone: Telephone | None = None
    services: Codes | None = None
    specialities: Codes | None = None
    attendance: Attendance | None = None
    running: bool | None = None
    reason: Reason

    def said(self) -> dict[str, Any]:
        """Return the fields that were given."""
        return self.model_dump(exclude={"reason"}, exclude_none=True)


class UnitCloseIn(In):
    """Why a unit is closed."""

    reason: Reason


class StaffOut(Out):
    """A person on the staff. `account` is the username, null without one or for those who may not read accounts."""

    id: int
    code: str
    name: str
    division: str
    account: str | None

    @classmethod
    def of(cls, person: StaffMember, *, account: str | None) -> Self:
        division = person.division_path.rpartition(".")[2]
        return cls(id=person.id, code=person.code, name=person.name, division=division, account=account)


class StaffListOut(Out):
    """People of the staff that were asked for by name."""

    items: list[StaffOut]


class SittingOut(Out):
    """A shift of today in a unit. `away`: leave takes some of it. `name` is empty for those who may not read names."""

    kind: Literal["force", "person", "unit"]
    name: str
    attendance: Literal["resident", "rotating", "on_call"]
    starts_at: datetime
    ends_at: datetime
    away: bool

    @classmethod
    def of(cls, sitting: Sitting, *, named: bool) -> Self:
        return cls(
            kind=sitting.who.kind.value,
            name=sitting.name if named or not is_person(sitting) else "",
            attendance=sitting.attendance,
            starts_at=sitting.starts_at,
            ends_at=sitting.ends_at,
            away=sitting.away,
        )


class SittingsOut(Out):
    """Who serves in a unit on a day, by the rosters."""

    day: date
    items: list[SittingOut]


class ExposureRowOut(Out):
    """Counts in a division: sums over the smallest divisions in it that were counted; null where none was.

    `divisions` is how many these are; `oldest` the earliest day of their counts, null where they came with boundaries.
    """

    code: str
    divisions: int
    households: int | None
    premises: int | None
    enterprises: int | None
    oldest: date | None

    @classmethod
    def of(cls, exposure: Exposure) -> Self:
        same = ("divisions", "households", "premises", "enterprises", "oldest")
        code = exposure.path.rpartition(".")[2]
        return cls(code=code, **{name: getattr(exposure, name) for name in same})


class ExposureOut(Out):
    """How many households, premises and enterprises a division has, and the divisions directly below it."""

    total: ExposureRowOut
    items: list[ExposureRowOut]


class ChangeEntryOut(Out):
    """One change: who, when, what (`kind`), of which `subject`, and why. `details`: by field, before and after."""

    id: int
    at: datetime
    author: str
    kind: str
    subject: str
    reason: str
    details: Mapping[str, Sequence[Any]]
    division: str

    @classmethod
    def of(cls, entry: ChangeEntry) -> Self:
        same = ("id", "at", "author", "kind", "subject", "reason", "details")
        division = entry.division_path.rpartition(".")[2]
        return cls(division=division, **{name: getattr(entry, name) for name in same})
