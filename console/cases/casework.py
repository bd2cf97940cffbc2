"""What the moves of cases need besides the database: the flow, the register of units and posts, and the clocks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.tables import Case
from console.clocks.sums import ClockSum
from console.clocks.terms import ClockTerm
from console.flow.case_state import CaseState
from console.flow.case_terms import CaseTerms
from console.flow.seats import Seat
from console.incidents.tables import Incident
from console.incidents.terms import IncidentTerms
from console.notices.rules import Delivery


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit that can have cases: its code, level, the division it works in, its kind, and the code of its hours."""

    code: str
    level: str
    path: str
    kind: str = ""
    hours: str = ""


Place = tuple[str, str]
"""A division's path, and the level of a centre."""


class Register(Protocol):
    """Units, and the posts that people hold in them."""

    async def seats_of(self, session: AsyncSession, actor: Actor, *, now: datetime) -> tuple[Seat, ...]:
        """Return the posts of a person."""

    async def unit(self, session: AsyncSession, code: str, *, now: datetime) -> KnownUnit | None:
        """Return the unit of this code."""

    async def centre(self, session: AsyncSession, path: str, level: str, *, now: datetime) -> KnownUnit:
        """Return the centre that receives for a division at a level, or else the nearest one above it with people."""

    async def centres_at(
        self, session: AsyncSession, wanted: Collection[Place], *, now: datetime
    ) -> Mapping[Place, KnownUnit]:
        """Return the centre of each of many divisions at a level, as `centre` does, by two statements at most."""

    async def post_in(self, session: AsyncSession, post_id: int, unit: str, *, now: datetime) -> bool:
        """Whether the post is one of the unit's."""

    async def names(self, session: AsyncSession, codes: Collection[str], *, now: datetime) -> Mapping[str, str]:
        """Return the names of units by code."""


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock of a case, as lists and the case's page show it. While it is paused, `due_at` is as if it went on now.

    `unannounced` names the years whose calendar is not there yet, which make it provisional. `term` is what it runs by,
    with its words and source.
    """

    limit: str
    clock: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None = None
    paused_at: datetime | None = None
    provisional: bool = False
    extended: int = 0
    id: int = 0
    unit_code: str | None = None
    statutory: bool = False
    unannounced: tuple[int, ...] = ()
    term: ClockTerm | None = None


@dataclass(frozen=True, slots=True)
class BegunClocks:
    """Clocks of an incident to start, by limit. `unit_hours` are the hours of the unit that has the case, if any."""

    incident: Incident
    clocks: Mapping[str, str]
    unit_hours: str | None = None


@dataclass(frozen=True, slots=True)
class EndedCase:
    """A case that has ended, with the flow that it ran under."""

    incident_id: int
    division_path: str
    terms: CaseTerms
    state: CaseState
    ended_at: datetime


class Clocks(Protocol):
    """The clocks of cases, by limit. All inside the caller's transaction."""

    async def start(
        self,
        session: AsyncSession,
        incident: Incident,
        clocks: Mapping[str, str],
        *,
        version: str,
        now: datetime,
        unit_hours: str | None = None,
        called: Mapping[str, str | None] | None = None,
        closed_at: datetime | None = None,
    ) -> None:
        """Start clocks, given by limit; those of a reopened case without the time since `closed_at`. Those of `called`
        units, given with their hours, for each of them.
        """

    async def start_many(
        self, session: AsyncSession, begun: Sequence[BegunClocks], *, version: str, now: datetime
    ) -> None:
        """Start the clocks of many incidents by the same statements."""

    async def add_ended(self, session: AsyncSession, ended: Sequence[BegunClocks], *, version: str) -> None:
        """Add clocks that run from the door, of incidents of the past: from when these occurred until they closed."""

    async def stop(
        self,
        session: AsyncSession,
        incident: Incident,
        limits: Collection[str],
        *,
        outcome: str,
        now: datetime,
        units: Collection[str] | None = None,
    ) -> None:
        """Stop the clocks of these limits, or of those only the ones that bind these units."""

    async def change(
        self,
        session: AsyncSession,
        incident: Incident,
        limit: str,
        clock: str,
        *,
        version: str,
        now: datetime,
        unit_hours: str | None = None,
    ) -> None:
        """Let a limit run by another clock, from the same door, stage or hand-over; pauses inside count."""

    async def pause(self, session: AsyncSession, incident: Incident, *, reason: str, now: datetime) -> None:
        """Pause the clocks that may be paused."""

    async def resume(self, session: AsyncSession, incident: Incident, *, now: datetime) -> None:
        """Let paused clocks run again."""

    async def extend(self, session: AsyncSession, incident: Incident, limit: str, *, by: int, now: datetime) -> None:
        """Extend a limit by `by` of its units, for each called unit that it binds. Raises the clock's refusals, as of a
        statutory one.
        """

    async def join(self, session: AsyncSession, incident: Incident, main: Incident, *, now: datetime) -> None:
        """Stop the clocks of an incident merged into another one, whose limits are the earlier of the two doors."""

    async def part(
        self, session: AsyncSession, incident: Incident, *, now: datetime, main: Incident | None = None
    ) -> None:
        """Let the clocks of an incident that is merged no longer run again, without the time in between; and those of
        the main one from its own door.
        """

    async def open_of(
        self, session: AsyncSession, incident_ids: Sequence[int], *, now: datetime
    ) -> Mapping[int, Sequence[RunningClock]]:
        """Return the clocks that have not stopped, by incident, the first due first."""

    async def next_due(self, session: AsyncSession, incident_ids: Sequence[int]) -> Mapping[int, tuple[str, datetime]]:
        """Return the limit and time of the next due clock that is not paused, by incident."""

    async def counted_of(
        self, session: AsyncSession, incident_id: int, *, now: datetime
    ) -> Sequence[tuple[RunningClock, ClockSum]]:
        """Return the clocks of an incident that have not stopped, with their sums, the first due first."""

    def opening_before(self, day: date) -> datetime:
        """Return when the last working day before a day begins."""

    def are_urgent(self, codes: Collection[str]) -> bool:
        """Whether notices of one of these clocks keep no hours."""


