"""Coverage by cones equals a count of points, and a view behind walls is what straight lines reach."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.plane import Plane
from geo.views import covered_share, cut, view
from layers.cameras.rules import in_view
from layers.key_areas.rules import ViewOfCamera, coverage_of

SIDE = 400.0
AREA = shapely.box(0, 0, SIDE, SIDE)
STEP = 2.0
"""Points lie so far apart: 40,000 of them."""
GRID = np.stack(np.meshgrid(np.arange(STEP / 2, SIDE, STEP), np.arange(STEP / 2, SIDE, STEP)), axis=-1).reshape(-1, 2)

CONES = st.lists(
    st.tuples(
        st.floats(-100, SIDE + 100),
        st.floats(-100, SIDE + 100),
        st.floats(0, 359.9),
        st.sampled_from([20.0, 60.0, 75.0, 90.0, 180.0, 270.0, 360.0]),
        st.floats(30, 250),
    ),
    min_size=1,
    max_size=12,
)
HOUSES = st.lists(st.tuples(st.floats(0, 380), st.floats(0, 380), st.floats(8, 60), st.floats(8, 60)), max_size=6)


def counted(cones: list[tuple[float, ...]], houses: list[shapely.Polygon]) -> float:
    """The share of points that some cone sees, each point by its own angle, distance and line of sight."""
    seen = np.zeros(len(GRID), dtype=bool)
    for x, y, heading, fov, reach in cones:
        away = GRID - (x, y)
        bearing = np.degrees(np.arctan2(away[:, 0], away[:, 1]))
        apart = np.abs((bearing - heading + 180) % 360 - 180)
        inside = (np.hypot(away[:, 0], away[:, 1]) <= reach) & (apart <= fov / 2)
        walls = [one for one in houses if one.distance(shapely.Point(x, y)) > 1]
        if walls and inside.any():
            ends = np.stack([np.broadcast_to((x, y), GRID[inside].shape), GRID[inside]], axis=1)
            inside[inside] = ~shapely.intersects(shapely.union_all(walls), shapely.linestrings(ends))
        seen |= inside
    return float(seen.mean())


@settings(max_examples=60, deadline=None)
@given(cones=CONES)
def test_coverage_by_cones_is_a_brute_force_count_within_one_percent(cones: list[tuple[float, ...]]) -> None:
    views = [view(x, y, heading=h, fov_deg=f, range_m=r) for x, y, h, f, r in cones]
    assert covered_share(AREA, views) == pytest.approx(counted(cones, []), abs=0.01)


@settings(max_examples=40, deadline=None)
@given(cones=CONES.filter(lambda cones: len(cones) <= 4), houses=HOUSES)
def test_coverage_behind_walls_is_a_brute_force_count_within_one_percent(
    cones: list[tuple[float, ...]], houses: list[tuple[float, ...]]
) -> None:
    walls = [shapely.box(x, y, x + w, y + h) for x, y, w, h in houses]
    views = [cut(view(x, y, heading=h, fov_deg=f, range_m=r), x, y, walls) for x, y, h, f, r in cones]
    assert covered_share(AREA, views) == pytest.approx(counted(cones, walls), abs=0.01)


def test_cameras_that_turn_have_a_figure_of_their_own() -> None:
    plane = Plane(120.6, 31.1)
    outline = shapely.transform(shapely.box(-100, -100, 100, 100), lambda metres: plane.to_degrees(metres))
    lon, lat = plane.to_degrees([[0.0, -100.0]])[0]
    fixed = ViewOfCamera(lon, lat, 0.0, 60.0, 100.0, ptz=False)
    turning = ViewOfCamera(lon, lat, 0.0, 60.0, 100.0, ptz=True)
    far = ViewOfCamera(lon, lat - 0.01, 180.0, 60.0, 100.0, ptz=False)
    found = coverage_of(outline, [fixed, turning, far], buildings=None)
    assert found.counted == (0, 1) and not found.cut
    assert found.area_m2 == pytest.approx(40_000, rel=0.001)
    assert found.fixed_share == pytest.approx(np.pi * 100**2 / 6 / 40_000, rel=0.01)
    assert found.turning_share == pytest.approx(np.pi * 100**2 / 2 / 40_000, rel=0.01)
    assert in_view(bearing=20, distance_m=99, heading=0, fov_deg=60, range_m=100)
    wall = plane_box(plane, -100, -60, 100, -50)
    walled = coverage_of(outline, [fixed], buildings=lambda shape: [wall])
    assert walled.cut and 0 < walled.fixed_share < 0.4 * found.fixed_share


def plane_box(plane: Plane, *corners: float) -> shapely.Polygon:
    return shapely.transform(shapely.box(*corners), lambda metres: plane.to_degrees(metres))
