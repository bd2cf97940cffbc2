"""Messages of refused files of roads and basemaps: what is wrong, and the way out."""

from collections.abc import Mapping
from types import MappingProxyType

from api.keeping.words import said
from layers.basemap.errors import BasemapRefused
from layers.roads.errors import RoadsRefused

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "missing": "there is no file {file}.",
        "unreadable": "{file} is no OpenStreetMap file in PBF format, or is damaged. Fetch it again, as FILE.osm.pbf.",
        "truncated": "{file} ends too early. Fetch or copy it again.",
        "negative_id": "{file} has the id {id}: ids must be positive. Renumber it with `osmium renumber` after making "
        "them so.",
        "unsorted": "{file} is not sorted, or has a thing twice (id {id}). Sort it with `osmium sort`.",
        "missing_nodes": "{count} points of roads are not in {file}, the first is {example}. Cut the extract with "
        "`osmium extract --strategy complete_ways`.",
        "no_roads": "{file} has no roads.",
        "too_large": "{file} needs more memory or time than a file may take. Cut the county out of it with `osmium "
        "extract`.",
        "elsewhere": "{far} of {grids} grids are farther than {metres} m from any of its roads: it is another "
        "county's, or has too few roads to go by.",
        "shifted": "tiles in {datum} lie hundreds of metres beside the county's lines and cannot be shifted. Bring "
        "some in WGS-84 or CGCS2000.",
        "no_tiles": "{file} is no MBTiles file and no PMTiles file of version 3, or has no tiles.",
        "no_picture": "tile {tile} of {file} is no PNG, JPEG or WebP.",
        "layers": "{file} has the vector layers {found}, which maps cannot draw. They must be {wanted}, as "
        "`maplebridge basemap build` makes them of an OpenStreetMap extract; or bring pictures.",
        "zooms": "{file} has the zooms {least}–{most}. It must have {wanted}.",
        "credit": "{file} does not say who made it. Say so with --credit: it stands on every map.",
        "beyond": "{far} of {grids} grids lie outside of its tiles: it is another county's.",
        "builder": "the builder failed ({exit}). Please report it, with the file's source.",
        "library": "there is no road library for this Python. Use Python 3.11 or newer on x86-64, or a Valhalla server "
        "with MAPLEBRIDGE_ROADS_URL.",
    }
)
"""By `reason`."""


def map_refusal(refusal: RoadsRefused | BasemapRefused) -> str:
    params = {**refusal.params}
    words = said(REASONS[params.pop("reason")], **params)
    if isinstance(refusal, RoadsRefused):
        return said("no roads were built, and those in use stay: ") + words
    return said("no basemap was built, and the one in use stays: ") + words
