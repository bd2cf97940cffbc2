"""What a camera's entry says. Pure."""

from dataclasses import dataclass

from shapely import Point


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """A camera as a list gives it. WGS-84 degrees; heading in degrees clockwise from north, range in metres."""

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
    """Whether a place in that direction (degrees from north) and distance lies within a field of view and its range.

    Headings go round: from 350° to 10° is 20°. Nothing is known of walls and trees.
    """
    apart = abs((bearing - heading + 180) % 360 - 180)
    return distance_m <= range_m and apart <= fov_deg / 2
