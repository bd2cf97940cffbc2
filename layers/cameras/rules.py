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
