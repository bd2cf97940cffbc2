"""Keeping a picture up to date over the socket, through restarts of the server."""

import asyncio
import json
import random

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from ingest.simulator.door import FIRST_WAIT_S, LONGEST_WAIT_S, Door
from ingest.simulator.picture import Picture

FORGET_EVERY = 500
LARGEST_FRAME = 16_000_000


def socket_url(url: str) -> str:
    return f"ws{url.removeprefix('http').rstrip('/')}/api/live"


async def follow(door: Door, picture: Picture, *, url: str) -> None:
    """Without end: a snapshot when there is none of use, then the socket from where the picture is."""
    wait = FIRST_WAIT_S
    while True:
        if picture.cursor is None:
            picture.begin(await door.read("/api/snapshot"))
        try:
            await _listen(door, picture, url=url)
            wait = FIRST_WAIT_S
        except (OSError, WebSocketException):
            wait = min(wait * 2, LONGEST_WAIT_S)
        # Not all clients of a server that comes back at the same instant.
        await asyncio.sleep(wait * (0.5 + random.random()))  # noqa: S311


async def _listen(door: Door, picture: Picture, *, url: str) -> None:
    address = f"{socket_url(url)}?since={picture.cursor}"
    async with connect(address, additional_headers=door.headers, max_size=LARGEST_FRAME) as socket:
        heard = 0
        async for message in socket:
            if not picture.receive(json.loads(message)):
                return
            heard += 1
            if heard % FORGET_EVERY == 0:
                picture.forget_ended()
