"""Keep a FeedState up to date over the WebSocket, through restarts of the server."""

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
"""Handshake statuses that a retry does not change."""


def socket_url(url: str) -> str:
    return f"ws{url.removeprefix('http').rstrip('/')}{PATH}"


async def follow(server: ServerClient, state: FeedState, *, url: str) -> None:
    """Load a snapshot when needed and follow the socket from its cursor, without end. Raises RequestRefused."""
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
            wait = _report_and_back_off(server, f"{status}", wait)
        except (OSError, WebSocketException) as error:
            wait = _report_and_back_off(server, f"{type(error).__name__} {error}", wait)
        # Jitter: clients of a restarted server must not all reconnect at the same instant.
        await asyncio.sleep(wait * (0.5 + random.random()))  # noqa: S311


def _report_and_back_off(server: ServerClient, reason: str, wait: float) -> float:
    """Report why there is no socket; return the seconds to wait next."""
    longer = min(wait * 2, LONGEST_WAIT_S)
    server.report_down(reason, again_s=longer)
    return longer


async def _listen(server: ServerClient, state: FeedState, *, url: str) -> None:
    address = f"{socket_url(url)}?since={state.cursor}"
    async with connect(address, additional_headers=server.headers, max_size=LARGEST_FRAME) as socket:
        server.report_up()
        frames = 0
        async for message in socket:
            if not state.apply_frame(json.loads(message)):
                return
            frames += 1
            if frames % DROP_EVERY_FRAMES == 0:
                state.drop_ended()
