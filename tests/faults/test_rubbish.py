"""A source sends only invalid reports, fast and for long: it is named, and others are unaffected."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from geo.store import Reach
from ingest.reports.batch import MOST_LINES
from tests.browser.server import Server
from tests.faults.conftest import Site
from tests.faults.onlookers import NUMBERS, Onlookers
from tests.worlds import ROOT

SECRET = "13912345678 王小明"
"""As a phone number and a name in rubbish would look: no log may hold it."""

LINES = 2000
SENDERS_AT_ONCE = 4
QUIET_SECONDS, FULL_SECONDS = 12.0, 3600.0
PATIENCE_SECONDS = 60.0
MOST_GROWN_MB = 400
MOST_LOGGED_BYTES_A_REQUEST = 2000


def rubbish(rng: random.Random) -> Iterator[bytes]:
    """Bodies without a good line, of every kind that machines have sent."""
    lines = (
        b"{" * 5000,
        b"[" * 30_000 + b"]" * 30_000,
        ('{"source": "' + SECRET + '"}').encode("gb18030"),
        ('{"source": "hotline", "title": "' + SECRET + '"}').encode(),
        ('{"lon": "' + SECRET + '", "lat": NaN}').encode(),
        b'{"source": "a", "source": "b", "lon": 1e999}',
        b"\x00" * 100,
        b"\xff\xfe" + "文".encode("utf-16-le"),
        b'"' + b"\\u0000" * 1000 + b'"',
        b"null",
    )
    while True:
        kind = rng.randrange(4)
        if kind == 0:
            yield b"\n".join(rng.choice(lines) for _ in range(200))
        elif kind == 1:
            yield b"\n".join([b"0"] * LINES)
        elif kind == 2:
            yield rng.randbytes(200_000)
        else:
            yield b"x" * 2_000_000


async def named_health(http: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    """The server's health with its names: it withholds them while it cannot find out in time who asks."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            health: dict[str, Any] = (await http.get("/api/health", headers=headers)).json()
            if health["senders"]:
                return health
            await asyncio.sleep(0.2)


@pytest.mark.timeout(4500)
async def test_a_source_of_invalid_reports_is_named_and_others_are_unaffected(
    site: Site, full: bool, rng: random.Random, record_property: Callable[[str, object], None]
) -> None:
    token = {"Authorization": f"Bearer {site.world.tokens['source']}"}
    seen = Onlookers(site.server, site.world, user="clerk", source="window")
    sent, took, cut = [], [], []
    async with seen.present():
        await seen.until(lambda: len(seen.acknowledged) > 20)
        logged, memory = site.server.log.stat().st_size, megabytes(site.server)
        acknowledged = len(seen.acknowledged)
        until = time.monotonic() + (FULL_SECONDS if full else QUIET_SECONDS)
        bodies = rubbish(rng)

        async def send() -> None:
            """Each has its own client: a shared one closes connections that another has just got (httpcore #1110)."""
            async with httpx.AsyncClient(base_url=site.server.url, timeout=120) as http:
                while time.monotonic() < until:
                    began = time.monotonic()
                    try:
                        answer = await http.post("/api/incidents/batch", content=next(bodies), headers=token)
                    except httpx.TransportError as error:
                        cut.append((time.time(), repr(error), repr(error.__cause__ and error.__cause__.__context__)))
                        continue
                    took.append(time.monotonic() - began)
                    sent.append(answer.status_code)
                    found = answer.json()
                    assert answer.status_code == 503 or found["created"] == found["existing"] == 0, found
                    assert SECRET not in answer.text

        async with asyncio.TaskGroup() as group:
            for _ in range(SENDERS_AT_ONCE):
                group.create_task(send())
        await seen.until(lambda: "source.failing" in seen.troubles())
        await seen.until(lambda: len(seen.acknowledged) > acknowledged + 20)
        operator = {"Authorization": f"Bearer {site.world.tokens['operator']}"}
        async with httpx.AsyncClient(base_url=site.server.url, timeout=120) as http:
            health = await named_health(http, operator)
    grown = megabytes(site.server) - memory
    per_request = (site.server.log.stat().st_size - logged) / (len(sent) + len(seen.acknowledged) + len(seen.health))
    slowest = max(answer.seconds for answer in seen.health)

    assert set(sent) <= {200, 503}, "a machine that has no connection to spare may say so"
    assert sent.count(200) > sent.count(503)
    log = site.server.log.read_text(encoding="utf8", errors="replace")
    tail = [line for line in log.splitlines() if '"event":"request"' not in line]
    assert cut == [], f"batches whose connection ended before an answer, and the server's last words: {tail[-20:]}"
    named = {trouble["name"]: trouble["n"] for trouble in health["troubles"] if trouble["code"] == "source.failing"}
    assert set(named) == {"source"} and named["source"] > 1000
    assert [sender["sender"] for sender in health["senders"]] == ["source"], "people are not listed"
    assert {said.body["code"] for said in seen.refused} <= {"database.away"}
    assert SECRET not in log and "13912345678" not in log and "王小明" not in log
    assert "Traceback" not in log and '"event":"fault"' not in log
    assert per_request < MOST_LOGGED_BYTES_A_REQUEST
    assert grown < MOST_GROWN_MB
    async with site.store.transaction(Reach(scope=ROOT)) as session:
        stored = {row.external_no: row.times for row in await session.execute(NUMBERS, {"source": seen.source})}
    assert stored.keys() >= seen.acknowledged and set(stored.values()) == {1}
    record_property("batches of rubbish", len(sent))
    record_property("lines refused", named["source"])
    record_property("slowest answer to one (s)", round(max(took), 2))
    record_property("slowest health meanwhile (s)", round(slowest, 2))
    record_property("server grew by (MB)", round(grown))
    record_property("log, bytes a request", round(per_request))


async def test_a_batch_with_too_many_lines_is_refused_unread(site: Site) -> None:
    """Ten million lines of one byte fit into a body, and their answers into no memory."""
    token = {"Authorization": f"Bearer {site.world.tokens['source']}"}
    async with httpx.AsyncClient(base_url=site.server.url, timeout=120) as http:
        answer = await http.post("/api/incidents/batch", content=b"0\n" * 9_000_000, headers=token)
        assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")
        assert answer.json()["params"] == {"lines": MOST_LINES}


def megabytes(server: Server) -> float:
    """Resident memory of the server's process."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
