"""Numbers and texts that no store takes are refused: the document says the bounds, and every route holds them."""

import json
import re
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

import pytest

from tests.described import described
from tests.worlds import ClientAs, World

Json = dict[str, Any]
LARGEST = 2**53 - 1
MISSING = "view_export.assets_missing"
"""These tests build no front end."""
ANSWERED_ANYHOW = ("/items limit", "owntracks application/json.tst")
"""More than the most counts as the most there, as OGC API Features wants it; and seconds far off are no time."""
METHODS = ("get", "post", "put", "patch", "delete")


DOCUMENT = described()


def operations() -> Iterator[tuple[str, str, Json]]:
    """Method, path and description of every operation."""
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def whole_numbers(schema: Any, name: str) -> Iterator[tuple[str, Json]]:
    """Every schema of a whole number within a schema, references followed, with where it stands."""
    if isinstance(schema, list):
        for part in schema:
            yield from whole_numbers(part, name)
    elif isinstance(schema, Mapping):
        if "$ref" in schema:
            kind = schema["$ref"].rpartition("/")[2]
            yield from whole_numbers(DOCUMENT["components"]["schemas"][kind], f"{name}.{kind}")
        if schema.get("type") == "integer" and "enum" not in schema and "const" not in schema:
            yield name, dict(schema)
        for key, part in schema.items():
            if isinstance(part, Mapping | list):
                yield from whole_numbers(part, name if key in ("anyOf", "items", "properties") else f"{name}.{key}")


def numbers_of_callers() -> Iterator[tuple[str, Json]]:
    """Every whole number that a caller may write: in a path, a query, a header or a body."""
    for method, path, operation in operations():
        for parameter in operation.get("parameters", []):
            yield from whole_numbers(parameter["schema"], f"{method} {path} {parameter['name']}")
        for kind, content in operation.get("requestBody", {}).get("content", {}).items():
            yield from whole_numbers(content.get("schema", {}), f"{method} {path} {kind}")


def is_bounded(schema: Mapping[str, float]) -> bool:
    most = schema.get("maximum", schema.get("exclusiveMaximum", inf))
    return bool(schema.get("minimum", -inf) >= -LARGEST and most <= LARGEST)


def test_the_document_bounds_every_whole_number_that_a_caller_writes() -> None:
    found = [*numbers_of_callers()]
    assert any("incident_id" in name for name, _ in found)
    assert any("force" in name and "positions" in name in name for name, _ in found)
    assert [name for name, schema in found if not (is_bounded(schema) or name.endswith(ANSWERED_ANYHOW))] == []


@pytest.mark.parametrize("number", [2**63, -(10**40)])
async def test_a_number_that_no_store_holds_is_refused_wherever_it_stands(
    client_as: ClientAs, world: World, number: int
) -> None:
    for method, path, operation in operations():
        addresses = [re.sub(r"\{step\}", "accept", path)] if "{" in path else []
        addresses = [re.sub(r"\{\w+\}", str(number), address) for address in addresses]
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                plain = re.sub(r"\{\w+\}", "1", path)
                addresses.append(f"{plain}?{parameter['name']}={number}")
        for address in addresses:
            answer = await client_as("operator").request(method, address, json=None if method == "get" else {})
            assert answer.status_code < 500 or MISSING in answer.text, (method, address, answer.text)


@pytest.mark.parametrize("number", [2**63, 10**40])
async def test_a_number_too_large_in_a_body_is_refused_by_its_field(
    client_as: ClientAs, world: World, number: int
) -> None:
    report = {"source": "window", "category": "dispute.family", "title": "x", "lon": 120.605, "lat": 31.105}
    incident = (await client_as("operator").post("/api/incidents", json=report)).json()["id"]
    sent = await client_as("operator").post(f"/api/incidents/{incident}/tasks", json={"force": number})
    assert sent.status_code == 422
    assert [error["field"] for error in sent.json()["params"]["errors"]] == ["force"]
    fix = {"force": number, "at": "2026-03-02T02:00:00Z", "lon": 120.605, "lat": 31.105}
    response = await client_as("gateway").post("/api/positions", json={"fixes": [fix]})
    assert response.status_code == 200
    assert response.json()["items"][0]["field"] == "force"


async def test_no_store_is_asked_for_a_text_with_a_nul_in_it(client_as: ClientAs, world: World) -> None:
    for method, path, operation in operations():
        addresses = [re.sub(r"\{\w+\}", "%00", path)] if "{" in path else []
        plain = re.sub(r"\{\w+\}", "1", path)
        addresses += [f"{plain}?{p['name']}=a%00b" for p in operation.get("parameters", []) if p["in"] == "query"]
        for address in addresses:
            answer = await client_as("operator").request(method, address, json=None if method == "get" else {})
            assert answer.status_code in (404, 405, 422), (method, address, answer.text)


@pytest.mark.parametrize(
    ("username", "path", "body"),
    [
        ("operator", "/api/session", {"username": "a\0b", "password": "x"}),
        ("patrol_west", "/api/tasks/1/decline", {"reason": "a\0b"}),
        ("patrol_west", "/api/tasks/1/decline", {"note": "\ud800"}),
        ("clerk", "/api/incidents", {"source": "\0", "category": "x", "title": "x", "lon": 120.6, "lat": 31.1}),
    ],
)
async def test_a_body_with_what_is_no_text_is_refused(
    client_as: ClientAs, world: World, username: str, path: str, body: Json
) -> None:
    answer = await client_as(username).post(
        path, content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422, answer.text


async def test_a_device_whose_name_is_no_text_is_nobodys(client_as: ClientAs, world: World) -> None:
    gateway = client_as("gateway")
    fix = {"device": "a\0b", "at": "2026-03-02T02:00:00Z", "lon": 120.605, "lat": 31.105}
    response = await gateway.post("/api/positions", json={"fixes": [fix]})
    assert response.json()["items"] == [{"flag": None, "code": "control_character", "field": "device", "dropped": []}]
    message = {"_type": "location", "topic": "a\0b", "lon": 120.605, "lat": 31.105, "tst": 1772416800}
    assert (await gateway.post("/api/positions/owntracks", json=message)).status_code == 400


@pytest.mark.parametrize("value", ["9" * 19, "9" * 5000, "-" + "9" * 30])
async def test_a_filter_of_a_collection_has_bounds_too(client_as: ClientAs, world: World, value: str) -> None:
    for name in ("households", "limit", "cursor"):
        answer = await client_as("operator").get(f"/ogc/collections/grids/items?{name}={value}")
        assert answer.status_code == 400, (name, answer.text)
