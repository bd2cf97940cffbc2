"""What the register decides: who may hold a post, and what happens to the cases of one that ends. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from geo.errors import ErrorKind, MaplebridgeError

HEAD, DEPUTY, MEMBER, SECONDED = "head", "deputy", "member", "seconded"
DUTIES = (HEAD, DEPUTY, MEMBER, SECONDED)


class UnitClosed(MaplebridgeError):
    """The unit is closed, and takes no posts. `params`: `unit`."""

    code = "unit.closed"
    kind = ErrorKind.CONFLICT


class UnitTaken(MaplebridgeError):
    """A unit has this code already, or the division has a centre. `params`: `unit`."""

    code = "unit.exists"
    kind = ErrorKind.CONFLICT


class UnitInUse(MaplebridgeError):
    """The unit still has posts, running cases, or units below it. `params`: `unit`, `posts`, `cases`, `below`."""

    code = "unit.in_use"
    kind = ErrorKind.CONFLICT


class StaffTaken(MaplebridgeError):
    """A person on the staff has this code already. `params`: `person`."""

    code = "staff.exists"
    kind = ErrorKind.CONFLICT


class PostHeld(MaplebridgeError):
    """The person holds this post already in these days. `params`: `unit`."""

    code = "post.held"
    kind = ErrorKind.CONFLICT


class StaffPostEnded(MaplebridgeError):
    """The post has ended."""

    code = "post.ended"
    kind = ErrorKind.CONFLICT


class SuccessorUnknown(MaplebridgeError):
    """The successor holds no post in this unit. `params`: `unit`."""

    code = "post.successor"
    kind = ErrorKind.INVALID


class PostUnknown(MaplebridgeError):
    """A code that the pack's register does not have. `params`: `field`, `value`."""

    code = "post.unknown"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """One entry of the register's list of units. `level` is that of its division."""

    code: str
    kind: str
    is_centre: bool
    name: str
    name_en: str
    parent: str | None
    level: str
    division_path: str
    rule: str = ""
    hours: str = ""
    telephone: str = ""
    services: tuple[str, ...] = ()
    specialities: tuple[str, ...] = ()
    attendance: str = ""
    running: bool = True
    assumed: bool = False
    on_map: bool = True


@dataclass(frozen=True, slots=True)
class StaffRecord:
    """A person on the staff."""

    code: str
    name: str
    division_path: str


@dataclass(frozen=True, slots=True)
class PostRecord:
    """A post of a person in a unit, by their codes."""

    person: str
    unit: str
    division_path: str
    duty: str = MEMBER
    title: str = ""
    role: str = ""
    attendance: str = ""
    managed_by: tuple[str, ...] = ()
    specialities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Register:
    """A whole register: units, parents before children, people, and posts."""

    units: tuple[UnitRecord, ...] = ()
    staff: tuple[StaffRecord, ...] = ()
    posts: tuple[PostRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldPost:
    """A post as it stands in the register, with the unit's code and the person's name."""

    id: int
    unit: str
    unit_id: int
    person_id: int
    person: str
    duty: str
    title: str
    role: str
    attendance: str
    managed_by: tuple[str, ...]
    specialities: tuple[str, ...]
    division_path: str
    first_day: date
    until: date | None


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to give to a person; `until` is the first day without it."""

    person_id: int
    unit: str
    first_day: date
    until: date | None = None
    duty: str = MEMBER
    title: str = ""
    role: str = ""
    attendance: str = ""
    managed_by: tuple[str, ...] = field(default=())
    specialities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A unit that has fewer posts of a title than the pack's minimum."""

    minimum: str
    unit: str
    least: int
    held: int


def shortfalls(minimum: str, *, units: Iterable[str], held: Iterable[str], least: int) -> list[Shortfall]:
    """Return the units that have fewer than `least` posts; `held` names the unit of each post that there is."""
    counts = dict.fromkeys(units, 0)
    for unit in held:
        if unit in counts:
            counts[unit] += 1
    return [Shortfall(minimum, unit, least, count) for unit, count in counts.items() if count < least]


def require_known(value: str, known: Collection[str], *, name: str) -> None:
    """Raise `PostUnknown` for a code that the register does not have; empty is none."""
    if value and value not in known:
        raise PostUnknown(field=name, value=value)
