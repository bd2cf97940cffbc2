"""A phone that keeps commands and sends them, with or without a right clock."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson

DEVICE = str(UUID(int=7))
Json = dict[str, Any]


class Phone:
    """What a phone keeps: it numbers its commands, and its clock may be wrong by `ahead`."""

    def __init__(self, client: httpx.AsyncClient, clock: Callable[[], datetime], *, device: str = DEVICE) -> None:
        self.client, self.clock, self.device = client, clock, device
        self.seq, self.ahead = 0, timedelta()

    def now(self) -> datetime:
        return self.clock() + self.ahead

    def give(self, command: str, task: int | None = None, **said: Any) -> Json:
        self.seq += 1
        at = said.pop("at", self.now())
        line = {"id": str(uuid4()), "device": self.device, "device_seq": self.seq, "device_at": at.isoformat()}
        return line | {"command": command} | ({} if task is None else {"task": task}) | said

    async def send(self, *lines: Mapping[str, Any], **params: Any) -> list[Json]:
        body = b"\n".join(orjson.dumps(line) for line in lines)
        answer = await self.client.post(
            "/api/commands", content=body, params={"sent_at": self.now().isoformat(), **params}
        )
        assert answer.status_code == 200, answer.text
        items: list[Json] = answer.json()["items"]
        return items
