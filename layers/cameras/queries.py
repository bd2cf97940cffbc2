"""Read cameras: all of them, or the nearest to a point."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from layers.cameras.rules import in_view
from layers.divisions.queries import Bbox


@dataclass(frozen=True, slots=True)
class LocatedCamera:
    """A camera with its coordinates, and what the video platform said last of it: None if nothing."""

    id: int
    code: str
    name: str
    owner: str
    heading: float
    fov_deg: float
    range_m: float
    level: int
    ptz: bool
    online: bool | None
    said_at: datetime | None
    heard_at: datetime | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class NearCamera(LocatedCamera):
    """A camera near a point: its distance, and whether the point is in its view."""

    distance_m: float
    in_view: bool


_ALL = text(
    """
    SELECT id, code, name, owner, heading, fov_deg, range_m, level, ptz, s.online, said_at, heard_at,
           ST_X(geom) AS lon, ST_Y(geom) AS lat
    FROM cameras LEFT JOIN camera_states AS s ON camera_id = id
    WHERE id > :after AND (CAST(:west AS float8) IS NULL OR geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326))
    ORDER BY id
    LIMIT :limit
    """
)
_NEAR = text(
    """
    SELECT id, code, name, owner, heading, fov_deg, range_m, level, ptz, s.online, said_at, heard_at,
           ST_X(geom), ST_Y(geom),
           ST_Distance(geom::geography, place::geography) AS distance_m,
           degrees(ST_Azimuth(geom::geography, place::geography)) AS bearing
    FROM (SELECT ST_SetSRID(ST_Point(:lon, :lat), 4326) AS place) AS point,
         LATERAL (SELECT * FROM cameras ORDER BY geom <-> place LIMIT :some) AS camera
         LEFT JOIN camera_states AS s ON camera_id = id
    ORDER BY distance_m, id
    LIMIT :limit
    """
)


async def list_cameras(
    session: AsyncSession, *, limit: int, after: int = 0, bbox: Bbox | None = None
) -> list[LocatedCamera]:
    """List cameras by id, those with an id above `after`, within `bbox` if given."""
    west, south, east, north = bbox or (None, None, None, None)
    box = {"west": west, "south": south, "east": east, "north": north}
    rows = await session.execute(_ALL, {"limit": limit, "after": after, **box})
    return [LocatedCamera(*row) for row in rows]


async def cameras_near(session: AsyncSession, *, lon: float, lat: float, limit: int) -> list[NearCamera]:
    """List the nearest cameras, nearest first.

    The index measures in degrees, which are shorter from east to west than from south to north; so it returns more
    candidates than asked for, and metres decide.
    """
    rows = await session.execute(_NEAR, {"lon": lon, "lat": lat, "limit": limit, "some": 4 * limit + 16})
    return [_near(*row) for row in rows]


def _near(*row: Any) -> NearCamera:
    """Build a camera from a row of `_NEAR`. The bearing is null where the camera stands at the point itself."""
    *fields, distance_m, bearing = row
    camera = LocatedCamera(*fields)
    seen = in_view(
        bearing=camera.heading if bearing is None else bearing,
        distance_m=distance_m,
        heading=camera.heading,
        fov_deg=360.0 if camera.ptz else camera.fov_deg,
        range_m=camera.range_m,
    )
    return NearCamera(**asdict(camera), distance_m=round(distance_m, 1), in_view=seen)
