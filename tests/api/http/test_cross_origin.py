"""Calls from pages of other origins."""

from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from api.settings import Settings
from tests.worlds import ClientAs

LISTED, OTHER = "https://map.example.cn", "https://evil.example"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, static_dir=tmp_path, public_origins=(LISTED,))


async def test_a_listed_origin_may_read_and_write(client_as: ClientAs) -> None:
    client = client_as("operator")
    for path in ("/ogc/collections/cameras/items", "/api/incidents/999", "/ogc/tiles/WebMercatorQuad/0/0/0"):
        answer = await client.get(path, headers={"Origin": LISTED})
        assert answer.headers["access-control-allow-origin"] == LISTED
        assert {"ETag", "Location"} <= set(answer.headers["access-control-expose-headers"].split(", "))
        assert "Origin" in answer.headers["vary"]
    asked = {
        "Origin": LISTED,
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization, if-match, content-type, idempotency-key",
    }
    preflight = await client.options("/api/incidents/1", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == LISTED
    assert "PATCH" in preflight.headers["access-control-allow-methods"]


async def test_a_listed_page_can_read_an_internal_error(app: FastAPI) -> None:
    faulty = APIRouter()

    @faulty.get("/api/faulty")
    async def fail() -> None:
        raise ZeroDivisionError

    app.include_router(faulty)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://maplebridge.test") as client:
        for origin, allowed in ((LISTED, LISTED), (OTHER, None)):
            answer = await client.get("/api/faulty", headers={"Origin": origin})
            assert (answer.status_code, answer.headers.get("access-control-allow-origin")) == (500, allowed)
            assert answer.headers["vary"] == "Origin"


async def test_another_origin_gets_no_cors_header(client_as: ClientAs) -> None:
    client = client_as("operator")
    asked = {"Origin": OTHER, "Access-Control-Request-Method": "GET"}
    for answer in (await client.get("/ogc", headers=asked), await client.options("/ogc", headers=asked)):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert "Origin" in answer.headers["vary"]
    assert "Origin" in (await client.get("/ogc")).headers["vary"]


@pytest.mark.parametrize("origin", ["*", "null", "map.example.cn", "https://map.example.cn/", "https://a/b", "ftp://a"])
def test_a_setting_that_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match=r"not like .*https://hall\.example\.cn"):
        Settings(public_origins=(origin,))
