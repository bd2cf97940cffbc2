"""Links between the resources of `/ogc`, and their descriptions."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from api.http.ogc.parameters import CRS84
from layers.catalogue import Layer
from layers.divisions.queries import Bbox
from layers.features import FeaturePage

WEB_MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
MVT = "application/vnd.mapbox-vector-tile"
SCHEMA = "application/schema+json"
OGC_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
FEATURES = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
FILTERS = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"
SCHEMAS = "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/"
TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
CONFORMS_TO = (
    *(FEATURES + part for part in ("core", "oas30", "html", "geojson")),
    *(FILTERS + part for part in ("queryables", "queryables-query-parameters")),
    *(SCHEMAS + part for part in ("schemas", "core-roles-features", "returnables-and-receivables", "queryables")),
    *(TILES + part for part in ("core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets")),
    *(TILES + part for part in ("collections-selection", "datetime", "mvt")),
)

Link = dict[str, Any]
Json = dict[str, Any]


def link(href: str, rel: str, kind: str = JSON, **more: Any) -> Link:
    return {"href": href, "rel": rel, "type": kind, **more}


def self_links(url: str, *, kind: str = JSON) -> list[Link]:
    """Link to the resource itself, and to its HTML page."""
    return [link(url, "self", kind), link(with_query(url, {"f": "html"}), "alternate", HTML)]


def with_query(url: str, query: Mapping[str, str]) -> str:
    """Return the address with parameters more."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}" if query else url


def landing(root: str, *, title: str) -> Json:
    return {
        "title": title,
        "links": [
            *self_links(root),
            link(f"{root}/api", "service-desc", OPENAPI),
            link(f"{root}/conformance", "conformance"),
            link(f"{root}/collections", "data"),
            link(f"{root}/tiles", f"{OGC_REL}tilesets-vector"),
        ],
    }


def collection(root: str, layer: Layer, *, bbox: Bbox | None) -> Json:
    """Describe a collection, with links to its features and tiles."""
    url = f"{root}/collections/{layer.code}"
    links = [*self_links(url), link(f"{url}/items", "items", GEOJSON), link(f"{url}/items?f=html", "items", HTML)]
    links += [link(f"{url}/schema", rel, SCHEMA) for rel in (f"{OGC_REL}schema", "describedby")]
    links.append(link(f"{url}/queryables", f"{OGC_REL}queryables", SCHEMA))
    if layer.tiled:
        links.append(link(f"{url}/tiles", f"{OGC_REL}tilesets-vector"))
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


def page_links(items: str, query: Mapping[str, str], page: FeaturePage) -> list[Link]:
    """Link to this page, to its other form, and to the pages beside it, with all that was asked."""
    asked = {name: value for name, value in query.items() if name != "f"}
    form = {"f": query["f"]} if "f" in query else {}
    shown, other = ("html", "json") if form.get("f") == "html" else ("json", "html")
    kinds = {"json": GEOJSON, "html": HTML}
    links = [
        link(with_query(items, asked | form), "self", kinds[shown]),
        link(with_query(items, asked | {"f": other}), "alternate", kinds[other]),
    ]
    for rel, cursor in (("next", page.next), ("prev", page.previous)):
        if cursor is not None:
            beside = {name: value for name, value in (asked | form).items() if name != "cursor"}
            beside |= {"cursor": str(cursor)} if cursor else {}
            links.append(link(with_query(items, beside), rel, kinds[shown]))
    return links
