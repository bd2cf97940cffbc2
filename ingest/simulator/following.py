"""Keeping a state up to date over the socket, through restarts of the server."""

import asyncio
import json
import random

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

from ingest.simulator.feed_state import FeedState
from ingest.simulator.server_client import FIRST_WAIT_S, LONGEST_WAIT_S, RequestRefused, ServerClient

DROP_EVERY_FRAMES = 500
LARGEST_FRAME = 16_000_000
PATH = "/api/live"
REFUSALS = frozenset({401, 403, 404})
"""Answers to a handshake that will be the same however often one asks."""


def socket_url(url: str) -> str:
    return f"ws{url.removeprefix('http').rstrip('/')}{PATH}"


async def follow(server: ServerClient, state: FeedState, *, url: str) -> None:
    """Without end: a snapshot when there is none of use, then the socket from where the state is. Raises RequestRefused."""
    wait = FIRST_WAIT_S
    while True:
        if state.cursor is None:
            state.load_snapshot(await server.read("/api/snapshot"))
        try:
            await _listen(server, state, url=url)
            wait = FIRST_WAIT_S
        except InvalidStatus as error:
            status = error.response.status_code
            if status in REFUSALS:
                raise RequestRefused(url=url, path=PATH, status=status, reason="") from error
            wait = _told(server, f"{status}", wait)
        except (OSError, WebSocketException) as error:
            wait = _told(server, f"{type(error).__name__} {error}", wait)
        # Not all clients of a server that comes back at the same instant.
        await asyncio.sleep(wait * (0.5 + random.random()))  # noqa: S311


def _told(server: ServerClient, reason: str, wait: float) -> float:
    """Say why there is no socket; how long to wait now."""
    longer = min(wait * 2, LONGEST_WAIT_S)
    server.report_down(reason, again_s=longer)
    return longer


async def _listen(server: ServerClient, state: FeedState, *, url: str) -> None:
    address = f"{socket_url(url)}?since={state.cursor}"
    async with connect(address, additional_headers=server.headers, max_size=LARGEST_FRAME) as socket:
        server.report_up()
        heard = 0
        async for message in socket:
            if not state.apply_frame(json.loads(message)):
                return
            heard += 1
            if heard % DROP_EVERY_FRAMES == 0:
                state.drop_ended()
