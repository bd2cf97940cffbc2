"""Descriptions of sets of vector tiles."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.http.ogc import links
from api.http.ogc.parameters import CRS84
from api.http.ogc.tiling import TILINGS, deepest, limits, uri_of
from layers.catalogue import Layer
from layers.divisions.queries import Bbox
from layers.tiles import Scheme

Json = dict[str, Any]


def tilesets(root: str, url: str, *, title: str, query: Mapping[str, str]) -> Json:
    """List the sets at `url`, one for each tiling scheme."""
    return {
        "tilesets": [_named(root, url, scheme, title=title, query=query) for scheme in Scheme],
        "links": links.self_links(links.with_query(url, query)),
    }


def tileset(
    root: str,
    url: str,
    scheme: Scheme,
    *,
    layers: Sequence[Layer],
    zooms: Mapping[str, int],
    bbox: Bbox | None,
    query: Mapping[str, str],
    version: str,
) -> Json:
    """Describe one set below `url`: source layers, bounds, and the address of its tiles with all that was asked.

    `version` is that of the lines: with other lines tiles have other addresses, whatever a client has kept.
    """
    body = _named(root, url, scheme, title=" · ".join(layer.title for layer in layers), query=query)
    tiles = links.with_query(
        f"{url}/{scheme}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", {**query, **({"version": version} if version else {})}
    )
    body["links"].append(links.link(tiles, "item", links.MVT, templated=True))
    body["layers"] = [_layer(layer, zooms, scheme) for layer in layers]
    if bbox:
        body["boundingBox"] = {"lowerLeft": list(bbox[:2]), "upperRight": list(bbox[2:]), "crs": CRS84}
        least = min(int(each["minTileMatrix"]) for each in body["layers"])
        body["tileMatrixSetLimits"] = limits(scheme, bbox, least=least)
    return body


def _named(root: str, url: str, scheme: Scheme, *, title: str, query: Mapping[str, str]) -> Json:
    return {
        "title": title,
        "dataType": "vector",
        "crs": TILINGS[scheme].crs,
        "tileMatrixSetURI": uri_of(scheme),
        "links": [
            links.link(links.with_query(f"{url}/{scheme}", query), "self"),
            links.link(f"{root}/tileMatrixSets/{scheme}", f"{links.OGC_REL}tiling-scheme"),
        ],
    }


def _layer(layer: Layer, zooms: Mapping[str, int], scheme: Scheme) -> Json:
    """Describe a source layer. `levels` gives the lowest zoom of each level of divisions."""
    begins = {level: scheme.zoom_of(zoom) for level, zoom in zooms.items() if not layer.levels or level in layer.levels}
    dated = {} if layer.levels is None else {"levels": begins}
    least = scheme.zoom_of(layer.min_zoom) if layer.levels is None else min(begins.values(), default=0)
    tiled = [p for p in layer.properties if p.tiled]
    return {
        "id": layer.code,
        "dataType": "vector",
        "geometryDimension": 2 if layer.geometry == "polygon" else 0,
        "minTileMatrix": str(least),
        "maxTileMatrix": str(deepest(scheme)),
        "propertiesSchema": {
            "type": "object",
            "properties": {p.name: {"type": "string" if "date" in p.kind else p.kind} for p in tiled},
        },
        **dated,
    }
