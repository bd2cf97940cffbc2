"""Viewers of a running server: their snapshots, and the frames that the hub would send them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI
from sqlalchemy import func, select

from api.http.wire.frames import FRAME
from api.live.audiences import audience_of
from api.live.hub import Member
from api.live.live import Live
from api.services import Services
from console.access.queries import actor_of_user
from console.access.tables import Session
from console.deadlines.queries import is_open
from console.deadlines.tables import Deadline
from console.feed import queries
from console.feed.kinds import Kinds
from console.situation.kinds import KINDS
from geo.store import NO_REACH
from tests.live.reducer import State
from tests.worlds import ClientAs, Clock, user_named

PATIENCE = 10.0


def live_of(app: FastAPI) -> Live:
    services = app.state.services
    assert isinstance(services, Services)
    return services.live


async def caught_up(live: Live) -> int:
    """Wait until the hub has published everything committed, and return its position."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with live.store.transaction(live.root) as session:
                waiting, head = await queries.backlog(session), await queries.head(session)
            if not waiting.events and live.hub.head == head:
                return head.pos
            await asyncio.sleep(0.02)


async def swept(live: Live, clock: Clock) -> None:
    """Wait until the server has fired what is due."""
    late = select(func.count()).where(is_open(), Deadline.due_at <= clock())
    async with asyncio.timeout(PATIENCE):
        while True:
            async with live.store.transaction(live.root) as session:
                if not await session.scalar(late):
                    return
            await asyncio.sleep(0.05)


@dataclass(slots=True)
class Viewer:
    """Someone who took a snapshot and has followed the feed since."""

    username: str
    wall: bool
    client_as: ClientAs
    live: Live
    kinds: Kinds = field(default_factory=lambda: KINDS)
    state: State = field(init=False)
    member: Member = field(init=False)
    must_resync: bool = False

    async def begin(self) -> None:
        """Take a snapshot and join the hub at its position."""
        self.state = State(await self.snapshot(), self.kinds)
        async with self.live.store.transaction(NO_REACH) as session:
            user = await user_named(session, self.username)
            token = await session.scalar(select(Session.id).where(Session.user_id == user.id))
        assert token is not None
        actor = actor_of_user(user)
        self.member = Member(audience_of(actor, wall=self.wall), actor, token)
        self.live.hub.join(self.member, self.state.pos)

    async def snapshot(self) -> dict[str, Any]:
        answer = await self.client_as(self.username).get("/api/snapshot", params={"wall": self.wall})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def follow(self) -> list[dict[str, Any]]:
        """Apply what has come since the last time, and answer it."""
        self.live.hub.beat(self.live.now())
        sent = self.member.mailbox.remaining_frames()
        if self.kinds is KINDS:
            for text in sent:
                FRAME.validate_json(text)
        frames = [orjson.loads(text) for text in sent]
        events = [frame for frame in frames if frame["t"] == "events"]
        self.state.apply_all(events)
        self.must_resync = any(frame["t"] == "resync" for frame in frames)
        return events

    async def come_to(self, pos: int) -> None:
        """Follow up to a position. A snapshot numbers what was committed; the socket may have it a moment later."""
        async with asyncio.timeout(PATIENCE):
            self.follow()
            while not self.must_resync and self.state.pos < pos:
                await asyncio.sleep(0.02)
                self.follow()
        assert not self.must_resync, self.username

    def differences(self, fresh: State) -> list[str]:
        """Return what it shows otherwise than a fresh snapshot of the same position."""
        now = self.live.now()
        followed, wanted = self.state.settled(now), fresh.settled(now)
        return [
            f"{self.username}{' at the wall' if self.wall else ''}: {name}\n  followed {followed[name]}\n  fresh {want}"
            for name, want in wanted.items()
            if followed[name] != want
        ]


async def disagreements(viewers: Sequence[Viewer]) -> list[str]:
    """Return the viewers' differences from fresh snapshots. No action may make a viewer resync.

    Snapshots are compared that hold all that was committed when they were taken, and nothing later: what the server
    does by itself may be committed or numbered meanwhile, and then they are taken again.
    """
    while True:
        fresh = [State(each, viewers[0].kinds) for each in await asyncio.gather(*(one.snapshot() for one in viewers))]
        head = await caught_up(viewers[0].live)
        for viewer in viewers:
            await viewer.come_to(head)
        if {state.pos for state in (*fresh, *(viewer.state for viewer in viewers))} == {head}:
            break
    pairs = zip(viewers, fresh, strict=True)
    return [difference for viewer, state in pairs for difference in viewer.differences(state)]
