"""Export a view as one HTML file that works offline: no server, no network, no fonts, no tiles.

Here is what it holds; folium writes the map (`view_export_folium.py`), in a process of its own
(`view_export_rendering.py`). The file carries a content security policy that allows exactly its own scripts and no
requests, so it is harmless wherever it is opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from geo.errors import ErrorKind, MaplebridgeError
from layers.exports.errors import TooDemanding

Feature = dict[str, Any]


class AssetsMissing(MaplebridgeError):
    """The front end, which ships Leaflet, has not been built."""

    code: ClassVar[str] = "view_export.assets_missing"
    kind = ErrorKind.UNAVAILABLE


class ViewTooDemanding(TooDemanding):
    """Drawing the view took more memory or time than it may: a part of it is less. `params`: `megabytes`, `seconds`."""

    code: ClassVar[str] = "view_export.too_demanding"


@dataclass(frozen=True, slots=True)
class Assets:
    """Leaflet's script and style, as text."""

    script: str
    style: str


@dataclass(frozen=True, slots=True)
class StyledFeatures:
    """Features in one style, under one name in the legend. `radius` in pixels makes points circles.

    `group` is a heading of the legend that several share, and `outline` a colour other than `colour`. A feature with a
    property `bunch` is drawn as one number with those near it, in the colour of the one with the smallest.
    `tooltip` maps the properties that a tooltip shows to their headings.
    """

    name: str
    features: Sequence[Feature]
    colour: str
    fill: float = 0.0
    weight: float = 1.0
    radius: float | None = None
    tooltip: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    outline: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map. Of names that would lie on each other the one of the lower `rank` is shown.

    One that is `near` is shown only after some zooming in.
    """

    lon: float
    lat: float
    text: str
    rank: int = 0
    near: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A table beside the map. `more`: words for the rows that are left out, or nothing."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Content of the page. `facts`: heading and value, such as time, scope and the map's review number."""

    title: str
    facts: Sequence[tuple[str, str]]
    bbox: tuple[float, float, float, float]
    drawn: Sequence[StyledFeatures]
    labels: Sequence[Label] = ()
    listing: Listing | None = None
    legend: str = ""
