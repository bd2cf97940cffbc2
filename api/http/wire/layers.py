"""Layers on the wire: divisions, cameras, places, the county itself, and hotspots as JSON-ready values."""

from api.http.wire.shapes import Out
from layers.divisions.queries import Named


class DivisionOut(Out):
    """A division's name for its code, where to write it, and how many households it has, where that is known.

    Its line comes by tiles or by `/ogc`.
    """

    code: str
    name: str
    level: str
    parent: str | None
    path: str
    lon: float
    lat: float
    households: int | None

    @classmethod
    def of(cls, named: Named) -> "DivisionOut":
        return cls.model_validate(named)


class DivisionsOut(Out):
    items: list[DivisionOut]


class CameraOut(Out):
    """A camera. `heading` in degrees clockwise from north."""

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


class NearCameraOut(CameraOut):
    """A camera near a matter. `in_view`: the place lies within its field of view and range."""

    distance_m: float
    in_view: bool


class NearCamerasOut(Out):
    items: list[NearCameraOut]


class NamesOut(Out):
    """What people read, in both languages of the screens."""

    zh: str
    en: str


class CodedOut(Out):
    """A code with its names."""

    code: str
    name: NamesOut


class CategoryOut(CodedOut):
    """A kind of matter, and the class it belongs to."""

    class_: str

    model_config = Out.model_config | {"alias_generator": lambda name: name.rstrip("_"), "populate_by_name": True}


class RiskOut(CodedOut):
    colour: str
    first_minutes: float


class ForceKindOut(CodedOut):
    mode: str
    colour: str


class HotspotDefaultsOut(Out):
    """What the hotspot layer shows at first, and what it can show. `q`: above this no cell is called hot."""

    res: int
    window: str
    resolutions: list[int]
    q: float


class LevelOut(CodedOut):
    """A level of divisions, from the root down.

    `zoom`: where an average one within reach is 64 pixels across, by which maps choose what to draw; null where there
    is none yet. `grid`: it is a grid or finer, the ground of somebody in charge.
    """

    zoom: float | None
    grid: bool


class CountyOut(Out):
    """What a screen must know of the place before it draws anything. `generated`: some lines are made up.

    `sources`: the systems that report matters and have a name here; another one is known by its code alone.
    `stale_after_s`: a fix older than this is stale.
    """

    code: str
    name: NamesOut
    centre: NamesOut
    timezone: str
    review_number: str | None
    source: NamesOut
    levels: list[LevelOut]
    classes: list[CodedOut]
    categories: list[CategoryOut]
    risks: list[RiskOut]
    force_kinds: list[ForceKindOut]
    languages: list[CodedOut]
    sources: list[CodedOut]
    windows: list[str]
    hotspots: HotspotDefaultsOut
    bbox: tuple[float, float, float, float] | None
    generated: bool
    stale_after_s: float
