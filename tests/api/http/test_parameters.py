"""Query parameters: unknown, repeated and empty ones are refused alike, under /api and /ogc."""

import httpx
import pytest

from api.http.parameters import faults_of
from tests.worlds import ClientAs

KNOWN = frozenset({"limit", "mine", "f"})
ADDRESSES = (
    ("/api/incidents", "limit=5", 422),
    ("/api/cameras", "bbox=1,2,3,4", 422),
    ("/api/hotspots", "window=1h", 422),
    ("/api/snapshot", "wall=true", 422),
    ("/api/me", "", 422),
    ("/ogc", "f=json", 400),
    ("/ogc/api", "f=json", 400),
    ("/ogc/collections/cameras", "f=json", 400),
    ("/ogc/collections/cameras/items", "limit=1", 400),
    ("/ogc/collections/cameras/items/1", "f=json", 400),
    ("/ogc/tiles", "collections=grids", 400),
    ("/ogc/tiles/WebMercatorQuad/0/0/0", "datetime=2026-03-01", 400),
)


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ([("limit", "1")], []),
        ([("mine", "")], []),
        ([("limt", "1")], [("limt", "unknown_parameter")]),
        ([("limit", "1"), ("limit", "1")], [("limit", "repeated")]),
        ([("limit", "")], [("limit", "empty")]),
        ([("f", "xml")], [("f", "unknown")]),
        ([("x", ""), ("limit", "")], [("x", "unknown_parameter"), ("limit", "empty")]),
    ],
)
def test_each_fault_has_a_code(given: list[tuple[str, str]], faults: list[tuple[str, str]]) -> None:
    assert list(faults_of(given, known=KNOWN)) == faults


def errors_of(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(error["field"], error["code"]) for error in answer.json()["params"]["errors"]]


async def test_faults_are_refused_alike_everywhere(client_as: ClientAs) -> None:
    client = client_as("operator")
    for path, query, status in ADDRESSES:
        assert (await client.get(f"{path}?{query}")).status_code == 200, (path, query)
        unknown = await client.get(f"{path}?{query}&nothing=1")
        assert (unknown.status_code, errors_of(unknown)) == (status, [("nothing", "unknown_parameter")]), path
        if query:
            name = query.partition("=")[0]
            twice, empty = await client.get(f"{path}?{query}&{query}"), await client.get(f"{path}?{name}=")
            assert (twice.status_code, errors_of(twice)) == (status, [(name, "repeated")]), path
            assert (empty.status_code, errors_of(empty)) == (status, [(name, "empty")]), path


async def test_a_wrong_value_under_ogc_is_400_by_name(client_as: ClientAs) -> None:
    for query in ("datetime=0", "datetime=20260101"):
        answer = await client_as("operator").get(f"/ogc/tiles/WebMercatorQuad/0/0/0?{query}")
        assert (answer.status_code, answer.json()["params"]["parameter"]) == (400, "datetime")


async def test_every_box_is_read_by_the_same_rule(client_as: ClientAs) -> None:
    client = client_as("operator")
    for path in ("/api/incidents", "/api/cameras", "/api/hotspots", "/api/view-export.html"):
        for bbox in ("1,2,3", "a,b,c,d", "nan,0,1,1", "5,0,1,1", "0,0,1,91", "1_0,0,20,1"):
            answer = await client.get(path, params={"bbox": bbox})
            assert (answer.status_code, errors_of(answer)) == (422, [("bbox", "format")]), (path, bbox)
