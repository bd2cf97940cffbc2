"""The formats of exports, what each can hold, and how text is kept from acting as a formula. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from geo.datum import Datum

_BEGINS_FORMULA = r"[=+\-@＝＋－＠\t\r\0]"
FORMULA = re.compile(f"^{_BEGINS_FORMULA}")
"""Text that a spreadsheet would run."""
DEFUSABLE = re.compile(f"^'*{_BEGINS_FORMULA}")
"""Such text, behind any number of apostrophes: each export adds one and each import takes one away."""
_DEFUSED = re.compile(f"^'+{_BEGINS_FORMULA}")


class Format(StrEnum):
    """A format of exports, by the name that HTTP uses."""

    GPKG = "gpkg"
    GEOJSON = "geojson"
    SHP = "shp"
    KML = "kml"
    FGB = "fgb"
    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Traits:
    """Properties of a format.

    `text_bytes` and `cell_chars`: the longest text. `one_line_end`: it knows one kind of line end, and a carriage
    return is lost. `short_names`: a column's name where the format has no room for the full one.
    """

    suffix: str
    media_type: str
    driver: str | None = None
    text_bytes: int | None = None
    cell_chars: int | None = None
    one_line_end: bool = False
    short_names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


SHORT_NAMES = MappingProxyType(
    {
        "description": "descr",
        "enterprises": "enterpr",
        "parent_code": "parent",
        "external_no": "ext_no",
        "occurred_at": "occurred",
        "organisation": "org",
        "registered_at": "registered",
        "specialities": "special",
        "device_datum": "dev_datum",
        "telephone": "phone",
        "worker_code": "worker_cod",
    }
)
"""Shapefile names have ten characters at most. Imports know these names, too."""

TRAITS: Mapping[Format, Traits] = MappingProxyType(
    {
        Format.GPKG: Traits(".gpkg", "application/geopackage+sqlite3", driver="GPKG"),
        Format.GEOJSON: Traits(".geojson", "application/geo+json"),
        Format.SHP: Traits(".zip", "application/zip", driver="ESRI Shapefile", text_bytes=254, short_names=SHORT_NAMES),
        Format.KML: Traits(".kml", "application/vnd.google-earth.kml+xml", driver="KML", one_line_end=True),
        Format.FGB: Traits(".fgb", "application/flatgeobuf", driver="FlatGeobuf"),
        Format.CSV: Traits(".csv", "text/csv; charset=utf-8", cell_chars=1_000_000),
        Format.XLSX: Traits(
            ".xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            cell_chars=32_767,
            one_line_end=True,
        ),
    }
)

_ENDINGS = MappingProxyType({traits.suffix: found for found, traits in TRAITS.items()} | {".json": Format.GEOJSON})
ENDINGS = tuple(_ENDINGS)


def format_of(name: str) -> Format | None:
    """The format that a file's name ends in, None where it is no format of exports."""
    dot = name.rfind(".")
    return None if dot < 0 else _ENDINGS.get(name[dot:].lower())


def table_name(layer: str, datum: Datum) -> str:
    """Return the name of the layer, sheet or file within, with the datum: some formats show nothing else."""
    return f"{layer}_{datum.value}"


def crs_of(datum: Datum) -> str:
    """The coordinate system that a file names. The shifted datums have no code of their own, so they are described."""
    if datum is Datum.WGS84:
        return "EPSG:4326"
    name = {Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}[datum]
    return (
        f'GEOGCS["{name}",DATUM["{name}",SPHEROID["WGS 84",6378137,298.257223563]],'
        'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
    )


def defused(text: str) -> str:
    """Text that no spreadsheet runs as a formula. `restored` undoes it exactly."""
    return f"'{text}" if DEFUSABLE.match(text) else text


def restored(text: str) -> str:
    """Text as it was before `defused`."""
    return text[1:] if _DEFUSED.match(text) else text
