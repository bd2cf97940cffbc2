"""What of an OpenStreetMap file is drawn: layer, class and first zoom, by tags. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, cos, log2, radians
from types import MappingProxyType
from typing import Literal

from geo.text import UNSEEN
from layers.basemap.archive import LEAST_ZOOM, MOST_ZOOM

LONGEST_NAME = 60
TILE_PIXELS = 512
Layer = Literal["land", "water", "waterways", "buildings", "roads", "labels"]
Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A layer, a class in it, and the first zoom that has it."""

    layer: Layer
    code: str
    zoom: int


def _kinds(layer: Layer, zooms: Mapping[str, int], words: Mapping[str, str]) -> Mapping[str, Kind]:
    """Return kinds by OpenStreetMap's word: each class has several words for it."""
    return MappingProxyType(
        {word: Kind(layer, code, zooms[code]) for code, listed in words.items() for word in listed.split()}
    )


ROADS = _kinds(
    "roads",
    {"motorway": 8, "primary": 8, "secondary": 9, "tertiary": 11, "minor": 12, "path": 13},
    {
        "motorway": "motorway motorway_link trunk trunk_link",
        "primary": "primary primary_link",
        "secondary": "secondary secondary_link",
        "tertiary": "tertiary tertiary_link",
        "minor": "residential unclassified living_street road pedestrian busway",
        "path": "service track footway path cycleway steps bridleway",
    },
)
RAIL = Kind("roads", "rail", 10)
WATERWAYS = _kinds(
    "waterways",
    {"river": 8, "canal": 10, "stream": 13},
    {"river": "river", "canal": "canal", "stream": "stream ditch drain"},
)
LAND = _kinds(
    "land",
    {"wood": 8, "park": 10, "farm": 11, "built": 10},
    {
        "wood": "forest wood",
        "park": "park garden golf_course pitch playground recreation_ground village_green cemetery grass scrub",
        "farm": "farmland orchard vineyard meadow grassland heath paddy allotments plant_nursery",
        "built": "residential commercial industrial retail railway",
    },
)
WATER = Kind("water", "lake", 8)
WATER_WORDS = frozenset({"water", "riverbank", "dock", "reservoir", "basin"})
BUILDING = Kind("buildings", "building", 13)
PLACES = _kinds(
    "labels",
    {"city": 8, "town": 9, "village": 11, "quarter": 12, "hamlet": 13, "locality": 14},
    {
        "city": "city",
        "town": "town county district",
        "village": "village suburb",
        "quarter": "quarter",
        "hamlet": "hamlet neighbourhood",
        "locality": "locality isolated_dwelling farm island islet",
    },
)
SITE = Kind("labels", "site", 14)
SITES = frozenset({"hospital", "school", "university", "college", "townhall", "police", "fire_station", "bus_station"})
NAMED_PIXELS = 1500.0
"""Water of fewer square pixels has no name."""


def area_kind(tags: Tags) -> Kind | None:
    if tags.get("building", "no") != "no":
        return BUILDING
    words = [tags.get(key, "") for key in ("natural", "waterway", "landuse", "leisure")]
    if not WATER_WORDS.isdisjoint(words):
        return WATER
    return next((LAND[word] for word in words if word in LAND), None)


def line_kind(tags: Tags) -> Kind | None:
    if tags.get("area") == "yes":
        return None
    if tags.get("railway") in ("rail", "light_rail"):
        return RAIL
    return ROADS.get(tags.get("highway", "")) or WATERWAYS.get(tags.get("waterway", ""))


def label_kind(tags: Tags) -> Kind | None:
    """Return the kind of a point with a name, or of a named area's point."""
    if place := PLACES.get(tags.get("place", "")):
        return place
    if tags.get("natural") == "peak":
        return PLACES["locality"]
    return SITE if tags.get("amenity") in SITES or tags.get("railway") == "station" else None


def named_water(area: float, lat: float) -> Kind:
    """Return the kind of a water's name by its area in square degrees: the larger, the earlier."""
    squared = area * (TILE_PIXELS / 360) ** 2 / cos(radians(lat))
    return Kind("labels", "water", _zoom_where(squared))


def _zoom_where(squared: float) -> int:
    """Return the zoom at which so many square pixels of zoom 0 are NAMED_PIXELS."""
    if squared * 4**MOST_ZOOM <= NAMED_PIXELS:
        return MOST_ZOOM
    return max(ceil(log2(NAMED_PIXELS / squared) / 2), LEAST_ZOOM)


def structure_of(tags: Tags) -> str | None:
    """Return `bridge` or `tunnel`."""
    return next((word for word in ("bridge", "tunnel") if tags.get(word, "no") != "no"), None)


def names_of(tags: Tags) -> tuple[str | None, str | None]:
    """Return the name in Chinese, else the local one, and in English, None where it is no other."""
    local = tags.get("name")
    chinese = tags.get("name:zh-Hans") or tags.get("name:zh") or local or tags.get("ref")
    english = tags.get("name:en") or local or chinese
    return _clean(chinese), _clean(english) if english != chinese else None


def _clean(name: str | None) -> str | None:
    return UNSEEN.sub("", name).strip()[:LONGEST_NAME] or None if name else None
