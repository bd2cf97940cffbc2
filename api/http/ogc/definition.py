"""The API definition of `/ogc` in OpenAPI 3.0, which OGC's `oas30` class asks for; the rest of the API is 3.1."""

from collections.abc import Iterable
from typing import Any

from api.http.ogc.parameters import DEFAULT_LIMIT, LARGEST_LIMIT
from api.http.ogc.schemas import TYPES
from layers.catalogue import Layer
from layers.tiles import Scheme

Json = dict[str, Any]

_BOX = {"type": "array", "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}], "items": {"type": "number"}}  # fmt: skip  # noqa: E501


def definition(root: str, layers: Iterable[Layer]) -> Json:
    """Describe all paths under `root`. Every property of a layer is a filter parameter."""
    paths: Json = {
        "/": _get("landing", "Landing page", "getLandingPage"),
        "/conformance": _get("landing", "Conformance classes", "getConformance"),
        "/collections": _get("collections", "All collections", "getCollections"),
        "/tiles": _get("tiles", "Tilesets", "getTileSets"),
    }
    for layer in layers:
        paths.update(_collection(layer))
    return {
        "openapi": "3.0.3",
        "info": {"title": "Maplebridge layers", "version": "1"},
        "servers": [{"url": root}],
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "security": [{"bearer": []}],
    }


def _collection(layer: Layer) -> Json:
    url, mark = f"/collections/{layer.code}", layer.code
    asked = [_query("limit", {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT})]
    asked += [_query("bbox", _BOX), _query("datetime", {"type": "string"}), _query("cursor", {"type": "string"})]
    asked += [_query(p.name, TYPES[p.kind]) for p in layer.properties]
    one = [{"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}]
    paths = {
        url: _get(mark, layer.title, f"describe.{mark}"),
        f"{url}/schema": _get(mark, "Schema", f"getSchema.{mark}", kind="application/schema+json"),
        f"{url}/queryables": _get(mark, "Queryables", f"getQueryables.{mark}", kind="application/schema+json"),
        f"{url}/items": _get(mark, "Features", f"getFeatures.{mark}", asked, kind="application/geo+json"),
        f"{url}/items/{{featureId}}": _get(mark, "Feature", f"getFeature.{mark}", one, kind="application/geo+json"),
    }
    if layer.tiled:
        kind = "application/vnd.mapbox-vector-tile"
        tile = [_path(name) for name in ("tileMatrix", "tileRow", "tileCol")]
        for scheme in Scheme:
            where = f"{url}/tiles/{scheme}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
            paths[where] = _get(mark, "Vector tile", f"getTile.{scheme}.{mark}", tile, kind=kind)
    return paths


def _get(tag: str, summary: str, name: str, asked: Iterable[Json] = (), *, kind: str = "application/json") -> Json:
    content = {kind: {"schema": {"type": "object"}}, "text/html": {"schema": {"type": "string"}}}
    responses = {"200": {"description": summary, "content": content}, "400": {"description": "Invalid parameter"}}
    return {
        "get": {
            "tags": [tag],
            "summary": summary,
            "operationId": name,
            "parameters": list(asked),
            "responses": responses,
        }
    }


def _query(name: str, schema: Json) -> Json:
    more = {"explode": False, "style": "form"} if schema.get("type") == "array" else {}
    return {"name": name, "in": "query", "required": False, "schema": schema, **more}


def _path(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
