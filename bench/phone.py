"""What a phone sends after a day without a network, and how much it costs on the line.

Usage: python -m bench.phone [--commands 500] [--tasks 60] [--hours 10]. Needs PostgreSQL with PostGIS, and an
otherwise idle machine. Prints the seconds in which queued commands are all answered, in batches as the page sends them,
with their ratio to the reach; and the bytes of a working day over HTTP: commands of its tasks, each sent by itself, and
a position each 15 s, with headers and without TLS. Photos, the map and the live link come on top.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import orjson

from bench.stage import Meter, Stage, client_of, machine, served, settle_county, staged

REACH_S = 5
DAY_MB = 30
MOST_AT_ONCE = 500
FIXES, FIX_SECONDS = "/api/positions", 15
COMMANDS_A_TASK = 5
LINE = {"lon": 120.63, "lat": 31.16, "accuracy_m": 12.0, "age_s": 3.0}


class Phone:
    """Numbers its commands, and counts the bytes of what it sends and gets."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client, self.device, self.seq, self.bytes = client, str(uuid4()), 0, 0

    def give(self, command: str, at: datetime, **said: Any) -> bytes:
        self.seq += 1
        head = {"id": str(uuid4()), "device": self.device, "device_seq": self.seq, "device_at": at.isoformat()}
        return orjson.dumps(head | {"command": command} | LINE | said)

    async def post(self, path: str, content: bytes, **params: str) -> Any:
        kind = "application/json" if path == FIXES else "application/x-ndjson"
        answer = await self.client.post(path, content=content, params=params, headers={"Content-Type": kind})
        answer.raise_for_status()
        request = answer.request
        for message in (request, answer):
            self.bytes += sum(len(name) + len(value) + 4 for name, value in message.headers.raw)
        self.bytes += len(str(request.url)) + len(content) + answer.num_bytes_downloaded
        return answer.json()

    async def send(self, lines: Sequence[bytes]) -> list[str]:
        said = await self.post("/api/commands", b"\n".join(lines), sent_at=datetime.now(UTC).isoformat(), unsent="0")
        return [item["status"] for item in said["items"]]


async def measure(stage: Stage, options: argparse.Namespace) -> None:
    county = await settle_county(stage)
    async with served(stage) as server, client_of(server, county.tokens["patrol"]) as client:
        force = (await client.get("/api/me")).json()["force"]
        phone, began = Phone(client), datetime.now(UTC) - timedelta(hours=options.hours)
        steps = [began + timedelta(seconds=60 * i) for i in range(options.commands)]
        lines = [phone.give("check_in", at, note="巡查经过，情况正常") for at in steps]
        with Meter(stage, server) as meter:
            statuses = [
                status
                for at in range(0, len(lines), MOST_AT_ONCE)
                for status in await phone.send(lines[at : at + MOST_AT_ONCE])
            ]
        assert statuses == ["applied"] * options.commands
        sys.stdout.write(
            f"{machine()}\n{options.commands} queued commands in {meter.clock:.2f} s, "
            f"{meter.clock / REACH_S:.2f} of the reach; {phone.bytes / 1e3:.0f} kB\n"
            f"{meter.summary(per=options.commands, unit='commands')}\n"
        )
        sys.stdout.flush()
        phone.bytes = 0
        for _ in range(options.tasks * COMMANDS_A_TASK):
            await phone.send([phone.give("check_in", datetime.now(UTC), note="到达现场，双方已分开")])
        fixes = options.hours * 3600 // FIX_SECONDS
        for i in range(fixes):
            at = (began + timedelta(seconds=FIX_SECONDS * i)).isoformat()
            fix = {"force": force, "at": at, "lon": 120.63 + i / 1e6, "lat": 31.16, "accuracy_m": 8.0, "speed_mps": 1.1}
            body = orjson.dumps({"fixes": [fix], "sent_at": datetime.now(UTC).isoformat()})
            await phone.post(FIXES, body)
        day = phone.bytes / 1e6
    share = day / DAY_MB
    sys.stdout.write(
        f"{options.hours} h, {options.tasks} tasks, {fixes} positions: {day:.2f} MB, {share:.2f} of the reach\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commands", type=int, default=500)
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--hours", type=int, default=10)
    options = parser.parse_args()
    with staged() as stage:
        asyncio.run(measure(stage, options))


if __name__ == "__main__":
    main()
