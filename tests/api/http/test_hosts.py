"""The host that a request names, where its body ends, and what is on behind TLS."""

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.requests import HTTPConnection

from api.app import create_app
from api.http.headers import HTTPS_ONLY
from api.http.hosts import Hosts, name_of
from api.http.sign_in.callers import address_of
from api.http.sign_in.passwords import DEVICE_COOKIE
from api.http.sign_in.sessions import COOKIE
from api.live.transport import UVICORN
from api.settings import Settings
from api.watch.clock import SteadyClock
from geo.store import Store
from tests.worlds import PACK, PASSWORD, Clock, World

PUBLIC = "https://hall.example.cn"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("Hall.Example.cn:8000", "hall.example.cn"),
        ("hall.example.cn.", "hall.example.cn"),
        ("[::1]:8000", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("", ""),
        ("hall.example.cn@evil.example", ""),
        ("evil.example/hall.example.cn", ""),
        ("evil.example\\hall.example.cn", ""),
        ("[::1", ""),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert name_of(host) == name


@pytest.mark.parametrize(
    ("host", "alone", "public"),
    [
        ("localhost:8000", True, True),
        ("127.0.0.1", True, True),
        ("[::1]", True, True),
        (socket.gethostname(), True, True),
        ("9.8.7.6", True, True),  # The client connected to it.
        ("10.9.9.9:8000", True, True),
        ("web", True, True),
        ("", True, True),  # HTTP/1.0.
        ("8.8.8.8", False, False),
        ("hall.example.cn", False, True),
        ("HALL.example.cn.:443", False, True),
        ("more.example.cn", False, True),
        ("map.example.cn", False, True),
        ("evil.example", False, False),
        ("hall.example.cn.evil.example", False, False),
        ("10.0.0.7.evil.example", False, False),
        ("[bad", False, False),
    ],
)
def test_the_hosts_that_a_server_answers_for(host: str, alone: bool, public: bool) -> None:
    named = Settings(
        public_url=f"{PUBLIC}/maple", public_origins=("https://map.example.cn",), trusted_hosts=("More.example.cn",)
    )
    assert Hosts.of(Settings()).know(host, server="9.8.7.6") is alone
    assert Hosts.of(named).know(host, server="9.8.7.6") is public
    assert Hosts.of(Settings(trusted_hosts=("*",))).know("evil.example", server=None)


async def test_a_foreign_host_is_refused_everywhere(client: httpx.AsyncClient) -> None:
    for path in ("/", "/api/health", "/ogc", "/api/session", "/nowhere", "/assets/x.js"):
        answer = await client.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.json()["code"]) == (421, "host.foreign"), path
        assert answer.headers["x-request-id"] == answer.json()["request_id"] and "evil" not in answer.text
    rebound = {"Host": "evil.example", "Origin": "http://evil.example"}
    answer = await client.post("/api/session", json={"username": "operator", "password": PASSWORD}, headers=rebound)
    assert answer.status_code == 421


async def test_a_body_whose_end_is_told_in_two_ways_is_refused_and_the_connection_closed(
    client: httpx.AsyncClient,
) -> None:
    both = {"Content-Length": "5", "Transfer-Encoding": "chunked"}
    answer = await client.post("/api/session", content=b"hello", headers=both)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.framing")
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(("peer", "address"), [("127.0.0.1", "1.2.3.4"), ("10.0.0.9", "10.0.0.9")])
async def test_a_clients_address_is_what_a_trusted_proxy_says(
    peer: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(address_of(HTTPConnection(scope)))

    served = uvicorn.Config(app, log_config=None, **UVICORN)
    served.load()
    headers = [(b"x-forwarded-for", b"1.2.3.4")]
    await served.loaded_app({"type": "http", "client": (peer, 5), "headers": headers}, None, None)  # type: ignore[arg-type]
    assert seen == [address]


@pytest.mark.parametrize(
    ("given", "secure"),
    [
        ({}, False),
        ({"public_url": PUBLIC, "public_origins": ("http://10.1.2.3:8000",)}, True),
        ({"public_url": "http://hall.lan", "public_origins": (PUBLIC,)}, False),
        ({"public_origins": (PUBLIC,)}, True),
        ({"public_origins": (PUBLIC, "http://10.1.2.3:8000")}, False),
        ({"public_url": PUBLIC, "secure_cookies": False}, False),
        ({"secure_cookies": True}, True),
    ],
)
def test_cookies_are_secure_when_the_public_address_is_https(given: dict[str, Any], secure: bool) -> None:
    assert Settings(**given).is_behind_tls is secure


async def test_behind_tls_cookies_belong_to_this_host_and_browsers_use_https_only(
    store: Store, world: World, clock: Clock, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path, static_dir=tmp_path, public_url=PUBLIC)
    app = create_app(settings, pack=PACK, store=store, now=SteadyClock(clock, elapsed=clock.elapsed))
    async with _client(app) as client:
        answer = await client.post("/api/session", json={"username": "operator", "password": PASSWORD})
        cookies = answer.headers.get_list("set-cookie")
        assert [cookie.split("=")[0] for cookie in cookies] == [f"__Host-{COOKIE}", f"__Host-{DEVICE_COOKIE}"]
        for cookie in cookies:
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
            assert "Domain" not in cookie
        assert (await client.get("/api/me")).status_code == 200
        for path in ("/api/me", "/nowhere", "/metrics"):
            assert (await client.get(path)).headers["strict-transport-security"] == HTTPS_ONLY
        secret = client.cookies[f"__Host-{COOKIE}"]
        client.cookies.clear()
        planted = await client.get("/api/me", headers={"Cookie": f"{COOKIE}={secret}"})
        assert planted.status_code == 401, "another host could have set it"
        assert (await client.delete("/api/session")).status_code == 204


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=PUBLIC)
