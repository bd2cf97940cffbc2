"""What is wrong with the server, in the words that both `/api/health` and the screens use. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from api.watch.senders import SenderState
from api.watch.sources import SourceState
from console.feed.rules import Audience

DATABASE_AWAY = "database.away"
FEED_BEHIND = "feed.behind"
NOT_LIVE = frozenset({DATABASE_AWAY, FEED_BEHIND})
"""Whoever looks at a screen must know these: what it shows may be old."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong. `name` is a program's or a part's, never a person's; `n` is how much of it."""

    code: str
    name: str | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a server at one moment. `lag_ms` is None where nobody can tell."""

    database_answers: bool
    database_full: bool
    disk_low: bool
    lag_ms: int | None
    loops_stuck: Sequence[str]
    stepped_s: int
    apart_s: int
    sources: Sequence[SourceState]
    senders: Sequence[SenderState]


LAG_MS = 5000
"""A feed this far behind is no longer live."""


def troubles_of(signs: Signs) -> tuple[Trouble, ...]:
    """Everything that is wrong, the gravest first. Without a database only that: the rest follows from it."""
    if not signs.database_answers:
        return (Trouble(DATABASE_AWAY),)
    return (*_of_storage(signs), *_of_the_feed(signs), *_of_the_clock(signs), *_of_what_comes_in(signs))


def told_to(audience: Audience, troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    """Those that an audience is told of: a wall and a phone, only that they are not current."""
    limited = audience.masked or audience.force_id is not None
    return tuple(trouble for trouble in troubles if not limited or trouble.code in NOT_LIVE)


def _of_storage(signs: Signs) -> Iterator[Trouble]:
    if signs.database_full:
        yield Trouble("database.full")
    if signs.disk_low:
        yield Trouble("disk.low")


def _of_the_feed(signs: Signs) -> Iterator[Trouble]:
    if "feed" in signs.loops_stuck or (signs.lag_ms or 0) > LAG_MS:
        yield Trouble(FEED_BEHIND, n=None if signs.lag_ms is None else signs.lag_ms // 1000)
    for name in signs.loops_stuck:
        if name != "feed":
            yield Trouble("loop.failing", name=name)


def _of_the_clock(signs: Signs) -> Iterator[Trouble]:
    if signs.stepped_s:
        yield Trouble("clock.stepped", n=signs.stepped_s)
    if signs.apart_s:
        yield Trouble("clock.apart", n=signs.apart_s)


def _of_what_comes_in(signs: Signs) -> Iterator[Trouble]:
    for sender in signs.senders:
        if sender.is_failing:
            yield Trouble("source.failing", name=sender.sender, n=sender.refused)
    for source in signs.sources:
        if source.stale:
            yield Trouble("source.silent", name=source.source)
