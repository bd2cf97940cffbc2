"""Bring a socket from its position to the hub's head before it joins the hub."""

import asyncio
from collections.abc import Sequence
from itertools import accumulate, takewhile

from api.live import frames
from api.live.conversation import Action, Conversation, require_resync
from api.live.frames import Item
from api.live.hub import Hub, Member, visible
from api.live.live import Live
from console.feed import queries
from console.feed.rules import Cursor

PAGE, PAGE_BYTES = 200, 262_144
"""Events, and their bytes, sent before the mailbox must be empty again, so that catching up cannot overflow it."""

PATIENCE_SECONDS = 10.0


async def open_conversation(live: Live, conversation: Conversation) -> list[Action]:
    """Open the conversation at the store's head, since a snapshot may be ahead of the hub."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        await live.feed_publisher.ready.wait()
    since, hub = conversation.since, live.hub
    head, kept_from = hub.head, hub.kept_from
    if since and since.epoch == head.epoch and not kept_from - 1 <= since.pos <= head.pos:
        head, kept_from = await _stored(live)
    return conversation.open(head, kept_from=kept_from, now=live.now())


async def catch_up(live: Live, member: Member, at: Cursor) -> list[Action]:
    """Send the events between `at` and the hub's head, page by page, and join. Return a resync if the epoch changed."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        await _reached(live.hub, at.pos)
    pos = at.pos
    while live.hub.head.epoch == at.epoch and is_far(live.hub, pos):
        following = await _send_page(live, member, pos)
        if following is None:
            return require_resync("too_old")
        pos = following
        await member.mailbox.drained()
        if member.mailbox.closing:
            return []
    if live.hub.head.epoch != at.epoch:
        return require_resync("epoch")
    live.hub.join(member, pos)
    return []


def is_far(hub: Hub, pos: int, *, page: int = PAGE) -> bool:
    """Whether a socket at `pos` needs more than one page of `page` events from memory."""
    if hub.head.pos - pos > page or pos + 1 < hub.kept_from:
        return True
    missed = hub.recent(pos, limit=page)
    return len(one_page(missed)) < len(missed)


def one_page(items: Sequence[Item]) -> Sequence[Item]:
    """Return the first items that fit one page: one at least, since no item is cut."""
    sizes = accumulate(len(item.plain) for item in items)
    return items[: max(1, sum(1 for _ in takewhile(lambda size: size <= PAGE_BYTES, sizes)))]


async def _send_page(live: Live, member: Member, pos: int) -> int | None:
    """Send one page after `pos`, from memory if possible, and return its last position; None if it is kept no more."""
    if pos + 1 >= live.hub.kept_from:
        items = one_page(live.hub.recent(pos, limit=PAGE))
        upto = items[-1].pos
    else:
        read = await _read_page(live, member, pos)
        if read is None:
            return None
        items, upto = read
    member.mailbox.put(frames.events(pos, upto, visible(items, member.audience)))
    return upto


async def _read_page(live: Live, member: Member, pos: int) -> tuple[Sequence[Item], int] | None:
    """Read the page after `pos` that is within reach, unless days have been dropped since the socket was opened."""
    target = live.hub.head.pos
    async with live.admission, live.store.transaction(member.audience.reach) as session:
        events = await queries.events_between(session, pos, target, limit=PAGE)
    _, kept_from = await _stored(live)
    if kept_from > pos + 1:
        return None
    read = [*map(live.hub.item, events)]
    items = one_page(read)
    return items, items[-1].pos if len(events) == PAGE or len(items) < len(read) else target


async def _reached(hub: Hub, pos: int) -> None:
    while hub.head.pos < pos:
        await hub.advanced()


async def _stored(live: Live) -> tuple[Cursor, int]:
    """Read the store's head and the first position it keeps."""
    async with live.admission, live.store.transaction(live.root) as session:
        head = await queries.head(session)
        first = await queries.floor(session)
    return head, head.pos + 1 if first is None else first
