"""Parameters and responses of the `/ogc` routes for the OpenAPI document, which FastAPI cannot read off their code."""

from typing import Any

from api.http.ogc import links
from api.http.ogc.parameters import DEFAULT_LIMIT, LARGEST_LIMIT

Json = dict[str, Any]
Responses = dict[int | str, Json]


def _query(name: str, words: str, **schema: Any) -> Json:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}


FORM = _query("f", "`json`, or `html` for an HTML page; else by `Accept`.", type="string", enum=["json", "html"])
ANY_FORM: Json = {"parameters": [FORM]}
ONLY_JSON: Json = {"parameters": [_query("f", "`json`.", type="string", enum=["json", "html"])]}
ITEM: Json = {
    "parameters": [
        FORM,
        _query("res", "Of hotspots: the view's; the cell's own by default.", type="integer", minimum=7, maximum=10),
        _query("window", "Of hotspots: the view's window.", type="string"),
        _query("category", "Of hotspots: the view's category.", type="string"),
    ],
}
ITEMS: Json = {
    "parameters": [
        FORM,
        _query("limit", "Larger values are lowered to the maximum.", type="integer", minimum=1, default=DEFAULT_LIMIT),
        _query("bbox", "west,south,east,north in degrees, or six numbers with heights.", type="string"),
        _query(
            "datetime",
            "An RFC 3339 instant or local day, or an interval `start/end`; `..` is open.",
            type="string",
        ),
        _query("cursor", "The last id of the previous page.", type="string"),
    ],
    "description": "A page of features within reach, as of today unless `datetime` is given; "
    f"at most {LARGEST_LIMIT}. Each property of the collection is a filter parameter too.",
}

PAGE: Responses = {200: {"content": {links.HTML: {"schema": {"type": "string"}}}}}
"""Every response is also available as an HTML page."""

FEATURES: Responses = {200: {"content": {links.GEOJSON: {"schema": {"type": "object"}}, **PAGE[200]["content"]}}}
SCHEMA: Responses = {200: {"content": {links.SCHEMA: {"schema": {"type": "object"}}, **PAGE[200]["content"]}}}
DEFINITION: Responses = {200: {"content": {links.OPENAPI: {"schema": {"type": "object"}}}}}
UNCHANGED: Responses = {304: {"description": "Not modified: `If-None-Match` names the current version."}}
