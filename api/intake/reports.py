"""Register ingest's observations as the console's incidents. The two rooms do not import each other."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.place.pack import Pack
from console.access.rules import Actor
from console.cases.history import open_history
from console.cases.opening import open_cases
from console.incidents.actions import echo_of, register_many
from console.incidents.history import register_history
from console.incidents.rules import Refusal, Registration, Report
from console.incidents.tables import Incident
from geo.store import Store, retry_deadlocks
from ingest.reports.fields import Observation
from ingest.reports.observation import Accepted, FieldError, Outcome, Refused

NOT_OWN = Refused((FieldError("source", "not_own"),))
"""The account may not report under this source."""


class SessionSink:
    """Registers observations in the caller's transaction, those of sources that the actor may report under."""

    def __init__(self, session: AsyncSession, *, pack: Pack, actor: Actor, now: datetime) -> None:
        self.session, self.pack, self.actor, self.now = session, pack, actor, now

    async def accept(self, observations: Sequence[Observation]) -> list[Outcome]:
        own = self.actor.reports_as(desks=self.pack.reports.desks)
        reports = [_report(observation) for observation in observations if observation.source in own]
        terms, zone = self.pack.incidents, self.pack.zone
        found = await register_many(self.session, reports, terms=terms, zone=zone, actor=self.actor, now=self.now)
        await self._open_cases(found)
        taken = iter(found)
        return [_outcome(next(taken)) if observation.source in own else NOT_OWN for observation in observations]

    async def _open_cases(self, found: Sequence[Registration | Refusal]) -> None:
        """Open the cases of the incidents that were new."""
        if (work := self.pack.casework) is None:
            return
        created = [one.incident_id for one in found if isinstance(one, Registration) and one.created]
        await open_cases(self.session, work, created, actor=self.actor, now=self.now)

    async def _open_past_cases(self, found: Sequence[Registration | Refusal]) -> None:
        """Open the cases of incidents of the past that were new: they have ended."""
        if (work := self.pack.casework) is None:
            return
        created = [one.incident_id for one in found if isinstance(one, Registration) and one.created]
        await open_history(self.session, work, created, actor=self.actor, now=self.now)

    async def accept_history(
        self, observations: Sequence[Observation], *, on_progress: Callable[[int], None]
    ) -> list[Outcome]:
        """Register closed observations of the past, which no screen shows."""
        taken = await register_history(
            self.session,
            list(map(_report, observations)),
            terms=self.pack.incidents,
            zone=self.pack.zone,
            actor=self.actor,
            now=self.now,
            on_progress=on_progress,
        )
        await self._open_past_cases(taken)
        return [_outcome(found) for found in taken]

    async def echo(self, seen: Observation, standing: Incident) -> dict[str, Any]:
        """Compose the response to a repeated report of a source that may not read the incident.

        It has the source's own report, with the incident's id and case code.
        """
        terms, zone = self.pack.incidents, self.pack.zone
        return await echo_of(self.session, _report(seen), standing, terms=terms, zone=zone, actor=self.actor)


class CommittingSink:
    """Registers observations in a transaction of its own for each call of `accept`."""

    def __init__(self, store: Store, *, pack: Pack, actor: Actor, now: Callable[[], datetime]) -> None:
        self.store, self.pack, self.actor, self.now = store, pack, actor, now

    async def accept(self, observations: Sequence[Observation]) -> list[Outcome]:
        return await retry_deadlocks(partial(self._accept, observations))

    async def _accept(self, observations: Sequence[Observation]) -> list[Outcome]:
        async with self.store.transaction(self.actor.reach) as session:
            sink = SessionSink(session, pack=self.pack, actor=self.actor, now=self.now())
            return await sink.accept(observations)


FIELDS = tuple(field.name for field in fields(Report))
_VALUES = attrgetter(*FIELDS)


def _report(seen: Observation) -> Report:
    """Copy an observation to a report; its fields have the same names."""
    return Report(*_VALUES(seen))


def _outcome(found: Registration | Refusal) -> Outcome:
    if isinstance(found, Refusal):
        return Refused(tuple(FieldError(field, code) for field, code in found.errors))
    return Accepted(found.incident_id, found.case_code, created=found.created, differs=found.differs)