class FollowUps(Protocol):
    """The follow-up 回访 of ended cases. All inside the caller's transaction."""

    async def follow(
        self,
        session: AsyncSession,
        case: Case,
        terms: CaseTerms,
        *,
        before: CaseState,
        after: CaseState,
        made: Mapping[str, Any],
        by: int | None,
        now: datetime,
    ) -> None:
        """Note that a case has ended, goes on again, or was followed up; `made` is what the entry says of a move."""

    async def plan(self, session: AsyncSession, ended: Sequence[EndedCase]) -> None:
        """Plan the draw of cases that have ended."""

    async def is_not_asked(self, session: AsyncSession, incident_id: int) -> bool:
        """Whether an ended case is not asked about: not drawn, nobody reached in all tries, or refused."""

    async def is_mending(self, session: AsyncSession, incident_id: int) -> bool:
        """Whether a case goes on after a dissatisfied answer, to be asked about once more."""


class NoFollowUps:
    """Of a place that asks nobody afterwards."""

    async def follow(self, session: AsyncSession, case: Case, terms: CaseTerms, **more: Any) -> None:
        return

    async def plan(self, session: AsyncSession, ended: Sequence[EndedCase]) -> None:
        return

    async def is_not_asked(self, session: AsyncSession, incident_id: int) -> bool:
        return False

    async def is_mending(self, session: AsyncSession, incident_id: int) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Casework:
    """The case flow of a place with its version, register, clocks and follow-up. `desks` are sources at a desk.

    `delivery` says how whoever has to act next is given notice; without it nobody is.
    """

    key: str
    terms: CaseTerms
    incidents: IncidentTerms
    zone: ZoneInfo
    register: Register
    clocks: Clocks
    desks: frozenset[str] = frozenset()
    delivery: Delivery | None = None
    follow_ups: FollowUps = field(default_factory=NoFollowUps)
    version: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", version_of(self.terms))


def version_of(terms: CaseTerms) -> str:
    """Return the version of a flow, the digest of what the pack says. Keys that it leaves out do not count: those that
    a later program adds make no new version.
    """
    return sha256(terms.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:16]


def content_of(terms: CaseTerms) -> dict[str, Any]:
    """Return the flow as JSON, from which `CaseTerms.model_validate` makes it again."""
    return terms.model_dump(mode="json")
