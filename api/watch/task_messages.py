"""Sending messages about tasks, beside the requests."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from api.watch.loops import Loop
from console.messages.rules import Answer, Outcome, Outgoing
from console.messages.sending import Way, mark, take_due
from geo.store import Reach, Store

PASS_SECONDS = 1.0
FAILING_FROM = 3

log = structlog.get_logger()


@dataclass(slots=True)
class WatchedWay:
    """A way out, and how many of its last messages in a row were not taken."""

    way: Way
    failures: int = 0

    @property
    def is_failing(self) -> bool:
        """True after repeated failures, which are the keeper's to mend. A phone that is gone is none."""
        return self.failures >= FAILING_FROM

    def count(self, answer: Answer) -> None:
        if answer.outcome is Outcome.TAKEN:
            self.failures = 0
        elif answer.outcome is not Outcome.GONE:
            self.failures += 1


def watch_task_messages(
    store: Store, ways: Sequence[WatchedWay], *, root: Reach, now: Callable[[], datetime]
) -> list[Loop]:
    """One loop for each way, so that one that hangs holds up no other."""
    return [_loop(store, way, root=root, now=now) for way in ways]


def _loop(store: Store, way: WatchedWay, *, root: Reach, now: Callable[[], datetime]) -> Loop:
    async def step() -> None:
        while await send_due(store, way, root=root, now=now):
            pass

    return Loop(f"messages.{way.way.name}", step, rest_s=PASS_SECONDS)


async def send_due(store: Store, watched: WatchedWay, *, root: Reach, now: Callable[[], datetime]) -> int:
    """Send what is due, all at once, so that none waits for another; return how many were tried."""
    way = watched.way
    async with store.transaction(root) as session:
        taken = await take_due(session, hook=way.name == "hook", now=now())
    await asyncio.gather(*(_send(store, watched, message, root=root, now=now) for message in taken))
    return len(taken)


async def _send(
    store: Store, watched: WatchedWay, message: Outgoing, *, root: Reach, now: Callable[[], datetime]
) -> None:
    answer = await watched.way.send(message)
    watched.count(answer)
    if answer.outcome is not Outcome.TAKEN:
        log.warning("task_message_not_taken", way=watched.way.name, message=message.id, fault=answer.fault)
    async with store.transaction(root) as session:
        await mark(session, message, answer, now=now())
