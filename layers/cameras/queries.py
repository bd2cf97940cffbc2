"""Reading cameras: all of them, or those that are near a place."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from layers.cameras.rules import in_view
from layers.divisions.queries import Bbox


@dataclass(frozen=True, slots=True)
class CameraHere:
    """A camera and where it stands."""

    id: int
    code: str
    name: str
    owner: str
    heading: float
    fov_deg: float
    range_m: float
    online: bool
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class NearCamera(CameraHere):
    """A camera near a place: how far, and whether the place is in its view."""

    distance_m: float
    in_view: bool


_ALL = text(
    """
    SELECT id, code, name, owner, heading, fov_deg, range_m, online, ST_X(geom) AS lon, ST_Y(geom) AS lat
    FROM cameras
    WHERE id > :after AND (CAST(:west AS float8) IS NULL OR geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326))
    ORDER BY id
    LIMIT :limit
    """
)
_NEAR = text(
    """
    SELECT id, code, name, owner, heading, fov_deg, range_m, online, ST_X(geom), ST_Y(geom),
           ST_Distance(geom::geography, place::geography) AS distance_m,
           degrees(ST_Azimuth(geom::geography, place::geography)) AS bearing
    FROM (SELECT ST_SetSRID(ST_Point(:lon, :lat), 4326) AS place) AS matter,
         LATERAL (SELECT * FROM cameras ORDER BY geom <-> place LIMIT :some) AS camera
    ORDER BY distance_m, id
    LIMIT :limit
    """
)


async def list_cameras(
    session: AsyncSession, *, limit: int, after: int = 0, bbox: Bbox | None = None
) -> list[CameraHere]:
    """Cameras by id, those beyond `after`, in a box where one is given."""
    west, south, east, north = bbox or (None, None, None, None)
    box = {"west": west, "south": south, "east": east, "north": north}
    rows = await session.execute(_ALL, {"limit": limit, "after": after, **box})
    return [CameraHere(*row) for row in rows]


async def cameras_near(session: AsyncSession, *, lon: float, lat: float, limit: int) -> list[NearCamera]:
    """The nearest cameras, nearest first.

    The index measures in degrees, which are shorter from east to west than from south to north; so it proposes more
    than are asked for, and metres decide.
    """
    rows = await session.execute(_NEAR, {"lon": lon, "lat": lat, "limit": limit, "some": 4 * limit + 16})
    return [_near(*row) for row in rows]


def _near(*row: Any) -> NearCamera:
    """From a row of `_NEAR`: the camera, then distance and bearing, which is null where the camera stands itself."""
    *fields, distance_m, bearing = row
    camera = CameraHere(*fields)
    seen = in_view(
        bearing=camera.heading if bearing is None else bearing,
        distance_m=distance_m,
        heading=camera.heading,
        fov_deg=camera.fov_deg,
        range_m=camera.range_m,
    )
    return NearCamera(**asdict(camera), distance_m=round(distance_m, 1), in_view=seen)
