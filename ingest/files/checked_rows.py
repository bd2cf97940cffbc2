"""Checked rows of files, by kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

from shapely import MultiPolygon, Point

from ingest.files.problems import Problem
from ingest.reports.fields import Observation

CheckedRow = TypeVar("CheckedRow")


class NumberedRow(Protocol):
    """A checked row, with its number in the file."""

    @property
    def row(self) -> int: ...


@dataclass(frozen=True, slots=True)
class GridRow:
    """A division's boundary, in WGS-84 degrees."""

    row: int
    code: str
    name: str
    parent: str
    geometry: MultiPolygon
    households: int | None = None
    enterprises: int | None = None
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class AreaRow:
    """An area of a sector's network, in WGS-84 degrees. `counts` are those that the row has, by code.

    `touches` are the codes of the grids that it lies in.
    """

    row: int
    sector: str
    code: str
    name: str
    organisation: str
    worker: str
    worker_code: str
    counts: Mapping[str, int]
    geometry: MultiPolygon
    touches: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RoutePointRow:
    """A point of a route, in WGS-84 degrees. `grid` is the code of the route's grid, `route` the route's name."""

    row: int
    grid: str
    route: str
    name: str
    point: Point


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera. Heading in degrees clockwise from north, range in metres. `said_at` is when `online` was so, None if
    the file does not say. `division` is the code of its division; empty for the smallest one around it."""

    row: int
    code: str
    name: str
    owner: str
    point: Point
    heading: float
    fov_deg: float
    range_m: float
    online: bool
    level: int
    ptz: bool
    said_at: datetime | None = None
    division: str = ""


@dataclass(frozen=True, slots=True)
class KeyAreaRow:
    """A key area, in WGS-84 degrees. `division` as in CameraRow."""

    row: int
    code: str
    kind: str
    name: str
    geometry: MultiPolygon
    division: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A centre or station. `division` as in CameraRow."""

    row: int
    code: str
    kind: str
    name: str
    name_en: str
    point: Point
    division: str = ""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the register. `point` is None for one that is on no map; `parent` empty for one below no other."""

    row: int
    code: str
    kind: str
    name: str
    name_en: str
    division: str
    parent: str
    hours: str
    telephone: str
    services: Sequence[str]
    specialities: Sequence[str]
    attendance: str
    running: bool
    point: Point | None


@dataclass(frozen=True, slots=True)
class CountRow:
    """Counts of a division; None where the file has none. `counted_on` is None for the day of the import."""

    row: int
    division: str
    counted_on: date | None
    households: int | None
    premises: int | None
    enterprises: int | None


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A past incident, recorded elsewhere."""

    row: int
    observation: Observation


@dataclass(frozen=True, slots=True)
class ForceRow:
    """A force. `division` is the code of its post; empty for the smallest division around its home.

    `device` is empty for a force without one, and None if the file has no such column; `device_datum` and `telephone`
    likewise.
    """

    row: int
    code: str
    name: str
    kind: str
    organisation: str
    specialities: Sequence[str]
    languages: Sequence[str]
    mode: str
    home: Point
    duty: str
    device: str | None
    device_datum: str | None
    telephone: str | None
    division: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Codes of a pack. Each mapping has codes and their names, in lower case, and leads to codes."""

    categories: Mapping[str, str]
    classes: Mapping[str, str]
    risks: Mapping[str, str]
    kinds: Mapping[str, str]
    modes: Mapping[str, str]
    mode_of_kind: Mapping[str, str]
    duty_of_kind: Mapping[str, str]
    languages: Mapping[str, str]
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checked(Generic[CheckedRow]):
    """Valid rows of a file and all its problems. `notes` are information and refuse nothing.

    `drawing` has faults of borders, each with its measures and its geometry as WKB.
    """

    rows: Sequence[CheckedRow] = ()
    problems: Sequence[Problem] = ()
    notes: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    drawing: Sequence[Mapping[str, Any]] = ()
