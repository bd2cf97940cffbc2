"""Search by part of a name or code. Row-level security confines every query to the session's reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.forces.tables import Force
from console.incidents.tables import Incident
from console.positions.tables import LatestFix
from layers.cameras.tables import Camera
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.places.tables import Place

LIMIT = 20
NEEDED = {"incident": Permission.READ_INCIDENTS, "force": Permission.READ_FORCES}


@dataclass(frozen=True, slots=True)
class Found:
    """A result with a place on the map (degrees), and what tells it from others of the same name.

    `status` is an incident's state or a force's duty; `about` its category, kind or level; `at` when the incident was
    registered or the force's position taken.
    """

    kind: str
    id: int
    label: str
    lon: float
    lat: float
    status: str | None
    code: str = ""
    about: str | None = None
    division_path: str | None = None
    at: datetime | None = None


async def search(session: AsyncSession, actor: Actor, words: str, *, day: date) -> list[Found]:
    """Return at most 20 results, a fair share of each kind, grouped by kind.

    `%` and `_` are ordinary characters. Kinds that the actor may not read are left out. Raises `Forbidden`.
    """
    actor.require(Permission.READ_LAYERS)
    wanted = {
        "incident": _incidents(words),
        "force": _forces(words),
        "division": _divisions(words, day=day),
        "place": _places(words),
        "camera": _cameras(words),
    }
    found = {
        kind: [Found(kind, *row) for row in await session.execute(query.limit(LIMIT))]
        for kind, query in wanted.items()
        if actor.may(NEEDED.get(kind, Permission.READ_LAYERS))
    }
    return fair_shares(found, most=LIMIT)


def fair_shares(found: Mapping[str, Sequence[Found]], *, most: int) -> list[Found]:
    """Pick `most` results, taking turns between kinds, so that a thousand incidents do not hide the one camera."""
    taken = dict.fromkeys(found, 0)
    for turn in range(most):
        for kind, some in found.items():
            if turn < len(some) and sum(taken.values()) < most:
                taken[kind] += 1
    return [one for kind, some in found.items() for one in some[: taken[kind]]]


def _incidents(words: str) -> Select[Any]:
    """Match incidents: open ones first, then the newest. A case code may be typed with spaces and dashes."""
    code = words.replace(" ", "").replace("-", "")
    label = Incident.case_code + " " + Incident.title
    named = or_(
        Incident.title.icontains(words, autoescape=True),
        Incident.case_code.icontains(code, autoescape=True),
        Incident.external_no == words,
    )
    wanted = select(
        Incident.id,
        label,
        func.ST_X(Incident.geom),
        func.ST_Y(Incident.geom),
        Incident.status,
        Incident.case_code,
        Incident.category,
        Incident.division_path,
        Incident.registered_at,
    )
    return wanted.where(named).order_by(Incident.closed_at.is_not(None), Incident.id.desc())


def _forces(words: str) -> Select[Any]:
    """Match forces, at their latest position or else their home."""
    at = func.coalesce(LatestFix.geom, Force.home)
    named = or_(Force.name.icontains(words, autoescape=True), Force.code.icontains(words, autoescape=True))
    of_row = (Force.duty, Force.code, Force.kind, Force.division_path, LatestFix.at)
    wanted = select(Force.id, Force.name, func.ST_X(at), func.ST_Y(at), *of_row)
    return wanted.outerjoin(LatestFix, LatestFix.force_id == Force.id).where(named).order_by(Force.id)


def _divisions(words: str, *, day: date) -> Select[Any]:
    """Match divisions, larger ones first."""
    at = Division.label_point
    named = or_(Division.name.icontains(words, autoescape=True), Division.code.startswith(words, autoescape=True))
    of_row = (literal(None), Division.code, Division.level, Division.division_path)
    wanted = select(Division.id, Division.name, func.ST_X(at), func.ST_Y(at), *of_row)
    return wanted.where(named, on_day(day)).order_by(func.nlevel(Division.division_path), Division.id)


def _places(words: str) -> Select[Any]:
    named = or_(Place.name.icontains(words, autoescape=True), Place.code.icontains(words, autoescape=True))
    of_row = (literal(None), Place.code, Place.kind, Place.division_path)
    wanted = select(Place.id, Place.name, func.ST_X(Place.geom), func.ST_Y(Place.geom), *of_row)
    return wanted.where(named).order_by(Place.id)


def _cameras(words: str) -> Select[Any]:
    named = or_(Camera.name.icontains(words, autoescape=True), Camera.code.startswith(words, autoescape=True))
    of_row = (literal(None), Camera.code, literal(None), Camera.division_path)
    wanted = select(Camera.id, Camera.name, func.ST_X(Camera.geom), func.ST_Y(Camera.geom), *of_row)
    return wanted.where(named).order_by(Camera.id)
