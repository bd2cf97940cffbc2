"""Schemas of a collection, after OGC API Features 5, and what it can be filtered by, after part 3."""

from collections.abc import Iterable, Mapping
from typing import Any

from layers.catalogue import Kind, Layer, Property

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TYPES: Mapping[Kind, Json] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "date-time": {"type": "string", "format": "date-time"},
}
GEOMETRIES = {"point": "geometry-point", "polygon": "geometry-polygon-or-multipolygon"}
INSTANT, START, END = "primary-instant", "primary-interval-start", "primary-interval-end"


def schema(url: str, layer: Layer) -> Json:
    """Describe the properties of a layer's features. None of them is required: each may be null."""
    identity: Json = {"type": "integer" if layer.table else "string", "x-ogc-role": "id", "readOnly": True}
    geometry = {"format": GEOMETRIES[layer.geometry], "x-ogc-role": "primary-geometry"}
    roles = _roles(layer)
    properties = {"id": identity, "geometry": geometry} | _typed(layer.properties, roles)
    numbered = {name: {**each, "x-ogc-propertySeq": i} for i, (name, each) in enumerate(properties.items(), start=1)}
    return _document(url, layer, numbered)


def queryables(url: str, layer: Layer) -> Json:
    """Describe the properties that are filter parameters, and that no other is."""
    geometry = {"geometry": {"format": GEOMETRIES[layer.geometry], "x-ogc-role": "primary-geometry"}}
    return _document(url, layer, geometry | _typed(layer.properties, _roles(layer))) | {"additionalProperties": False}


def _document(url: str, layer: Layer, properties: Json) -> Json:
    return {"$schema": DIALECT, "$id": url, "title": layer.title, "type": "object", "properties": properties}


def _typed(properties: Iterable[Property], roles: Mapping[str, str]) -> Json:
    """Return the schema of each property: its type, its name as title, and its role in time."""
    return {
        p.name: {"title": p.name, **TYPES[p.kind], **({"x-ogc-role": roles[p.sql]} if p.sql in roles else {})}
        for p in properties
    }


def _roles(layer: Layer) -> dict[str, str]:
    names = (START, END) if len(layer.period) == 2 else (INSTANT,)
    return dict(zip(layer.period, names, strict=True)) if layer.period else {}
