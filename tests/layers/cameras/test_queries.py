"""Cameras near a point, and whether they see it."""

import pytest
import shapely
from sqlalchemy.ext.asyncio import AsyncSession

from layers.cameras.actions import register_many
from layers.cameras.queries import cameras_near, list_cameras
from layers.cameras.rules import CameraRecord, in_view

LON, LAT = 120.6, 31.1
METRE_EAST, METRE_NORTH = 1 / 95_400, 1 / 110_870


def camera(code: str, *, east: float = 0, north: float = 0, heading: float = 0, fov: float = 60) -> CameraRecord:
    """A camera that many metres from the point."""
    return CameraRecord(
        code=code,
        name=f"Camera {code}",
        owner="police",
        point=shapely.Point(LON + east * METRE_EAST, LAT + north * METRE_NORTH),
        division_path="320509",
        heading=heading,
        fov_deg=fov,
        range_m=100,
    )


@pytest.mark.parametrize(
    ("bearing", "distance", "seen"),
    [(0, 99, True), (0, 101, False), (29, 50, True), (31, 50, False), (331, 50, True), (329, 50, False)],
)
def test_a_view_is_a_wedge_round_the_heading(bearing: float, distance: float, seen: bool) -> None:
    assert in_view(bearing=bearing, distance_m=distance, heading=0, fov_deg=60, range_m=100) is seen


async def test_the_nearest_cameras_come_first_with_their_view(session: AsyncSession) -> None:
    cameras = [
        camera("south", north=-50, heading=0),
        camera("north", north=60, heading=0),
        camera("east", east=55, heading=270),
        camera("far", north=-300, heading=0),
    ]
    await register_many(session, cameras)
    near = await cameras_near(session, lon=LON, lat=LAT, limit=4)
    assert [(found.code, found.in_view) for found in near] == [
        ("south", True), ("east", True), ("north", False), ("far", False),
    ]  # fmt: skip
    assert near[0].distance_m == pytest.approx(50, abs=0.5)


async def test_nearness_is_measured_in_metres_not_degrees(session: AsyncSession) -> None:
    """110 m to the north is fewer degrees than 100 m to the east."""
    await register_many(session, [camera(f"north{i}", north=110) for i in range(3)] + [camera("east", east=100)])
    assert [found.code for found in await cameras_near(session, lon=LON, lat=LAT, limit=1)] == ["east"]


async def test_a_camera_at_the_incident_sees_it(session: AsyncSession) -> None:
    await register_many(session, [camera("here", heading=123)])
    assert (await cameras_near(session, lon=LON, lat=LAT, limit=1))[0].in_view


async def test_a_list_pages_by_id_and_by_box(session: AsyncSession) -> None:
    await register_many(session, [camera(f"c{i}", east=1000 * i) for i in range(4)])
    first = await list_cameras(session, limit=2)
    rest = await list_cameras(session, limit=9, after=first[-1].id)
    assert [found.code for found in first + rest] == ["c0", "c1", "c2", "c3"]
    boxed = await list_cameras(session, limit=9, bbox=(LON - 0.001, LAT - 0.001, LON + 0.012, LAT + 0.001))
    assert [found.code for found in boxed] == ["c0", "c1"]
