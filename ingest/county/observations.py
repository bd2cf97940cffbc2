"""Output of the generator: plain observations, which `api/intake` stores."""

from dataclasses import dataclass
from datetime import date

from shapely.geometry import Point, Polygon


@dataclass(frozen=True, slots=True)
class Division:
    """A division from `valid_from` on. `parent` is None for the root; `english` is None where unknown.

    `households`, `premises` and `enterprises` are exposure; those of a parent are the sums of its children's.
    """

    code: str
    level: str
    name: str
    parent: str | None
    path: str
    polygon: Polygon
    label: Point
    households: int
    enterprises: int
    valid_from: date
    generated: bool
    source: str = ""
    english: str | None = None
    premises: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A centre, station or room. `kind`: station, or the level and `_centre`."""

    code: str
    kind: str
    name: str
    lon: float
    lat: float
    path: str
    english: str | None = None


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera under its GB/T 28181 id. Heading in degrees clockwise from north; a view of 360° is a dome."""

    code: str
    name: str
    owner: str
    lon: float
    lat: float
    heading: float
    fov_deg: float
    range_m: float
    path: str


@dataclass(frozen=True, slots=True)
class Force:
    """A force that can be dispatched, with a home position. `path` is its division."""

    code: str
    name: str
    kind: str
    organisation: str
    mode: str
    duty: str
    lon: float
    lat: float
    path: str
    specialities: tuple[str, ...]
    languages: tuple[str, ...]
    device_id: str
    telephone: str


@dataclass(frozen=True, slots=True)
class County:
    """A whole county. Parents come before children in `divisions`."""

    divisions: tuple[Division, ...]
    places: tuple[Place, ...]
    cameras: tuple[Camera, ...]
    forces: tuple[Force, ...]
