"""Replay to a server that does not answer or refuses: it is reported, and no request waits for ever."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from ingest.replay.recording import Record, Times
from ingest.replay.sending import Target, send_reports
from ingest.simulator.server_client import NoAnswer, RequestRefused, ServerClient, Trouble
from tests.demos import free_port
from tests.shared import CHECKOUT

RECORDS = [Record(at=datetime(2026, 3, 1, tzinfo=UTC), body={"source": "s", "category": "x", "title": "x"})]


@asynccontextmanager
async def answering(*statuses: int) -> AsyncIterator[tuple[str, list[str]]]:
    """Run a server that answers with these statuses, repeating the last: its address, and the requests received."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split(b"\r\n", 1)[0].decode())
        status = statuses[min(len(asked), len(statuses)) - 1]
        body = b'{"code": "some.code", "items": []}'
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


async def send(url: str, troubles: list[Trouble], *, patience_s: float = 60) -> None:
    target = Target(url=url, token="t", patience_s=patience_s, on_trouble=troubles.append)
    await send_reports(RECORDS, target, speed=1, times=Times.NOW, progress=lambda _: None)


async def test_an_unreachable_server_is_reported_at_once_and_the_replay_gives_up() -> None:
    troubles: list[Trouble] = []
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NoAnswer, match=f"{url}.* did not answer"):
        await send(url, troubles, patience_s=0.9)
    (trouble,) = troubles
    assert trouble.url.startswith(url)
    assert trouble.reason is not None and "ConnectError" in trouble.reason
    assert trouble.again_s == 0.5


async def test_a_replay_gives_up_on_a_server_that_keeps_failing() -> None:
    troubles: list[Trouble] = []
    async with answering(500) as (url, asked):
        with pytest.raises(NoAnswer, match=r"500 some\.code"):
            await send(url, troubles, patience_s=0.9)
    assert len(asked) == 2
    assert [trouble.reason for trouble in troubles] == ["500 some.code"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
async def test_a_permanent_error_ends_the_replay_at_once(status: int) -> None:
    async with answering(status) as (url, asked):
        with pytest.raises(RequestRefused, match=rf"/api/incidents/batch refused: {status} some\.code"):
            await send(url, [])
    assert len(asked) == 1


@pytest.mark.parametrize(("status", "remedy"), [(401, "users token NAME"), (403, "users list")])
async def test_a_refused_token_gets_a_message_with_the_remedy(status: int, remedy: str) -> None:
    async with answering(status) as (url, _):
        with pytest.raises(RequestRefused, match=remedy):
            await send(url, [])


async def test_a_server_that_answers_again_is_reported_too() -> None:
    troubles: list[Trouble] = []
    async with answering(503, 429, 200) as (url, asked):
        await send(url, troubles)
    assert len(asked) == 3
    assert [trouble.reason for trouble in troubles] == ["503 some.code", "429 some.code", None]


async def test_many_waiting_requests_report_a_server_that_is_down_once() -> None:
    troubles: list[Trouble] = []
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port()}", trust_env=False) as client:
        server = ServerClient(client, "t", on_trouble=troubles.append)
        assert await asyncio.gather(*(server.send_once("GET", "/") for _ in range(10))) == [None] * 10
    assert len(troubles) == 1


async def test_an_invalid_address_is_not_retried() -> None:
    troubles: list[Trouble] = []
    with pytest.raises(NoAnswer, match="protocol"):
        await send("127.0.0.1:8000", troubles)
    assert troubles == []


@pytest.mark.served
@pytest.mark.parametrize(("command", "words"), [("replay", ["--patience", "0"]), ("simulate", [])])
async def test_a_command_prints_the_refusal_in_one_line_and_exits_with_1(
    tmp_path: Path, command: str, words: list[str]
) -> None:
    """With a wrong token for both commands, and with an unreachable address for replay without patience."""
    path = tmp_path / "a.csv"
    path.write_text("source,category,lon,lat,occurred_at\ns,dispute.family,120.605,31.105,2026-03-01T08:00Z\n")
    file = [str(path)] if command == "replay" else []
    tokens = ["--token", "t"] if command == "replay" else ["--source-token", "t", "--gateway-token", "t"]
    async with answering(401) as (url, _):
        ended = await run(command, *file, *tokens, "--url", url)
    assert ended.returncode == 1
    assert ended.stderr.strip().splitlines()[-1].startswith(f"maplebridge: {url}/api/")
    assert "Traceback" not in ended.stderr
    if words:
        ended = await run(command, *file, *tokens, *words, "--url", f"http://127.0.0.1:{free_port()}")
        assert ended.returncode == 1
        assert "does not respond (ConnectError" in ended.stderr and "Traceback" not in ended.stderr


async def run(*words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAPLEBRIDGE_")}
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-P", "-m", "api.keeping.commands", *words],
        env={**kept, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
