"""Request ids, headers and log."""

import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest
import structlog
from fastapi import APIRouter, FastAPI
from sqlalchemy import text

from api import logs
from api.http.headers import POLICY
from api.http.transactions import CurrentSession, TransactionRoute
from tests.worlds import PASSWORD, WEST, ClientAs, World


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """The log of the test, as the server writes it in a process of its own. In this process another test may have
    called `logging.config`, which disables all existing loggers.
    """
    stream, root = io.StringIO(), logging.getLogger()
    for logger in [*root.manager.loggerDict.values()]:
        if isinstance(logger, logging.Logger):
            monkeypatch.setattr(logger, "disabled", False)
            monkeypatch.setattr(logger, "propagate", True)
    handlers, level = root.handlers, root.level
    logs.configure("INFO", stream=stream)
    yield stream
    assert root.level == logging.INFO, "other code has changed the root logger's level meanwhile"
    root.handlers = handlers
    root.setLevel(level)  # Not by assignment: loggers cache whether they are enabled.
    structlog.reset_defaults()


async def test_every_response_has_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/api/me", "/nowhere", "/metrics", "/api/openapi.json"):
        headers = (await client.get(path)).headers
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    for path in ("/api/me", "/ogc", "/ogc/collections/incidents/items"):
        assert (await client.get(path)).headers["cache-control"] == "private, no-store"


async def test_a_harmless_request_id_is_kept_and_others_are_replaced(client: httpx.AsyncClient) -> None:
    kept = await client.get("/api/me", headers={"X-Request-Id": "abc-123.DEF_4"})
    assert kept.headers["x-request-id"] == kept.json()["request_id"] == "abc-123.DEF_4"
    for strange in ("short", "x" * 65, "with space here", 'quote"quote"', "line\tbreak"):
        answer = await client.get("/api/me", headers={"X-Request-Id": strange})
        assert len(answer.headers["x-request-id"]) == 32


async def test_the_log_has_the_request_and_no_personal_data(
    lines: io.StringIO, client: httpx.AsyncClient, client_as: ClientAs, world: World
) -> None:
    lon, lat = world.middle_of(world.micro_grids(WEST)[0])
    body = {"source": "hotline", "external_no": "NO-4711", "category": "dispute.family", "title": "Zhang San"}
    source = client_as("source")
    for _ in range(2):
        await source.post("/api/incidents", json=body | {"lon": lon, "lat": lat, "description": "13812345678"})
    await source.post("/api/incidents", json=body | {"lon": "Zhang", "lat": lat})
    await client_as("operator").get("/api/search?q=Zhang")
    await client_as("operator").get("/api/incidents/1?who=Zhang")
    await client.get("/Zhang/San")
    await client.post("/api/session", json={"username": "zhang", "password": PASSWORD})
    logged = lines.getvalue()
    for personal in ("Zhang", "zhang", "13812345678", "NO-4711", PASSWORD, "token-of", f"{lon:.4f}", "operator"):
        assert personal not in logged, logged
    entries = [json.loads(line) for line in logged.splitlines()]
    requests = [entry for entry in entries if entry["event"] == "request"]
    assert [(one["method"], one["route"], one["status"]) for one in requests] == [
        ("POST", "/api/incidents", 201),
        ("POST", "/api/incidents", 201),
        ("POST", "/api/incidents", 422),
        ("GET", "/api/search", 200),
        ("GET", "/api/incidents/{incident_id}", 422),
        ("GET", "unmatched", 404),
        ("POST", "/api/session", 401),
    ]
    first = requests[0]
    assert first["user"] == world.users["source"] and first["ms"] > 0 and len(first["request_id"]) == 32
    assert requests[-1]["user"] is None


async def test_the_log_tells_every_sign_in_and_who_was_refused_what(
    lines: io.StringIO, client: httpx.AsyncClient, client_as: ClientAs, world: World
) -> None:
    for name, password in (("operator", PASSWORD), ("operator", "Wrong-pass-1"), ("nobody", PASSWORD)):
        await client.post("/api/session", json={"username": name, "password": password})
    await client_as("wall").get("/api/incidents")
    entries = [json.loads(line) for line in lines.getvalue().splitlines()]
    told = [(one["outcome"], one["user"], one["device"]) for one in entries if one["event"] == "sign_in"]
    operator = world.users["operator"]
    assert told == [("accepted", operator, "new"), ("refused", operator, "known"), ("refused", None, "new")]
    assert {one["address"] for one in entries if one["event"] == "sign_in"} == {"127.0.0.1"}
    assert (entries[-1]["status"], entries[-1]["user"]) == (403, world.users["wall"])
    assert all(one["at"].endswith("Z") for one in entries)


async def test_an_internal_error_is_returned_without_details_and_logged_without_values(
    lines: io.StringIO, app: FastAPI, world: World
) -> None:
    faulty = APIRouter(route_class=TransactionRoute)

    @faulty.post("/api/faulty")
    async def fail(session: CurrentSession) -> None:
        await session.execute(text("INSERT INTO users (username) VALUES (:name)"), {"name": "zhang-san"})

    app.include_router(faulty)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {world.tokens['source']}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://maplebridge.test") as client:
        answer = await client.post("/api/faulty", headers=headers)
    body = answer.json()
    assert (answer.status_code, body["code"], body["params"]) == (500, "fault", {})
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-request-id"] == body["request_id"]
    assert "zhang" not in lines.getvalue()
    [fault] = [entry for line in lines.getvalue().splitlines() if (entry := json.loads(line))["event"] == "fault"]
    assert fault["request_id"] == body["request_id"]
    assert fault["exception"][-1]["sqlstate"] == "23502"
    assert any("test_middleware.py" in frame for frame in fault["exception"][0]["stack"])


async def test_a_lost_database_gives_503_with_retry_after(lines: io.StringIO, app: FastAPI, world: World) -> None:
    cut = APIRouter(route_class=TransactionRoute)

    @cut.post("/api/cut")
    async def end_own_connection(session: CurrentSession) -> None:
        await session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    app.include_router(cut)
    headers = {"Authorization": f"Bearer {world.tokens['source']}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://maplebridge.test") as client:
        answer = await client.post("/api/cut", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (503, "database.away")
        assert answer.headers["retry-after"] == "1"
        assert (await client.get("/api/me", headers=headers)).status_code == 200
    assert "database.away" in lines.getvalue()


def test_the_log_has_no_paths_of_sockets(lines: io.StringIO) -> None:
    logger = logging.getLogger("uvicorn.error")
    logger.setLevel(logging.INFO)
    logger.info('%s - "WebSocket %s" [accepted]', "10.0.0.1:4711", "/api/live?since=secret")
    logger.info("Started server process [%d]", 7)
    events = [json.loads(line)["event"] for line in lines.getvalue().splitlines()]
    assert events == ["Started server process [7]"]


async def test_an_unknown_method_is_counted_as_other(client: httpx.AsyncClient, lines: io.StringIO) -> None:
    assert (await client.request("ZHANGSAN", "/api/me")).status_code == 405
    assert "ZHANGSAN" not in (await client.get("/metrics")).text + lines.getvalue()


async def test_metrics_count_by_template(client: httpx.AsyncClient, client_as: ClientAs, world: World) -> None:
    await client_as("operator").get("/api/incidents/4711")
    metrics = (await client.get("/metrics")).text
    assert (
        'maplebridge_request_seconds_count{method="GET",route="/api/incidents/{incident_id}",status="404"}' in metrics
    )
    assert "incidents/4711" not in metrics
