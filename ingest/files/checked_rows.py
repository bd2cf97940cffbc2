"""What files tell, once checked. The sink that takes them is declared here and made elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from shapely import MultiPolygon, Point

from ingest.files.problems import Problem
from ingest.reports.fields import Observation

CheckedRow = TypeVar("CheckedRow")


@dataclass(frozen=True, slots=True)
class GridRow:
    """A division's line: WGS-84 degrees."""

    row: int
    code: str
    name: str
    parent: str
    geometry: MultiPolygon
    households: int | None = None
    enterprises: int | None = None
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class CameraRow:
    """A camera. Degrees clockwise from north; metres. `division` is the code of the one it belongs to, empty for
    wherever it stands."""

    row: int
    code: str
    name: str
    owner: str
    point: Point
    heading: float
    fov_deg: float
    range_m: float
    online: bool
    division: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A centre or station. `division` as for cameras."""

    row: int
    code: str
    kind: str
    name: str
    name_en: str
    point: Point
    division: str = ""


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A matter that was recorded elsewhere."""

    row: int
    observation: Observation


@dataclass(frozen=True, slots=True)
class ForceRow:
    """Someone who can be sent. `division` is the code they are posted to, empty for wherever their home lies.

    `device` is empty for one without, and None where the file does not speak of devices.
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
    division: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The codes that a place knows. Each maps a code or name of it, in lower case, to the code."""

    categories: Mapping[str, str]
    classes: Mapping[str, str]
    risks: Mapping[str, str]
    kinds: Mapping[str, str]
    modes: Mapping[str, str]
    mode_of_kind: Mapping[str, str]
    duty_of_kind: Mapping[str, str]
    languages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Checked(Generic[CheckedRow]):
    """The rows of a file and all that is wrong with it. `notes` are worth knowing and no fault."""

    rows: Sequence[CheckedRow] = ()
    problems: Sequence[Problem] = ()
    notes: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
