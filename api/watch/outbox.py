"""Sending notices, beside the requests."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from api.watch.loops import Loop
from console.notices.sending import Message, Sender, SendingFailed, lease, mark_failed, mark_sent
from geo.store import Reach, Store

PASS_SECONDS = 1.0

log = structlog.get_logger()


def watch_outbox(store: Store, senders: Sequence[Sender], *, root: Reach, now: Callable[[], datetime]) -> list[Loop]:
    """One loop for each sender, so that one that hangs holds up no other."""
    return [_loop(store, sender, root=root, now=now) for sender in senders]


def _loop(store: Store, sender: Sender, *, root: Reach, now: Callable[[], datetime]) -> Loop:
    async def step() -> None:
        while await send_next(store, sender, root=root, now=now):
            pass

    return Loop(f"notices.{sender.name}", step, rest_s=PASS_SECONDS)


async def send_next(store: Store, sender: Sender, *, root: Reach, now: Callable[[], datetime]) -> int:
    """Send the next notice of each case that waits; return how many were tried."""
    async with store.transaction(root) as session:
        messages = await lease(session, sender.name, now=now())
    for message in messages:
        fault = await _fault_of(sender, message)
        async with store.transaction(root) as session:
            if fault is None:
                await mark_sent(session, sender.name, message.notice_id, now=now())
            else:
                await mark_failed(session, sender.name, message.notice_id, fault=fault, now=now())
    return len(messages)


async def _fault_of(sender: Sender, message: Message) -> str | None:
    """Send one message; return what went wrong, or None."""
    try:
        await sender.send(message)
    except SendingFailed as failed:
        log.warning("notice_not_sent", sender=sender.name, notice=message.notice_id, fault=failed.params["fault"])
        return str(failed.params["fault"])
    return None
