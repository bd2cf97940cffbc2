"""The server behind a path prefix, and requests for foreign hosts."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.http.public_address import route_path
from api.http.sign_in.sessions import COOKIE
from api.settings import Settings
from tests.worlds import PASSWORD, ClientAs, World

PUBLIC = "https://county.example.cn/maple"


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    page = '<meta name="path-prefix" content="" /><script src="./assets/main.js"></script>'
    for name in ("index.html", "public.html"):
        (tmp_path / name).write_text(page)
    return Settings(data_dir=tmp_path, static_dir=tmp_path, public_url=getattr(request, "param", PUBLIC))


def hrefs_in(body: Any) -> list[str]:
    """Return every link of a document, however deep."""
    if isinstance(body, dict):
        own = [body["href"]] if "href" in body else []
        return own + [href for value in body.values() for href in hrefs_in(value)]
    return [href for value in body for href in hrefs_in(value)] if isinstance(body, list) else []


def through_proxy(app: FastAPI, *, strips: bool, token: str | None = None, **headers: str) -> httpx.AsyncClient:
    """A proxy that serves the app below `/maple`, and takes the prefix off or leaves it."""

    async def proxy(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"].removeprefix("/maple") or "/" if strips else scope["path"]
        await app({**scope, "path": path, "raw_path": path.encode()}, receive, send)

    signed_in = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(app=proxy)
    return httpx.AsyncClient(transport=transport, base_url="http://10.0.0.7:8000/maple/", headers=signed_in | headers)


@pytest.mark.parametrize("strips", [True, False], ids=["prefix taken off", "prefix left"])
async def test_links_pages_and_cookies_keep_the_prefix(app: FastAPI, world: World, *, strips: bool) -> None:
    async with through_proxy(app, strips=strips, token=world.tokens["operator"]) as client:
        for path in ("ogc", "ogc/", "ogc/collections", "ogc/collections/grids/items?limit=1", "ogc/tiles"):
            answer = await client.get(path)
            assert hrefs_in(answer.json()) and all(href.startswith(f"{PUBLIC}/ogc") for href in hrefs_in(answer.json()))
        for path in ("", "wall", "case/330509-2026-000017-8"):
            page = (await client.get(path)).text
            assert '<meta name="path-prefix" content="/maple" />' in page and 'src="/maple/assets/main.js"' in page
        assert (await client.get("api/openapi.json")).json()["servers"] == [{"url": PUBLIC}]
    async with through_proxy(app, strips=strips) as client:
        answer = await client.post("api/session", json={"username": "operator", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith(f"__Secure-{COOKIE}=") and "path=/maple;" in cookie.lower() + ";"
        assert "path=/maple;" in (await client.delete("api/session")).headers["set-cookie"].lower() + ";"


@pytest.mark.parametrize("settings", [None], indirect=True)
async def test_without_a_public_url_the_proxy_says_the_prefix(app: FastAPI, world: World) -> None:
    said = {"X-Forwarded-Prefix": "/maple", "token": world.tokens["operator"]}
    async with through_proxy(app, strips=True, **said) as client:
        assert hrefs_in((await client.get("ogc")).json())[0] == "http://10.0.0.7:8000/maple/ogc"
        wrong = await client.get("ogc", headers={"X-Forwarded-Prefix": '/"><script>'})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "path.prefix")


async def test_a_prefix_that_is_not_the_settings_is_refused_with_its_name(app: FastAPI) -> None:
    async with through_proxy(app, strips=True, **{"X-Forwarded-Prefix": "/other"}) as client:
        answer = await client.get("")
        assert answer.json()["params"] == {"prefix": "/other", "setting": "MAPLEBRIDGE_PUBLIC_URL"}


async def test_a_foreign_host_gets_no_links(client_as: ClientAs) -> None:
    answer = await client_as("operator").get("/ogc", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (421, "host.foreign")
    near = await client_as("operator").get("/ogc", headers={"Host": "maplebridge:8000"})
    assert "maplebridge:8000" not in json.dumps(near.json())


@pytest.mark.parametrize(
    ("path", "inside"),
    [("/maple", "/"), ("/maple/", "/"), ("/maple/ogc/", "/ogc"), ("/ogc", "/ogc"), ("/mapleleaf", "/mapleleaf")],
)
def test_a_path_inside_the_prefix(path: str, inside: str) -> None:
    assert route_path(path, "/maple") == inside


@pytest.mark.parametrize("url", ["county.example.cn", "https://a?b", "https://a/ogc", "https://u@a", "https://a/ä", ""])
def test_a_setting_that_is_no_public_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        Settings(public_url=url)


def test_a_slash_at_the_end_of_the_setting_is_dropped() -> None:
    assert Settings(public_url="https://County.example.cn/maple/").public_url == PUBLIC
    assert Settings(public_url=PUBLIC).trusted_origins == ("https://county.example.cn",)
