"""Security, refusals and methods in the document match the server."""

from collections.abc import Iterator

import httpx
import pytest

from api.http.openapi import operations_of, security_of
from tests.described import described
from tests.worlds import ClientAs, World

DOCUMENT = described()
SAMPLES = {
    "{scheme}": "WebMercatorQuad",
    "{step}": "accept",
    "{collection}": "cameras",
    "{z}": "3",
    "{y}": "3",
    "{x}": "6",
}


def operations() -> Iterator[tuple[str, str]]:
    for path, method, _ in operations_of(DOCUMENT):
        yield method, path


def sample_of(path: str) -> str:
    """Return an address that matches the path; ids are 1."""
    for name, value in SAMPLES.items():
        path = path.replace(name, value)
    return "/".join("1" if part.startswith("{") else part for part in path.split("/"))


async def test_operations_documented_with_security_require_sign_in(client: httpx.AsyncClient) -> None:
    for method, path in operations():
        answer = await client.request(method, sample_of(path))
        asked = answer.status_code == 401
        assert asked == bool(DOCUMENT["paths"][path][method]["security"]), (method, path, answer.status_code)


def test_every_refusal_is_a_problem_document() -> None:
    for path, method, operation in operations_of(DOCUMENT):
        refusals = {status: each for status, each in operation["responses"].items() if int(status) >= 400}
        assert "422" in refusals and ("401" in refusals) == bool(security_of(path) or (path, method) == SIGN_IN)
        for status, refusal in refusals.items():
            if (path, status) != ("/api/health", "503"):
                assert refusal["content"].keys() == {"application/problem+json"}, (method, path, status)


SIGN_IN = ("/api/session", "post")


def test_every_operation_and_tag_has_a_description() -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"]}
    assert {tag for _, _, operation in operations_of(DOCUMENT) for tag in operation["tags"]} == described
    assert [path for path, _, operation in operations_of(DOCUMENT) if not operation["responses"]["422"]] == []


@pytest.mark.parametrize(
    "address",
    [
        "/api/incidents?since=0.5",
        "/api/incidents?since=1700000000",
        "/api/replay?at=1700000000",
    ],
)
async def test_a_number_is_refused_as_a_time(client_as: ClientAs, world: World, address: str) -> None:
    assert (await client_as("operator").get(address)).status_code == 422


async def test_a_boolean_is_refused_as_a_device(client_as: ClientAs, world: World) -> None:
    answer = await client_as("gateway").post("/api/positions/osmand", json={"device_id": True, "location": {}})
    assert (answer.status_code, answer.json()["params"]["field"]) == (400, "device_id")


async def test_the_document_is_rendered_once_and_not_sent_again(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await client.get("/api/openapi.json")
    assert first.headers["content-type"] == "application/json" and first.json() == DOCUMENT
    monkeypatch.setattr("api.http.openapi.orjson.dumps", None)
    assert (await client.get("/api/openapi.json")).content == first.content
    known = await client.get("/api/openapi.json", headers={"If-None-Match": first.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
