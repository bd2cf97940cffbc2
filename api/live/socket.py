"""Serve a conversation on a WebSocket, with one task to read and one to write."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import assert_never

from starlette.websockets import WebSocket, WebSocketDisconnect

from api import metrics
from api.live.catching_up import catch_up, open_conversation
from api.live.conversation import Action, Close, Conversation, Send, Watch
from api.live.hub import Member
from api.live.live import Live
from api.live.mailbox import BAD_MESSAGE, SLOW, TRY_AGAIN
from api.watch.loops import DATABASE_ERRORS

TOO_MANY = "sockets"
"""Reason of closing a socket beyond the most of its account."""
MOST_MESSAGE_CHARACTERS = 65_536
OUTLET = "maplebridge.outlet"
"""ASGI extension whose `write_text` writes frames without a task in between; see `api/live/transport.py`."""

CLOSING_SECONDS = 2.0
"""Time limit for the last frames and the close reason; a client that does not read is then disconnected."""


async def serve(websocket: WebSocket, live: Live, member: Member, conversation: Conversation) -> None:
    """Serve one accepted socket until either side ends it. It is closed at once if its account has too many."""
    if not live.account_sockets.enter(member.account):
        await websocket.close(TRY_AGAIN, TOO_MANY)
        return
    try:
        await _serve(websocket, live, member, conversation)
    finally:
        live.account_sockets.leave(member.account)


async def _serve(websocket: WebSocket, live: Live, member: Member, conversation: Conversation) -> None:
    metrics.SOCKETS.inc()
    member.mailbox.outlet = websocket.scope.get("extensions", {}).get(OUTLET, {}).get("write_text")
    tasks = [
        asyncio.create_task(work)
        for work in (
            _converse(websocket, live, member, conversation),
            _write(websocket, member),
            member.mailbox.closed(),
        )
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        live.hub.leave(member)
        live.hexes.leave(member)
        metrics.SOCKETS.dec()
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception):
            raise end
    if member.mailbox.closing:
        await _send_closing_frames(websocket, member)


async def _converse(websocket: WebSocket, live: Live, member: Member, conversation: Conversation) -> None:
    """Open the conversation, catch up, then handle messages until the client disconnects."""
    try:
        _apply(await open_conversation(live, conversation), live=live, member=member)
        if not member.mailbox.closing:
            _apply(await catch_up(live, member, conversation.at), live=live, member=member)
        while not member.mailbox.closing:
            _apply(_handle_message(conversation, await _received(websocket)), live=live, member=member)
    except WebSocketDisconnect:
        return
    except DATABASE_ERRORS:
        member.mailbox.close(TRY_AGAIN, "database")


async def _received(websocket: WebSocket) -> str | None:
    """Receive the next text, None for a binary message. Raises `WebSocketDisconnect` when the client has left."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"], message.get("reason"))
    text: str | None = message.get("text")
    return text


def _handle_message(conversation: Conversation, message: str | None) -> Iterable[Action]:
    if message is None:
        return [Close(BAD_MESSAGE, "binary")]
    if len(message) > MOST_MESSAGE_CHARACTERS:
        return [Close(BAD_MESSAGE, "length")]
    return conversation.receive(message)


def _apply(actions: Iterable[Action], *, live: Live, member: Member) -> None:
    for out in actions:
        match out:
            case Send(frame):
                member.mailbox.put(frame)
            case Watch(view):
                live.hexes.watch(member, view)
            case Close(code, reason):
                member.mailbox.close(code, reason)
            case _:
                assert_never(out)


async def _write(websocket: WebSocket, member: Member) -> None:
    with suppress(WebSocketDisconnect):
        while True:
            frame = await member.mailbox.get()
            await websocket.send_text(frame.decode())


async def _send_closing_frames(websocket: WebSocket, member: Member) -> None:
    """Send the remaining frames, except to a slow client, and then the close reason."""
    closing = member.mailbox.closing
    assert closing is not None
    if closing.code == SLOW:
        metrics.OVERFLOWS.inc()
    with suppress(WebSocketDisconnect, TimeoutError, RuntimeError):
        async with asyncio.timeout(CLOSING_SECONDS):
            for frame in [] if closing.code == SLOW else member.mailbox.remaining_frames():
                await websocket.send_text(frame.decode())
            await websocket.close(closing.code, closing.reason)
