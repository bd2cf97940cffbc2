"""Operations and lines that are refused: each error names the divisions, shows the place and has one way out.

`params` of every error: `codes`, the divisions concerned, and `where`, a GeoJSON geometry in degrees or None.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geo.coverage.partition import Problem
from geo.errors import ErrorKind, MaplebridgeError

SHOWN = 100
"""Problems that an error lists; it counts all."""


class PlanRefused(MaplebridgeError):
    """An operation that cannot be done; nothing of it was."""

    def __init__(self, *codes: str, where: BaseGeometry | None = None, **params: Any) -> None:
        super().__init__(codes=[*codes], where=as_geojson(where), **params)


def as_geojson(geometry: BaseGeometry | None) -> dict[str, Any] | None:
    """Return a geometry as GeoJSON-ready values, or None for none."""
    return None if geometry is None or geometry.is_empty else dict(mapping(geometry))


def refusal_of(code: str, params: Mapping[str, Any]) -> PlanRefused:
    """Return the refusal that another process raised, by its code and `params`."""
    kind = next(kind for kind in PlanRefused.__subclasses__() if kind.code == code)
    refused = kind(*params.get("codes", ()))
    refused.params.update(params)
    return refused


class LinesDoNotFit(PlanRefused):
    """The lines are no coverage, and the faults are too wide to be mended.

    `problems` numbers and lists them, `count` is how many there are, `width_m` the width of the widest, where one was
    measured, and `repair` that of a repair that mends all.
    Way out: import with a wider repair, or redraw the places.
    """

    code = "plan.lines"
    kind = ErrorKind.INVALID

    @classmethod
    def of(cls, problems: Iterable[Problem], *, width_m: float | None = None) -> "LinesDoNotFit":
        """Build the error from faults."""
        found = [{"number": number, **problem_as_json(one)} for number, one in enumerate(problems, start=1)]
        codes = sorted({problem["code"] for problem in found})
        return cls(*codes[:SHOWN], problems=found[:SHOWN], count=len(found), width_m=width_m)


def problem_as_json(problem: Problem) -> dict[str, Any]:
    """Return a fault as `{fault, code, other, area_m2, where}`."""
    return {
        "fault": str(problem.fault),
        "code": problem.code,
        "other": problem.other,
        "area_m2": problem.area_m2,
        "where": as_geojson(problem.where),
    }


class UnknownCode(PlanRefused):
    """No division of the draft has one of `codes`. Way out: read the draft again."""

    code = "plan.unknown_code"
    kind = ErrorKind.INVALID


class WrongLevel(PlanRefused):
    """Divisions of `codes` are not of the level that the operation needs (`wanted`, where it is one)."""

    code = "plan.wrong_level"
    kind = ErrorKind.INVALID


class AcrossParents(PlanRefused):
    """`codes` lie in different `parents`. Way out: reassign them to one of these first."""

    code = "plan.across_parents"
    kind = ErrorKind.INVALID


class NotConnected(PlanRefused):
    """A division would lie in more parts than before; touching at a corner is no connection. `where` has the parts.

    Way out: take in what lies between, or give the smaller part to a neighbour.
    """

    code = "plan.not_connected"
    kind = ErrorKind.INVALID


class LineDoesNotDivide(PlanRefused):
    """The line does not cut the division in two. Way out: draw it from border to border."""

    code = "plan.line_does_not_divide"
    kind = ErrorKind.INVALID


class Crosses(PlanRefused):
    """A border would cross or touch another one, or itself. Way out: move it less far, or move the other one first."""

    code = "plan.crosses"
    kind = ErrorKind.INVALID


class Outside(PlanRefused):
    """The place lies outside the division or the draft. Way out: draw within it."""

    code = "plan.outside"
    kind = ErrorKind.INVALID


class FixedLine(PlanRefused):
    """The border belongs to the outline of the draft, or to a division whose lines are fixed. Way out: a plan of the
    division above."""

    code = "plan.fixed_line"
    kind = ErrorKind.INVALID


class Locked(PlanRefused):
    """A locked division would change. `codes` are those changed, `locked` the locked ones. Way out: unlock it."""

    code = "plan.locked"
    kind = ErrorKind.INVALID


class Sliver(PlanRefused):
    """A division would be narrower (`width_m`) than `least_m`. Way out: draw the line further from the border, or on
    it."""

    code = "plan.sliver"
    kind = ErrorKind.INVALID


class Emptied(PlanRefused):
    """Nothing would be left of `codes`. Way out: merge it."""

    code = "plan.emptied"
    kind = ErrorKind.INVALID


class NothingThere(PlanRefused):
    """No border or vertex lies within `reach_m` of the place. Way out: zoom in and take hold of a border."""

    code = "plan.nothing_there"
    kind = ErrorKind.INVALID


class ChangesNothing(PlanRefused):
    """All is already as the operation would make it."""

    code = "plan.changes_nothing"
    kind = ErrorKind.INVALID


class BadPolygon(PlanRefused):
    """The polygon or line given is none: it crosses itself, or has too few vertices. `where` shows the place."""

    code = "plan.bad_shape"
    kind = ErrorKind.INVALID


class NoName(PlanRefused):
    """The name is empty or too long."""

    code = "plan.name"
    kind = ErrorKind.INVALID


class Unreadable(PlanRefused):
    """The operation has an unknown `op`, or `fields` that are missing, unknown or malformed."""

    code = "plan.operation"
    kind = ErrorKind.INVALID


class Conflict(PlanRefused):
    """What the operation would restore has been changed since. `codes` and `where` show it."""

    code = "plan.conflict"
    kind = ErrorKind.CONFLICT


class CodesUsedUp(PlanRefused):
    """A parent has no code left for a new division within the scheme. Way out: take the codes of another parent."""

    code = "plan.codes_used_up"
    kind = ErrorKind.CONFLICT


class CodesExchanged(PlanRefused):
    """In an edited file, divisions have each other's codes. A code is an identity for ever.

    Way out: give each its own code again, or reassign what lies below.
    """

    code = "plan.codes_exchanged"
    kind = ErrorKind.INVALID


class CodeTwice(PlanRefused):
    """In an edited file, several shapes of one code do not make up the division that had it.

    Way out: give the new one a code of its own, or none; if the division was split and its border moved as well, import
    one after the other.
    """

    code = "plan.code_twice"
    kind = ErrorKind.INVALID


class NotAsOperations(PlanRefused):
    """An edited file differs from the draft in a way that no operations make. `where` shows what is left.

    Way out: split, merge or move there in the draft itself.
    """

    code = "plan.not_as_operations"
    kind = ErrorKind.INVALID


class ParentDrawn(PlanRefused):
    """In an edited file, divisions above the finest have lines that do not follow from those below.

    Way out: edit the finest divisions only; lines above follow.
    """

    code = "plan.parent_drawn"
    kind = ErrorKind.INVALID


class TooManyOperations(PlanRefused):
    """An edited file draws `count` divisions anew, more than `most` at a time. Way out: import a part at a time."""

    code = "plan.too_many_operations"
    kind = ErrorKind.INVALID


class OtherPlace(PlanRefused):
    """The file, or the `count` of its `rows` that `codes` and `where` show, lies `offset_m` beside the known lines.

    `likely` is the datum in which it would lie on them (`wgs84`, `gcj02`, `bd09`), `axes` for exchanged axes, or
    `unknown`. Way out: import it with that datum, with `swap_xy`, or with its coordinate system as `crs`.
    """

    code = "plan.other_place"
    kind = ErrorKind.INVALID
