"""A camera's record and its field of view. Pure."""

from dataclasses import dataclass

from shapely import Point


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """One entry of a camera list. WGS-84 degrees; heading in degrees clockwise from north, range in metres."""

    code: str
    name: str
    owner: str
    point: Point
    division_path: str
    heading: float
    fov_deg: float
    range_m: float
    online: bool = True


def in_view(*, bearing: float, distance_m: float, heading: float, fov_deg: float, range_m: float) -> bool:
    """Return whether a point in that direction (degrees from north) and distance lies within a camera's view and range.

    Headings wrap: from 350° to 10° is 20°. Walls and trees are ignored.
    """
    apart = abs((bearing - heading + 180) % 360 - 180)
    return distance_m <= range_m and apart <= fov_deg / 2
