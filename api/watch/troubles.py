"""Problems of the server as codes, for `/api/health` and the screens. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from api.watch.devices import DeviceState
from api.watch.senders import SenderState
from api.watch.sources import SourceState
from console.feed.rules import Audience

DATABASE_AWAY = "database.away"
FEED_BEHIND = "feed.behind"
SIGN_INS_FAILING = "sign_in.failing"
CALENDAR_MISSING = "calendar.missing"
ROADS_FAILING = "roads.failing"
BROKER_AWAY = "broker.away"
PUSH_FAILING, HOOK_FAILING = "push.failing", "hook.failing"
WITHOUT_EFFECT = frozenset({SIGN_INS_FAILING, CALENDAR_MISSING, PUSH_FAILING, HOOK_FAILING, BROKER_AWAY})
"""Problems that people should know of while the server works as well as ever."""

FOR_KEEPERS = frozenset({CALENDAR_MISSING, ROADS_FAILING, PUSH_FAILING, HOOK_FAILING, BROKER_AWAY})
"""Problems that `/api/health` and the administrator's page show: a hall would look at them for weeks, or is told by
each candidate whose travel is estimated, or by each task that no phone has shown. Without the broker servers read the
store, as they do anyway."""

NOT_LIVE = frozenset({DATABASE_AWAY, FEED_BEHIND})
"""Problems that every screen shows, since what it displays may be outdated."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One problem. `name` is a program's, a part's or a force's code, never a person's; `n` is its magnitude."""

    code: str
    name: str | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Signs:
    """State of a server at one moment. `lag_ms` is None when unknown."""

    database_answers: bool
    database_full: bool
    disk_low: bool
    lag_ms: int | None
    loops_stuck: Sequence[str]
    stepped_s: int
    apart_s: int
    sources: Sequence[SourceState]
    senders: Sequence[SenderState]
    failed_sign_ins: int = 0
    devices: Sequence[DeviceState] = ()
    year_missing: int | None = None
    roads_failing: bool = False
    ways_failing: Sequence[str] = ()
    broker_away: bool = False


LAG_MS = 5000
"""A feed further behind is no longer live."""


def troubles_of(signs: Signs) -> tuple[Trouble, ...]:
    """List all problems, the gravest first. Without a database only that one: the others follow from it."""
    if not signs.database_answers:
        return (Trouble(DATABASE_AWAY),)
    return (
        *_of_storage(signs),
        *_of_the_feed(signs),
        *_of_the_clock(signs),
        *_of_senders_and_sources(signs),
        *_of_sign_ins(signs),
        *_of_devices(signs),
        *_of_the_calendar(signs),
        *_of_roads(signs),
        *(Trouble(f"{way}.failing") for way in signs.ways_failing),
        *_of_the_broker(signs),
    )


def troubles_for(audience: Audience, troubles: Iterable[Trouble]) -> tuple[Trouble, ...]:
    """Filter problems for an audience: walls and phones see only those in `NOT_LIVE`, and no screen at work those of
    the keeper alone.
    """
    limited = audience.masked or audience.force_id is not None
    shown = (trouble for trouble in troubles if trouble.code not in FOR_KEEPERS)
    return tuple(trouble for trouble in shown if not limited or trouble.code in NOT_LIVE)


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


def _of_senders_and_sources(signs: Signs) -> Iterator[Trouble]:
    for sender in signs.senders:
        if sender.is_failing:
            yield Trouble("source.failing", name=sender.sender, n=sender.refused)
        if sender.is_unreadable:
            yield Trouble("source.unreadable", name=sender.sender, n=sender.unreadable)
    for source in signs.sources:
        if source.stale:
            yield Trouble("source.silent", name=source.source)


def _of_sign_ins(signs: Signs) -> Iterator[Trouble]:
    if signs.failed_sign_ins:
        yield Trouble(SIGN_INS_FAILING, n=signs.failed_sign_ins)


def _of_the_calendar(signs: Signs) -> Iterator[Trouble]:
    if signs.year_missing:
        yield Trouble(CALENDAR_MISSING, n=signs.year_missing)


def _of_roads(signs: Signs) -> Iterator[Trouble]:
    if signs.roads_failing:
        yield Trouble(ROADS_FAILING)


def _of_the_broker(signs: Signs) -> Iterator[Trouble]:
    if signs.broker_away:
        yield Trouble(BROKER_AWAY)


def _of_devices(signs: Signs) -> Iterator[Trouble]:
    for device in signs.devices:
        yield Trouble(f"device.{device.fault}", name=device.force, n=device.n)
