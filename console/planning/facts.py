"""Read what figures are made of: incidents, work, cameras, homes and counts, as the actor may see them.

An actor who may not read incidents sees them masked, and gets figures of the masked places: a planner, who draws lines
at will, would else learn from counts where an incident is. A masked place is the middle of its cell, or where that lies
beyond the village that is shown, the middle of the part within.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Boolean, ColumnElement, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.access.sight import Subject, sees_masked
from console.forces.tables import Force
from console.incidents.tables import Incident
from console.planning.communities import Communities
from console.planning.counts import Facts, Ints
from console.planning.drafts import Base
from console.planning.homes import Worker
from console.tasks.tables import Task
from geo.cells import centre, ring
from geo.coverage.owners import owner_of
from geo.coverage.topology import Coverage
from geo.masking import MASK_LEVEL, mask_cell, mask_place
from geo.store import SRID, Ltree
from layers.cameras.tables import Camera
from layers.divisions.queries import on_day
from layers.divisions.tables import Division
from layers.divisions.terms import GRID

AROUND_DEGREES = 0.01
"""A masked place may lie so far from the incident: a cell of 400 m."""
FINISHED = "finished"
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Happened:
    """An incident as the actor may see it. `counts`: it occurred within the months asked for."""

    place: Place
    category: str
    counts: bool
    is_open: bool


async def read_facts(
    session: AsyncSession,
    actor: Actor,
    base: Base,
    *,
    since: datetime,
    least: int,
    now: datetime,
    communities: Communities | None = None,
) -> Facts:
    """Read the facts on the land of a base, of incidents that occurred from `since` on, and of those open now.

    A kind's work is the median of at least `least` finished tasks, else that of its class, else of all.
    """
    happened = await _incidents(session, actor, base, since=since, now=now)
    minutes = UsualMinutes.of(await _work(session, base, since=since), least=least)
    cameras = await _points(session, Camera, base.coverage)
    classes = sorted({class_of(one.category) for one in happened if one.counts})
    place_in = {name: i for i, name in enumerate(classes)}
    n, m = len(happened), len(cameras)
    work = [minutes(one.category) if one.counts else 0 for one in happened]
    return Facts(
        points=np.array([*(one.place for one in happened), *cameras], dtype=np.float64).reshape(-1, 2),
        classes=classes,
        class_at=_padded([place_in[class_of(one.category)] if one.counts else -1 for one in happened], m, -1),
        minutes=None if None in work else _padded([each or 0 for each in work], m, 0),
        is_open=_padded([int(one.is_open) for one in happened], m, 0),
        is_camera=np.array([0] * n + [1] * m, dtype=np.int64),
        workers=await _workers(session, actor, base),
        households=base.households,
        enterprises=base.enterprises,
        communities=communities,
    )


def _padded(values: Sequence[int], more: int, value: int) -> Ints:
    return np.array([*values, *[value] * more], dtype=np.int64)


def class_of(category: str) -> str:
    """Return the class of a category, the part before its first dot."""
    return category.partition(".")[0]


@dataclass(frozen=True, slots=True)
class UsualMinutes:
    """Whole minutes of travel and handling of an incident, by category: the medians of finished tasks."""

    of_category: Mapping[str, int]
    of_class: Mapping[str, int]
    of_all: int | None

    @classmethod
    def of(cls, work: Iterable[tuple[str, float]], *, least: int) -> "UsualMinutes":
        """Take the medians of pairs of category and minutes, none of fewer than `least`."""
        groups: tuple[defaultdict[str, list[float]], ...] = (defaultdict(list), defaultdict(list), defaultdict(list))
        for category, minutes in work:
            for group, key in zip(groups, (category, class_of(category), ""), strict=True):
                group[key].append(minutes)
        medians = [
            {key: round(median(found)) for key, found in group.items() if len(found) >= least} for group in groups
        ]
        return cls(medians[0], medians[1], medians[2].get(""))

    def __call__(self, category: str) -> int | None:
        return self.of_category.get(category, self.of_class.get(class_of(category), self.of_all))


async def _incidents(
    session: AsyncSession, actor: Actor, base: Base, *, since: datetime, now: datetime
) -> list[Happened]:
    counts = (Incident.occurred_at >= since) & (Incident.occurred_at <= now)
    wanted = select(
        func.ST_X(Incident.geom),
        func.ST_Y(Incident.geom),
        Incident.village_code,
        Incident.category,
        counts,
        Incident.closed_at.is_(None),
    ).where(_near(Incident.geom, base.coverage, degrees=AROUND_DEGREES), or_(counts, Incident.closed_at.is_(None)))
    places = await _masked_places(session, base) if sees_masked(actor, Subject.INCIDENTS) else None
    rows = await session.execute(wanted.order_by(Incident.id))
    found = ((places.of((x, y), village) if places else (x, y), *rest) for x, y, village, *rest in rows)
    return [Happened(place, *rest) for place, *rest in found if place is not None]


@dataclass(slots=True)
class MaskedPlaces:
    """Where masked incidents are counted: in the village that is shown with each, and not at all where that is one
    `elsewhere`.
    """

    coverage: Coverage
    elsewhere: frozenset[str]
    _known: dict[tuple[int, str], Place | None] = field(default_factory=dict)

    def of(self, place: Place, village: str | None) -> Place | None:
        """Return a place that follows from the masked cell and the village alone."""
        key = mask_cell(*place), village or ""
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, cell: int, village: str) -> Place | None:
        if village in self.elsewhere:
            return None
        middle = centre(cell)
        if village not in self.coverage or self.coverage.divisions[village].level != MASK_LEVEL:
            return middle
        owner = owner_of(self.coverage, middle)
        if owner is not None and village in self.coverage.tree.above(owner):
            return middle
        outline = self.coverage.outline(village)
        common = shapely.intersection(shapely.Polygon(ring(cell)), outline)
        inside = shapely.point_on_surface(common if common.area else outline)
        return inside.x, inside.y


async def _masked_places(session: AsyncSession, base: Base) -> MaskedPlaces:
    if MASK_LEVEL not in base.coverage.levels:
        return MaskedPlaces(base.coverage, frozenset())
    villages = select(Division.code).where(Division.level == MASK_LEVEL, on_day(base.key[1]))
    found = frozenset(await session.scalars(villages))
    return MaskedPlaces(base.coverage, found - base.coverage.divisions.keys())


async def masked_open_places(session: AsyncSession, base: Base) -> list[Place]:
    """Return the masked places of the incidents that are open on the land of a base."""
    wanted = select(func.ST_X(Incident.geom), func.ST_Y(Incident.geom), Incident.village_code).where(
        _near(Incident.geom, base.coverage, degrees=AROUND_DEGREES), Incident.closed_at.is_(None)
    )
    places = await _masked_places(session, base)
    rows = (await session.execute(wanted)).all()
    return [place for x, y, village in rows if (place := places.of((x, y), village)) is not None]


async def _work(session: AsyncSession, base: Base, *, since: datetime) -> list[tuple[str, float]]:
    """List category and minutes from setting out to the end of each finished task of a lead."""
    minutes = func.extract("epoch", Task.ended_at - func.coalesce(Task.departed_at, Task.accepted_at)) / 60
    within = Task.division_path.op("<@")(cast(base.key[0], Ltree))
    wanted = (
        select(Incident.category, minutes)
        .join(Incident, Incident.id == Task.incident_id)
        .where(
            within, Task.status == FINISHED, Task.role == "lead", Incident.occurred_at >= since, minutes.is_not(None)
        )
    )
    return [(category, float(spent)) for category, spent in await session.execute(wanted)]


async def _points(session: AsyncSession, table: type[Camera], coverage: Coverage) -> list[Place]:
    wanted = select(func.ST_X(table.geom), func.ST_Y(table.geom)).where(_near(table.geom, coverage))
    return [(lon, lat) for lon, lat in await session.execute(wanted.order_by(table.id))]


def _near(column: Any, coverage: Coverage, *, degrees: float = 0.0) -> ColumnElement[bool]:
    """Clause: within the box around a coverage, and some degrees more."""
    west, south, east, north = coverage.outer.bounds
    box = func.ST_MakeEnvelope(west - degrees, south - degrees, east + degrees, north + degrees, SRID)
    return cast(column.op("&&")(box), Boolean)


async def _workers(session: AsyncSession, actor: Actor, base: Base) -> list[Worker]:
    """List the forces posted to grids, with masked homes for those who see forces masked."""
    home_of = mask_place if sees_masked(actor, Subject.FORCES) else _open_place
    grids = {code for code, one in base.coverage.divisions.items() if one.level == GRID}
    within = Force.division_path.op("<@")(cast(base.key[0], Ltree))
    wanted = select(func.ST_X(Force.home), func.ST_Y(Force.home), Force.mode, Force.division_path).where(within)
    return [
        Worker(*home_of(lon, lat), mode, grid)
        for lon, lat, mode, path in await session.execute(wanted.order_by(Force.id))
        for grid in _grid_on(path, grids)
    ]


def _open_place(lon: float, lat: float) -> Place:
    return lon, lat


def _grid_on(path: str, grids: set[str]) -> Iterator[str]:
    """Yield the grid along a path, if there is one."""
    yield from (code for code in path.split(".") if code in grids)
