"""What the routes of `/ogc` read by themselves and answer with, for the OpenAPI document."""

from typing import Any

from api.http.ogc import links
from api.http.ogc.parameters import DEFAULT_LIMIT, LARGEST_LIMIT

Json = dict[str, Any]
Responses = dict[int | str, Json]


def _query(name: str, words: str, **schema: Any) -> Json:
    return {"name": name, "in": "query", "required": False, "description": words, "schema": schema}


FORM = _query("f", "`html` for a page to read.", type="string")
ANY_FORM: Json = {"parameters": [FORM]}
ITEMS: Json = {
    "parameters": [
        FORM,
        _query("limit", "More than the most counts as the most.", type="integer", minimum=1, default=DEFAULT_LIMIT),
        _query("bbox", "west,south,east,north in degrees, or six numbers with heights.", type="string"),
        _query("datetime", "A moment, or two with a slash between; `..` is open.", type="string"),
        _query("cursor", "The last id of the page before.", type="string"),
    ],
    "description": "A page of features within reach. Dated things are today's unless `datetime` names another time. "
    f"At most {LARGEST_LIMIT}. Each property of the collection is a parameter too: only features with that value.",
}

PAGE: Responses = {200: {"content": {links.HTML: {"schema": {"type": "string"}}}}}
"""Every answer is also a page to read, for whoever asks for HTML."""

FEATURES: Responses = {200: {"content": {links.GEOJSON: {"schema": {"type": "object"}}, **PAGE[200]["content"]}}}
DEFINITION: Responses = {200: {"content": {links.OPENAPI: {"schema": {"type": "object"}}}}}
UNCHANGED: Responses = {304: {"description": "The caller has it already: `If-None-Match` names it."}}
