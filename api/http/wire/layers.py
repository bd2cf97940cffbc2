"""Layers on the wire: divisions, cameras, and the county's configuration."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from api.http.wire.shapes import Out
from layers.cameras.queries import LocatedCamera
from layers.cameras.rules import State, state_of
from layers.divisions.queries import NamedDivision


class DivisionOut(Out):
    """Code and name of a division, where to label it, and its households, if known.

    Its boundary is served as tiles and under `/ogc`.
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
    def of(cls, named: NamedDivision) -> "DivisionOut":
        return cls.model_validate(named)


class DivisionsOut(Out):
    items: list[DivisionOut]


class CameraOut(Out):
    """A camera. `heading` in degrees clockwise from north. `level` 1 to 3 is its class; `ptz`: it can turn.

    `state` is what the video platform said: `online` if both device and channel were and the device was heard of at
    `state_at`, `offline` as said at `state_at`; `unknown` if that is too long ago. `online`: `state` is `online`.
    """

    id: int
    code: str
    name: str
    owner: str
    heading: float
    fov_deg: float
    range_m: float
    level: int
    ptz: bool
    online: bool
    state: State
    state_at: datetime | None
    lon: float
    lat: float

    @classmethod
    def of(cls, camera: LocatedCamera, *, now: datetime, within: timedelta, **more: Any) -> Self:
        """Build it from a row; `within` is how long what was said of it holds."""
        said_at, heard_at = camera.said_at, camera.heard_at
        state = state_of(camera.online, said_at, heard_at, now=now, within=within)
        fields = asdict(camera) | {"online": state == "online", "state": state}
        return cls(**fields, state_at=(heard_at if camera.online else said_at), **more)


class AllowanceOut(Out):
    """Minutes for which the caller may view a camera for the incident: at once, and once approved; 0 for not."""

    minutes: int
    approved_minutes: int


class NearCameraOut(CameraOut):
    """A camera near an incident. `in_view`: the incident lies within its field of view and range.

    A camera that can turn counts as looking everywhere.
    """

    distance_m: float
    in_view: bool
    allowed: AllowanceOut


class NearCamerasOut(Out):
    """The nearest cameras. `platform`: there is a video platform to view them on."""

    items: list[NearCameraOut]
    platform: bool


class NamesOut(Out):
    """A name in both languages of the screens."""

    zh: str
    en: str


class CodedOut(Out):
    """A code with its names."""

    code: str
    name: NamesOut


class CategoryOut(CodedOut):
    """A category of incidents, the class it belongs to, and its risk where a report has none."""

    class_: str
    risk: str

    model_config = Out.model_config | {"alias_generator": lambda name: name.rstrip("_"), "populate_by_name": True}


class RiskOut(CodedOut):
    colour: str
    first_minutes: float


class ForceKindOut(CodedOut):
    mode: str
    colour: str


class DuplicatesOut(Out):
    """Limits of a likely duplicate: incidents of one category within them."""

    metres: float
    minutes: float


class HotspotDefaultsOut(Out):
    """Default and available views of the hotspot layer.

    Cells above `q`, or with fewer than `least_incidents` of their own, are not called hot.
    """

    res: int
    window: str
    resolutions: list[int]
    q: float
    least_incidents: int


class LevelOut(CodedOut):
    """A level of divisions, from the root down.

    `zoom`: where an average one within reach is 64 pixels across, by which maps choose what to draw; null if there is
    none yet. `grid`: a grid or finer, with grid workers of its own.
    """

    zoom: float | None
    grid: bool


class TravelOut(Out):
    """How long a mode of travel takes: `start_minutes` before one moves, then by the straight distance."""

    mode: str
    start_minutes: float
    minutes_per_km: float


class RoadsOut(Out):
    """The roads by which travel times are reckoned. All but `engine` are null where a server does not say them.

    `version` changes with the graph; `data_at` is of when its roads are; `origin` is `made` for a generated county's,
    `given` for a file's. `credit` must be shown wherever a way is.
    """

    engine: Literal["library", "server"]
    version: str | None = None
    built_at: datetime | None = None
    data_at: datetime | None = None
    origin: Literal["made", "given"] | None = None
    credit: str | None = None
    ways: int | None = None


class BasemapOut(Out):
    """The basemap. Its tiles are at `/api/basemap/{version}/{z}/{x}/{y}`, within `bbox`, of zooms `min_zoom` to
    `max_zoom`.

    `version` changes with the basemap; `data_at` is of when its data are; `origin` is `made` for a generated county's,
    `given` for a file's. `credit` must be shown with it.
    """

    version: str
    built_at: datetime
    data_at: datetime | None
    origin: Literal["made", "given"]
    credit: str | None
    bbox: tuple[float, float, float, float]
    min_zoom: int
    max_zoom: int


class RasterOut(Out):
    """The raster map. Its pictures are at `/api/basemap/raster/{layer}/{z}/{x}/{y}?version=…`, for layers 0 to `layers`
    less one, drawn over each other, of zooms `min_zoom` to `max_zoom`, within `bbox` where that is known.

    `version` changes with the map. `credit` must be shown with it.
    """

    version: str
    layers: int
    credit: str
    min_zoom: int
    max_zoom: int
    bbox: tuple[float, float, float, float] | None


class CountyOut(Out):
    """Configuration of the county. `generated`: some boundaries are generated.

    `sources`: reporting systems with a name; others are known by their code alone. `stale_after_s`: fixes older than
    this are stale. A task that a phone has not shown after `unseen_after_s` calls for the telephone. A force that
    arrives or finishes more than `far_m` metres from its incident is flagged. `telephone` is the hall's, empty where
    the pack has none. `demo_speed`: of a demo, how many times faster than real its simulated traffic is. `lines`: the
    version of the lines in force, as in the beats of the live socket. `roads` is null without roads: travel times are
    then estimates. `basemap` and `raster` are null without one.
    """

    code: str
    lines: str = ""
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
    duplicates: DuplicatesOut
    recall_reasons: list[CodedOut]
    decline_reasons: list[CodedOut]
    outcomes: list[CodedOut]
    far_m: float
    travel: list[TravelOut]
    telephone: str
    windows: list[str]
    hotspots: HotspotDefaultsOut
    bbox: tuple[float, float, float, float] | None
    generated: bool
    stale_after_s: float
    unseen_after_s: float
    demo_speed: float | None
    roads: RoadsOut | None = None
    basemap: BasemapOut | None = None
    raster: RasterOut | None = None
