"""Publish events and positions to all open sockets, encoding each frame once for each audience.

Nothing here waits: the loops that read the store call the hub, which puts frames into mailboxes. All members of a
channel have the same position, so that one frame continues from it for all of them.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice

from api.live import frames
from api.live.force_positions import FixesMessage, ForcePositions
from api.live.frames import Item
from api.live.mailbox import RESYNC, Mailbox
from api.watch.troubles import Trouble, troubles_for
from console.access.rules import Actor
from console.feed.kinds import Kinds
from console.feed.rules import Audience, Cursor, Event

RING = 10_000
"""Events kept in memory for clients that reconnect."""


@dataclass(eq=False, slots=True)
class Member:
    """An open socket: its audience, actor, session and mailbox."""

    audience: Audience
    actor: Actor
    session_id: int
    mailbox: Mailbox = field(default_factory=Mailbox)

    @property
    def account(self) -> int:
        return self.actor.user_id


@dataclass(eq=False, slots=True)
class Channel:
    """Sockets of one audience, and their common position."""

    audience: Audience
    pos: int
    members: set[Member] = field(default_factory=set)

    def publish(self, items: Sequence[bytes], upto: int) -> None:
        """Advance to `upto` with `items`, all items visible to the audience up to there, possibly none."""
        frame = frames.events(self.pos, upto, items)
        for member in self.members:
            member.mailbox.put(frame)
        self.pos = upto


def visible(items: Iterable[Item], audience: Audience) -> list[bytes]:
    """Return the JSON of the items that an audience receives."""
    received = (item for item in items if audience.receives(item.event, below=item.seen_below))
    return [json for item in received if (json := item.json(masked=audience.masked))]


class Hub:
    """Publishes the feed and positions from the store's loops to the mailboxes of open sockets."""

    def __init__(self, force_positions: ForcePositions, *, kinds: Kinds, ring: int = RING) -> None:
        self.force_positions = force_positions
        self.kinds = kinds
        self.head = Cursor(epoch="", pos=0)
        self.lines = self.maps = ""
        self.changed = dict.fromkeys((kind.plural for kind in kinds.values() if kind.in_beats), "")
        self._ring: deque[Item] = deque(maxlen=ring)
        self._channels: dict[Audience, Channel] = {}
        self._advanced = asyncio.Event()
        self._troubles: tuple[Trouble, ...] = ()

    @property
    def kept_from(self) -> int:
        """First position still in memory; head.pos + 1 for none."""
        return self._ring[0].pos if self._ring else self.head.pos + 1

    @property
    def members(self) -> Iterator[Member]:
        return chain.from_iterable(channel.members for channel in self._channels.values())

    @property
    def audiences(self) -> Iterator[Audience]:
        return iter(self._channels)

    def item(self, event: Event) -> Item:
        """Prepare an event for sending."""
        return Item(event, self.kinds.get(event.kind))

    def restart(self, head: Cursor, *, recent: Sequence[Event] = ()) -> None:
        """Begin at `head`, with the `recent` events up to it in memory for clients that reconnect.

        Present members have a position of another epoch and are closed with a resync.
        """
        for member in self.members:
            member.mailbox.put(frames.resync("epoch"))
            member.mailbox.close(RESYNC, "epoch")
        self._ring.clear()
        self._channels.clear()
        self._ring.extend(map(self.item, recent))
        self.head = head

    def publish(self, events: Sequence[Event], upto: int) -> None:
        """Publish the events after the head up to `upto`. Channels that may see none of them are advanced later."""
        items = [*map(self.item, events)]
        self._ring.extend(items)
        self.head = Cursor(self.head.epoch, upto)
        for kind in self.kinds.keys() & {event.kind for event in events}:
            if self.kinds[kind].in_beats:
                self.changed[self.kinds[kind].plural] = str(upto)
        for audience, channel in self._channels.items():
            seen = visible(items, audience)
            if seen:
                channel.publish(seen, upto)
        self._advanced.set()
        self._advanced = asyncio.Event()

    def publish_positions(self, forces: set[int], *, masked: bool = False) -> None:
        """Send each open or each masked channel the positions of `forces` that it may see."""
        for audience, channel in self._channels.items():
            if audience.masked is not masked:
                continue
            seen = self.force_positions.seen_by(audience, forces)
            if seen:
                message = FixesMessage(self.force_positions, audience, seen)
                for member in channel.members:
                    member.mailbox.put_latest("fixes", message)

    def beat(self, now: datetime) -> None:
        """Advance every channel to the head, then send the position in a beat, the versions of lines and maps, and the
        last change of each kind that beats number.
        """
        frame = frames.beat(self.head.pos, now, lines=self.lines, maps=self.maps, changed=self.changed)
        for channel in self._channels.values():
            self._catch_up(channel)
            for member in channel.members:
                member.mailbox.put(frame)

    def publish_troubles(self, troubles: tuple[Trouble, ...]) -> None:
        """Send all present troubles, or their end, to all sockets, and to later ones as they join."""
        self._troubles = troubles
        for audience, channel in self._channels.items():
            frame = frames.trouble(troubles_for(audience, troubles))
            for member in channel.members:
                member.mailbox.put(frame)

    def recent(self, after: int, *, limit: int) -> list[Item]:
        """Return up to `limit` items in memory with a position beyond `after`, in order."""
        skip = max(0, after + 1 - self.kept_from)
        return [*islice(self._ring, skip, skip + limit)]

    async def advanced(self) -> None:
        """Wait until the head message."""
        await self._advanced.wait()

    def join(self, member: Member, pos: int) -> None:
        """Add a socket at position `pos`; the events it misses must still be in memory."""
        channel = self._channels.setdefault(member.audience, Channel(member.audience, self.head.pos))
        self._catch_up(channel)
        if pos < channel.pos:
            missed = self.recent(pos, limit=channel.pos - pos)
            member.mailbox.put(frames.events(pos, channel.pos, visible(missed, member.audience)))
        channel.members.add(member)
        if troubles := troubles_for(member.audience, self._troubles):
            member.mailbox.put(frames.trouble(troubles))

    def leave(self, member: Member) -> None:
        """Remove a socket, if it has joined."""
        channel = self._channels.get(member.audience)
        if channel is None:
            return
        channel.members.discard(member)
        if not channel.members:
            del self._channels[member.audience]

    def _catch_up(self, channel: Channel) -> None:
        """Advance a channel to the head: the events it was not sent are not visible to it."""
        if channel.pos < self.head.pos:
            channel.publish((), self.head.pos)
