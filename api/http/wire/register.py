"""JSON of the register: units, their posts, and the pack's words for them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from geoalchemy2.shape import to_shape
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from shapely import Point

from api.http.wire.networks import NamedOut
from api.http.wire.shapes import Day, Id, In, Out
from console.cases.centres import MOVERS
from console.register.rules import HeldPost, NewPost
from console.register.tables import Unit
from console.register.terms import Checklist, Hours, RegisterTerms
from ingest.reports.fields import PlainText

ShortCode = Annotated[PlainText, Field(max_length=64)]
ChangeReason = Annotated[PlainText, Field(max_length=500, description="Why; it stands in the log of changes.")]


class UnitOut(Out):
    """A unit: centre, zone, room, station, studio, committee, organisation, department or pool."""

    id: int
    code: str
    kind: str
    centre: bool = Field(description="It is the centre of its division.")
    name: str
    name_en: str
    parent: str | None
    level: str
    division: str
    lon: float | None
    lat: float | None
    hours: str = Field(description="Code of its opening hours; empty where not known.")
    telephone: str
    services: list[str]
    specialities: list[str]
    attendance: str = Field(description="`resident`, `rotating`, `on_call`, or empty.")
    running: bool = Field(description="False while its site is being built.")
    assumed: bool = Field(description="No report names it.")
    accepts: bool = Field(description="Somebody whose role works on cases holds a post in it today.")
    opened_on: date
    closed_on: date | None

    @classmethod
    def of(cls, unit: Unit, *, accepts: bool) -> Self:
        at = None if unit.geom is None else to_shape(unit.geom)
        lon, lat = (at.x, at.y) if isinstance(at, Point) else (None, None)
        same = ("id", "code", "kind", "name", "name_en", "parent", "level", "hours", "telephone", "services")
        more = ("specialities", "attendance", "running", "assumed", "opened_on", "closed_on")
        return cls(
            accepts=accepts,
            centre=unit.is_centre,
            division=unit.division_path.rpartition(".")[2],
            lon=lon,
            lat=lat,
            **{name: getattr(unit, name) for name in same + more},
        )


class StaffPostOut(Out):
    """A post of a person in a unit. `until` is the first day without it."""

    id: int
    unit: str
    person: str
    person_id: int
    duty: str
    title: str
    role: str
    attendance: str
    managed_by: list[str]
    specialities: list[str]
    first_day: date
    until: date | None

    @classmethod
    def of(cls, post: HeldPost) -> Self:
        return cls.model_validate(post)


class UnitDetailsOut(UnitOut):
    """A unit with its posts of today. `staff` is their number; `posts` is null for those who may not read names."""

    staff: int
    posts: list[StaffPostOut] | None

    @classmethod
    def with_posts(cls, unit: Unit, held: Sequence[HeldPost], *, named: bool) -> Self:
        posts = [StaffPostOut.of(post) for post in held] if named else None
        accepts = any(post.role in MOVERS for post in held)
        return cls(
            **UnitOut.of(unit, accepts=accepts).model_dump(), staff=len({post.person_id for post in held}), posts=posts
        )


class StaffPostsOut(Out):
    """Posts of a unit, or of the account."""

    items: list[StaffPostOut]
    missing: bool = Field(False, description="The account has cases by a post alone, and holds none today.")


class NewPersonIn(In):
    """A person to add to the staff of the unit's division. `code` is the county's own, such as a staff number."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    name: Annotated[PlainText, Field(min_length=1, max_length=100)]


class StaffPostIn(In):
    """A post for a person, from a day on, today by default; `until` is the first day without it.

    `person` is one of the staff, `new_person` somebody to add to it: either of them.
    """

    person: Id | None = None
    new_person: NewPersonIn | None = None
    unit: ShortCode = Field(min_length=1)
    duty: Literal["head", "deputy", "member", "seconded"] = "member"
    title: ShortCode = ""
    role: ShortCode = ""
    attendance: Literal["", "resident", "rotating", "on_call"] = ""
    managed_by: list[ShortCode] = Field([], max_length=2)
    specialities: list[ShortCode] = Field([], max_length=50)
    first_day: Day | None = None
    until: Day | None = None
    reason: ChangeReason = ""

    @model_validator(mode="after")
    def _names_one_person(self) -> Self:
        if (self.person is None) == (self.new_person is None):
            raise PydanticCustomError("one_of_two", "say either person or new_person")
        return self

    def as_post(self, today: date, *, person_id: int) -> NewPost:
        return NewPost(
            person_id=person_id,
            unit=self.unit,
            first_day=self.first_day or today,
            until=self.until,
            duty=self.duty,
            title=self.title,
            role=self.role,
            attendance=self.attendance,
            managed_by=tuple(self.managed_by),
            specialities=tuple(self.specialities),
        )


class StaffPostEndIn(In):
    """Who takes over the open cases: a post of the same unit. Without one, they go to the unit's queue."""

    successor: Id | None = None
    reason: ChangeReason = ""


class StaffPostEndedOut(Out):
    """The day from which a post is not held, and how many open cases went to the successor or to the queue."""

    until: date
    cases: int


class UnitKindOut(NamedOut):
    """A kind of unit. Parties choose a mediator from a `pool`."""

    centre: bool
    pool: bool


class HoursOut(NamedOut):
    """Opening hours: seven days from Monday, each with its spans in minutes after midnight."""

    week: list[list[tuple[int, int]]]

    @classmethod
    def of_hours(cls, hours: Hours) -> Self:
        week = [[*day] for day in hours.week]
        return cls(code=hours.code, names=hours.names.model_dump(), week=week)


class ChecklistOut(NamedOut):
    """A checklist of centres at `levels`, with its source."""

    levels: list[str]
    source: str
    items: list[NamedOut]

    @classmethod
    def of_checklist(cls, checklist: Checklist) -> Self:
        return cls(
            code=checklist.code,
            names=checklist.names.model_dump(),
            levels=list(checklist.levels),
            source=checklist.source,
            items=[NamedOut.of(item.code, item.names) for item in checklist.items],
        )


class RegisterOut(Out):
    """The pack's words for its units, and where staff is short of the pack's minimums."""

    kinds: list[UnitKindOut]
    titles: list[NamedOut]
    services: list[NamedOut]
    hours: list[HoursOut]
    checklists: list[ChecklistOut]
    short_of: list["ShortfallOut"]

    @classmethod
    def of(cls, terms: RegisterTerms, short_of: Sequence["ShortfallOut"]) -> Self:
        return cls(
            kinds=[
                UnitKindOut(code=kind.code, names=kind.names.model_dump(), centre=kind.centre, pool=kind.pool)
                for kind in terms.unit_kinds
            ],
            titles=[NamedOut.of(title.code, title.names) for title in terms.titles],
            services=[NamedOut.of(service.code, service.names) for service in terms.services],
            hours=[HoursOut.of_hours(hours) for hours in terms.opening_hours],
            checklists=[ChecklistOut.of_checklist(checklist) for checklist in terms.checklists],
            short_of=list(short_of),
        )


class ShortfallOut(Out):
    """A unit with fewer posts of a title than the pack's minimum."""

    minimum: str
    names: Mapping[str, str]
    unit: str
    least: int
    held: int
