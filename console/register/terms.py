"""The register in a pack, `register.toml`: units by name and by rule, their staff, services, hours and checklists."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from console.access.rules import ROLES
from geo.terms import AtLeastOne, Code, Coded, Count, DivisionCode, Names, Part, Text, bad_value

Duty = Literal["head", "deputy", "member", "seconded"]
Attendance = Literal["", "resident", "rotating", "on_call"]
NAME = "{name}"
ShareOfOne = Annotated[float, Field(ge=0, le=1)]


def _role_or_none(role: str) -> str:
    if role and role not in ROLES:
        raise bad_value("there is no such role; there are: {roles}", roles=", ".join(ROLES))
    return role


class UnitKind(Coded):
    """A kind of unit. A division has at most one `centre`; parties choose mediators from a `pool`.

    `of_centre`: it is a part of its division's centre, such as a reception room; whoever receives visitors there works
    on the centre's cases, too. `on_map`: it is a place on the map.
    """

    centre: bool = False
    of_centre: bool = False
    pool: bool = False
    on_map: bool = True


class Title(Coded):
    """A title of posts, as the place calls it: 中心主任, 特邀调解员, 法治骨干."""


class Service(Coded):
    """A service that units offer."""


class Hours(Coded):
    """Opening hours of units: seven days from Monday, each with its spans in minutes after midnight, up to 1440."""

    week: Annotated[tuple[tuple[tuple[int, int], ...], ...], Field(min_length=7, max_length=7)]

    @model_validator(mode="after")
    def _in_order(self) -> "Hours":
        for spans in self.week:
            edges = [edge for span in spans for edge in span]
            if edges != sorted(set(edges)) or any(not 0 <= edge <= 1440 for edge in edges):
                raise bad_value("spans go from 0 to 1440 minutes, in order and apart")
        return self


class Staffing(Part):
    """Posts of a unit: `each` in every unit of the rule, or `total` shared out over them.

    `drawn_from` are rules of units or kinds of units whose people take these posts besides their own; without it the
    posts have people of their own. `managed_by` are rules of units: with the unit's own department, two managements.
    `specialities_each` are drawn from `specialities` for each person; 0 for all of them.
    """

    title: Code | None = None
    duty: Duty = "member"
    role: Annotated[str, AfterValidator(_role_or_none)] = ""
    attendance: Attendance = ""
    each: Count = 0
    total: Count = 0
    drawn_from: tuple[Code, ...] = ()
    managed_by: Annotated[tuple[Code, ...], Field(max_length=2)] = ()
    specialities: tuple[Code, ...] = ()
    specialities_each: Count = 0

    @model_validator(mode="after")
    def _counted(self) -> "Staffing":
        if (self.each > 0) == (self.total > 0):
            raise bad_value("name either each or total")
        return self


class UnitRule(Part):
    """Units of one sort: one in every division of the level `at`, or in these `divisions` alone.

    In names, `{name}` stands for the division's. `parent` is another rule, of the same division; without it a centre's
    is the centre of the division above, and any other unit's the centre of its own division.
    """

    code: Code
    kind: Code
    names: Names
    at: Literal["root", "city", "county", "town", "village"] = "root"
    divisions: tuple[DivisionCode, ...] = ()
    parent: Code | None = None
    hours: Code | None = None
    telephone: Annotated[str, Field(pattern=r"^[0-9+ -]{0,32}$")] = ""
    services: tuple[Code, ...] = ()
    specialities: tuple[Code, ...] = ()
    attendance: Attendance = ""
    running: ShareOfOne = 1
    assumed: bool = False
    staff: tuple[Staffing, ...] = ()


class ChecklistItem(Part):
    """One line of a checklist."""

    code: Code
    names: Names


class Checklist(Coded):
    """A checklist of centres at `levels` (五有、五规范、六有、八化). `source` names who wrote it."""

    levels: tuple[str, ...] = ()
    source: Text
    items: Annotated[tuple[ChecklistItem, ...], Field(min_length=1)]


class GridTask(Part):
    """What grids may, or may not, be given 准入、禁入清单: entry for the whole place."""

    names: Names
    allowed: bool
    basis: Text


class Minimum(Coded):
    """Fewest posts of a `title` in the units of a kind: one below it is shown as short of staff."""

    title: Code
    kind: Code
    at: Literal["city", "county", "town", "village"]
    least: AtLeastOne


class RegisterTerms(Part):
    """`register.toml`. A pack without it has no units."""

    unit_kinds: tuple[UnitKind, ...] = ()
    titles: tuple[Title, ...] = ()
    services: tuple[Service, ...] = ()
    opening_hours: tuple[Hours, ...] = ()
    units: tuple[UnitRule, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    grid_tasks: tuple[GridTask, ...] = ()
    minimums: tuple[Minimum, ...] = ()

    @cached_property
    def kind_by_code(self) -> dict[str, UnitKind]:
        return {kind.code: kind for kind in self.unit_kinds}

    @cached_property
    def rule_by_code(self) -> dict[str, UnitRule]:
        return {rule.code: rule for rule in self.units}
