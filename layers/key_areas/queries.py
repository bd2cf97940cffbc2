"""Read key areas, with the cameras that may reach each."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from layers.cameras.rules import State, state_of
from layers.key_areas.rules import ViewOfCamera

LEAST_METRES_PER_DEGREE = 40_000.0
"""Of longitude, as far north as 68°."""
MOST_AREAS = 500

_AREAS = text(
    "SELECT id, code, kind, name, ST_AsBinary(geom), subpath(division_path, -1)::text FROM key_areas "
    "ORDER BY name, id LIMIT :most"
)
_NEAR = text(
    """
    SELECT k.id, ST_X(c.geom), ST_Y(c.geom), c.heading, c.fov_deg, c.range_m, c.ptz, s.online, s.said_at, s.heard_at
    FROM key_areas k
    JOIN cameras c ON ST_Expand(k.geom, c.range_m / :metres) && c.geom
    LEFT JOIN camera_states s ON s.camera_id = c.id
    ORDER BY k.id, c.id
    """
)


@dataclass(slots=True)
class ReachedArea:
    """A key area in WGS-84 degrees, with the cameras that may reach it."""

    id: int
    code: str
    kind: str
    name: str
    outline: BaseGeometry
    division: str
    cameras: list[ViewOfCamera] = field(default_factory=list)
    states: list[State] = field(default_factory=list)


async def key_areas(session: AsyncSession, *, now: datetime, within: timedelta) -> list[ReachedArea]:
    """Return the key areas within reach, at most `MOST_AREAS`, by name. Cameras count as far as they are in reach, too.

    `within` is how long what was said of a camera holds.
    """
    rows = (await session.execute(_AREAS, {"most": MOST_AREAS})).all()
    near: dict[int, list[ViewOfCamera]] = defaultdict(list)
    states: dict[int, list[State]] = defaultdict(list)
    for area, lon, lat, heading, fov_deg, range_m, ptz, *said in await session.execute(
        _NEAR, {"metres": LEAST_METRES_PER_DEGREE}
    ):
        states[area].append(state_of(*said, now=now, within=within))
        near[area].append(ViewOfCamera(lon, lat, heading, fov_deg, range_m, ptz))
    return [
        ReachedArea(area, code, kind, name, shapely.from_wkb(bytes(geom)), division, near[area], states[area])
        for area, code, kind, name, geom, division in rows
    ]
