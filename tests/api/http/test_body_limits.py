"""What a request's body may cost: its size by route, its time, and the length of the answer to a wrong one."""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import product
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.types import Message, Receive, Scope, Send

from api.app import ROUTERS
from api.http import body_limits
from api.http.body_limits import (
    BATCH_BYTES,
    DRAWING_BYTES,
    FIX_BYTES,
    FIXES_BYTES,
    REPORT_BYTES,
    SIGN_IN_BYTES,
    STEP_BYTES,
    BodyLimit,
)
from api.http.errors import LONGEST_TEXT, MOST_LISTED, bounded_params
from api.http.sign_in.sessions import SAFE_METHODS
from tests.worlds import PASSWORD, ClientAs

KNOWN = {BATCH_BYTES, DRAWING_BYTES, FIX_BYTES, FIXES_BYTES, REPORT_BYTES, SIGN_IN_BYTES, STEP_BYTES}
JSON = {"Content-Type": "application/json"}


def test_every_route_that_reads_a_body_names_its_limit() -> None:
    """Mend it: add `max_body_size` to the route's decorator, one of `api/http/body_limits.py`."""
    routes = [each for router in ROUTERS for each in iter_route_contexts(router.routes)]
    limits = {
        f"{'/'.join(sorted(route.methods or ()))} {route.path}": route.max_body_size
        for route in routes
        if isinstance(route.original_route, APIRoute) and set(route.methods or ()) - SAFE_METHODS
    }
    assert len(limits) > 10
    assert {route: limit for route, limit in limits.items() if limit not in KNOWN} == {}


def dripping(content: bytes) -> AsyncIterator[bytes]:
    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 10_000):
            yield content[start : start + 10_000]

    return parts()


LIMITS = [
    (None, "/api/session", SIGN_IN_BYTES),
    ("source", "/api/incidents", REPORT_BYTES),
    ("operator", "/api/tasks/1/accept", STEP_BYTES),
    ("source", "/api/incidents/batch", 200_000),
]


async def test_a_body_above_its_routes_limit_is_refused_with_or_without_content_length(
    client: httpx.AsyncClient, client_as: ClientAs
) -> None:
    for who, path, limit in LIMITS:
        sender = client_as(who) if who else client
        big = b'{"title": "' + b"x" * limit + b'"}'
        for content in (big, dripping(big)):
            answer = await sender.post(path, content=content, headers=JSON)
            assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large"), path
            assert answer.json()["params"] == {"limit": limit}
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["x-request-id"] == answer.json()["request_id"]
    just = await client_as("source").post("/api/incidents/batch", content=b"\n" * 200_000)
    assert just.status_code == 200


async def test_without_sign_in_no_large_body_is_read(app: FastAPI) -> None:
    for path in ("/api/session", "/api/incidents", "/api/incidents/batch", "/api/positions", "/gone"):
        assert await read_of(app, path) == 0, path


async def read_of(app: FastAPI, path: str) -> int:
    """Send 18 MB without sign-in; return how many parts of it the server read before it refused."""
    sent, read = [], 0

    async def receive() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"maplebridge.test"), (b"content-length", b"18000000")]
    await app(scope_of(path, headers), receive, send)
    assert sent[0]["status"] in (401, 404, 413)
    return read


def scope_of(path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("maplebridge.test", 80),
        "scheme": "http",
        "http_version": "1.1",
    }


async def test_a_body_that_does_not_arrive_is_refused_and_its_connection_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body_limits, "BODY_SECONDS", 0.0)
    sent: list[Message] = []

    async def reads(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await receive()
        finally:
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    with pytest.raises(body_limits.TooSlow):
        await BodyLimit(reads, most=100)(scope_of("/", []), never, send)
    assert sent[0]["status"] == 408 and (b"connection", b"close") in sent[0]["headers"]
    assert json.loads(sent[1]["body"])["code"] == "body.too_slow"
    assert len(sent) == 2


def members(count: int) -> bytes:
    return b"{" + b",".join(b'"%d":1' % number for number in range(count)) + b"}"


HEAVY: dict[str, bytes] = {
    "many members": members(5000),
    "a deep list": b"[" * 60_000 + b"]" * 100,
    "a deep object": b'{"a":' * 12_000,
    "a long number": b'{"lon": ' + b"9" * 60_000 + b"}",
    "a long name": b'{"' + b"n" * 60_000 + b'": 1}',
    "a long text": b'{"source": "' + b"s" * 60_000 + b'"}',
    "half a character": b'{"source": "\\ud800"}',
}


async def test_a_heavy_body_gets_a_short_answer(client_as: ClientAs) -> None:
    for (kind, body), path in product(HEAVY.items(), ("/api/incidents", "/api/incidents/batch", "/api/positions")):
        answer = await client_as("source").post(path, content=body, headers=JSON)
        assert answer.status_code < 500 and len(answer.content) < 4000, (kind, path)
        if path == "/api/incidents":
            assert answer.status_code in (400, 422)
            assert answer.json()["code"] in ("body.unreadable", "invalid")


async def test_a_batch_of_heavy_lines_gets_a_short_answer_and_lets_others_run(client_as: ClientAs) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    runs = asyncio.create_task(others())
    unknown = b"{" + b",".join(b'"%d":1' % number for number in range(90)) + b"}"
    answer = await client_as("source").post("/api/incidents/batch", content=b"\n".join([unknown] * 250))
    runs.cancel()
    assert answer.json()["refused"] == 250
    assert max(len(item["errors"]) for item in answer.json()["items"]) == 10
    assert turns > 10


async def test_one_fix_of_many_members_is_refused_by_one_error(client_as: ClientAs) -> None:
    fixes = [json.loads(members(5000)), {"n" * 5000: 1}]
    answer = await client_as("gateway").post("/api/positions", json={"fixes": fixes})
    assert answer.status_code == 200 and len(answer.content) < 1000
    assert answer.json()["items"][0]["code"] == "too_many_fields"


def test_a_problem_repeats_no_more_than_a_little_of_what_was_sent() -> None:
    errors = [{"field": "f" * 9000, "code": "x"}] * 1000
    found = bounded_params({"errors": errors, "path": "p" * 9000, "limit": 5})
    assert found == {
        "errors": [{"field": "f" * LONGEST_TEXT, "code": "x"}] * MOST_LISTED,
        "path": "p" * LONGEST_TEXT,
        "limit": 5,
        "more": 950,
    }


async def test_a_client_that_leaves_early_is_no_fault_of_the_server(
    app: FastAPI, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    token = (await client.post("/api/session", json={"username": "operator", "password": PASSWORD})).cookies
    cookie = "; ".join(f"{name}={value}" for name, value in token.items()).encode()
    for path in ("/api/incidents", "/api/incidents/batch", "/api/positions", "/api/session", "/api/tasks/1/accept"):
        sent: list[Message] = []
        parts = [{"type": "http.request", "body": b'{"a', "more_body": True}, {"type": "http.disconnect"}]

        async def receive(parts: list[Message] = parts) -> Message:
            return parts.pop(0) if len(parts) > 1 else parts[0]

        async def send(message: Message, sent: list[Message] = sent) -> None:
            sent.append(message)

        headers = [(b"host", b"maplebridge.test"), (b"cookie", cookie), (b"content-type", b"application/json")]
        await app(scope_of(path, headers), receive, send)
        assert sent[0]["status"] == 400, path
    assert "fault" not in caplog.text
