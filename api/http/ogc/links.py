"""Links between the resources of `/ogc`, and their descriptions."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from api.http.ogc.parameters import CRS84
from layers.catalogue import Layer
from layers.divisions.queries import Bbox

WEB_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
TILING = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
MVT = "application/vnd.mapbox-vector-tile"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
CONFORMS_TO = (
    *(FEATURES + part for part in ("core", "oas30", "html", "geojson")),
    *(TILES + part for part in ("core", "tileset", "tilesets-list", "geodata-tilesets", "mvt")),
)

Link = dict[str, Any]
Json = dict[str, Any]


def link(href: str, rel: str, kind: str = JSON, **more: Any) -> Link:
    return {"href": href, "rel": rel, "type": kind, **more}


def self_links(url: str, *, kind: str = JSON) -> list[Link]:
    """Link to the resource itself, and to its HTML page."""
    mark = "&" if "?" in url else "?"
    return [link(url, "self", kind), link(f"{url}{mark}f=html", "alternate", HTML)]


def landing(root: str, *, title: str) -> Json:
    return {
        "title": title,
        "links": [
            *self_links(root),
            link(f"{root}/api", "service-desc", OPENAPI),
            link(f"{root}/conformance", "conformance"),
            link(f"{root}/collections", "data"),
            link(f"{root}/tiles", "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"),
        ],
    }


def collection(root: str, layer: Layer, *, bbox: Bbox | None) -> Json:
    """Describe a collection, with links to its features and tiles."""
    url = f"{root}/collections/{layer.code}"
    links = [*self_links(url), link(f"{url}/items", "items", GEOJSON), link(f"{url}/items?f=html", "items", HTML)]
    if layer.tiled:
        links.append(link(f"{url}/tiles", "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"))
    extent = {"spatial": {"bbox": [list(bbox)], "crs": CRS84}} if bbox else {}
    return {
        "id": layer.code,
        "title": layer.title,
        "itemType": "feature",
        "crs": [CRS84],
        "storageCrs": CRS84,
        "extent": extent,
        "links": links,
    }


def collections(root: str, layers: Iterable[Layer], *, bbox: Bbox | None) -> Json:
    return {
        "links": self_links(f"{root}/collections"),
        "collections": [collection(root, layer, bbox=bbox) for layer in layers],
    }


def page_links(items: str, query: dict[str, str], *, following: str | None) -> list[Link]:
    """Link to this page, to its HTML form, and to the next page with the same query."""
    asked = {name: value for name, value in query.items() if name != "f"}
    here = f"{items}?{urlencode(asked)}" if asked else items
    links = self_links(here, kind=GEOJSON)
    if following is not None:
        links.append(link(f"{items}?{urlencode({**asked, 'cursor': following})}", "next", GEOJSON))
    return links


def tileset(root: str, url: str, *, title: str, layers: list[Json], bbox: Bbox | None) -> Json:
    """Describe a set of vector tiles. `url` is the description's own address; tiles are below it."""
    box = {"lowerLeft": list(bbox[:2]), "upperRight": list(bbox[2:]), "crs": CRS84} if bbox else None
    return {
        "title": title,
        "dataType": "vector",
        "crs": WEB_MERCATOR,
        "tileMatrixSetURI": TILING,
        "layers": layers,
        **({"boundingBox": box} if box else {}),
        "links": [
            link(url, "self"),
            link(f"{root}/tileMatrixSets/WebMercatorQuad", "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"),
            link(f"{url}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", "item", MVT, templated=True),
        ],
    }
