"""Bringing events and positions to every open socket, each frame encoded once for all who may read the same.

Nothing here waits: the hub is told by the loops that read the store, and puts frames into mailboxes. All members of a
channel hold the same position, so that one frame continues from it for all of them.
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
"""Events kept in memory for those who come back after a moment."""


@dataclass(eq=False, slots=True)
class Member:
    """An open socket: what it may see, whose it is and by which session, and its mailbox."""

    audience: Audience
    actor: Actor
    session_id: int
    mailbox: Mailbox = field(default_factory=Mailbox)


@dataclass(eq=False, slots=True)
class Channel:
    """The sockets of one audience, and the position they all hold."""

    audience: Audience
    pos: int
    members: set[Member] = field(default_factory=set)

    def publish(self, items: Sequence[bytes], upto: int) -> None:
        """Continue to `upto` with `items`, all that the audience may see up to there, even if none."""
        frame = frames.events(self.pos, upto, items)
        for member in self.members:
            member.mailbox.put(frame)
        self.pos = upto


def visible(items: Iterable[Item], audience: Audience) -> list[bytes]:
    """The JSON of the items that an audience is sent."""
    heard = (item for item in items if audience.receives(item.event))
    return [json for item in heard if (json := item.json(masked=audience.masked))]


class Hub:
    """The feed's last stretch: from its head to the mailboxes of those who may read it."""

    def __init__(self, force_positions: ForcePositions, *, kinds: Kinds, ring: int = RING) -> None:
        self.force_positions = force_positions
        self._kinds = kinds
        self.head = Cursor(epoch="", pos=0)
        self._ring: deque[Item] = deque(maxlen=ring)
        self._channels: dict[Audience, Channel] = {}
        self._advanced = asyncio.Event()
        self._troubles: tuple[Trouble, ...] = ()

    @property
    def kept_from(self) -> int:
        """The first position that is still in memory; one past the head when none is."""
        return self._ring[0].pos if self._ring else self.head.pos + 1

    @property
    def members(self) -> Iterator[Member]:
        return chain.from_iterable(channel.members for channel in self._channels.values())

    @property
    def audiences(self) -> Iterator[Audience]:
        return iter(self._channels)

    def item(self, event: Event) -> Item:
        """The event as it goes out."""
        return Item(event, self._kinds.get(event.kind))

    def restart(self, head: Cursor, *, recent: Sequence[Event] = ()) -> None:
        """Begin at `head`, with the last events before it, up to it, in memory for those who come back.

        Whoever is here holds a position of another epoch and is sent away to resync.
        """
        for member in self.members:
            member.mailbox.put(frames.resync("epoch"))
            member.mailbox.close(RESYNC, "epoch")
        self._ring.clear()
        self._channels.clear()
        self._ring.extend(map(self.item, recent))
        self.head = head

    def publish(self, events: Sequence[Event], upto: int) -> None:
        """Pass on everything after the head up to `upto`. Rooms that may see none of it are told later."""
        items = [*map(self.item, events)]
        self._ring.extend(items)
        self.head = Cursor(self.head.epoch, upto)
        for audience, channel in self._channels.items():
            seen = visible(items, audience)
            if seen:
                channel.publish(seen, upto)
        self._advanced.set()
        self._advanced = asyncio.Event()

    def publish_positions(self, forces: set[int]) -> None:
        """Tell each channel which of `forces` have moved."""
        for audience, channel in self._channels.items():
            seen = self.force_positions.seen_by(audience, forces)
            if seen:
                moves = FixesMessage(self.force_positions, audience, seen)
                for member in channel.members:
                    member.mailbox.put_latest("fixes", moves)

    def beat(self, now: datetime) -> None:
        """Say to all that nothing was missed: first bring every channel to the head, then name the position."""
        frame = frames.beat(self.head.pos, now)
        for channel in self._channels.values():
            self._catch_up(channel)
            for member in channel.members:
                member.mailbox.put(frame)

    def publish_troubles(self, troubles: tuple[Trouble, ...]) -> None:
        """Say to all what is wrong, or that nothing is any more; those who come later hear it as they join."""
        self._troubles = troubles
        for audience, channel in self._channels.items():
            frame = frames.trouble(troubles_for(audience, troubles))
            for member in channel.members:
                member.mailbox.put(frame)

    def recent(self, after: int, *, limit: int) -> list[Item]:
        """Up to `limit` items in memory with a position beyond `after`, in their order."""
        skip = max(0, after + 1 - self.kept_from)
        return [*islice(self._ring, skip, skip + limit)]

    async def advanced(self) -> None:
        """Wait until the head moves."""
        await self._advanced.wait()

    def join(self, member: Member, pos: int) -> None:
        """Let a socket in that holds `pos` and lacks only what is still in memory."""
        channel = self._channels.setdefault(member.audience, Channel(member.audience, self.head.pos))
        self._catch_up(channel)
        if pos < channel.pos:
            missed = self.recent(pos, limit=channel.pos - pos)
            member.mailbox.put(frames.events(pos, channel.pos, visible(missed, member.audience)))
        channel.members.add(member)
        if told := troubles_for(member.audience, self._troubles):
            member.mailbox.put(frames.trouble(told))

    def leave(self, member: Member) -> None:
        """Forget a socket; one that never joined is no matter."""
        channel = self._channels.get(member.audience)
        if channel is None:
            return
        channel.members.discard(member)
        if not channel.members:
            del self._channels[member.audience]

    def _catch_up(self, channel: Channel) -> None:
        """What a channel was not told of holds nothing for it to see: say so."""
        if channel.pos < self.head.pos:
            channel.publish((), self.head.pos)
