"""Where ingest's observations go: the console's incidents. The two rooms do not know each other; this is the bridge."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.place.pack import Pack
from console.access.rules import Actor
from console.incidents.actions import echo_of, register_many
from console.incidents.rules import Refusal, Registration, Report
from console.incidents.tables import Incident
from geo.store import Store, retry_deadlocks
from ingest.reports.fields import Observation
from ingest.reports.observation import Accepted, FieldError, Outcome, Refused


class SessionSink:
    """Takes observations inside a transaction that is open already: kept when its owner commits."""

    def __init__(self, session: AsyncSession, *, pack: Pack, actor: Actor, now: datetime) -> None:
        self.session, self.pack, self.actor, self.now = session, pack, actor, now

    async def accept(self, observations: Sequence[Observation]) -> list[Outcome]:
        reports = [_report(observation) for observation in observations]
        terms, zone = self.pack.incidents, self.pack.zone
        taken = await register_many(self.session, reports, terms=terms, zone=zone, actor=self.actor, now=self.now)
        return [_outcome(found) for found in taken]

    async def echo(self, seen: Observation, standing: Incident) -> dict[str, Any]:
        """What to answer whoever told an incident again and may not read it: their own words, under its id and code."""
        terms, zone = self.pack.incidents, self.pack.zone
        return await echo_of(self.session, _report(seen), standing, terms=terms, zone=zone, actor=self.actor)


class CommittingSink:
    """Takes observations in a transaction for each call, committed when `take` returns."""

    def __init__(self, store: Store, *, pack: Pack, actor: Actor, now: Callable[[], datetime]) -> None:
        self.store, self.pack, self.actor, self.now = store, pack, actor, now

    async def accept(self, observations: Sequence[Observation]) -> list[Outcome]:
        return await retry_deadlocks(partial(self._accept, observations))

    async def _accept(self, observations: Sequence[Observation]) -> list[Outcome]:
        async with self.store.transaction(self.actor.reach) as session:
            sink = SessionSink(session, pack=self.pack, actor=self.actor, now=self.now())
            return await sink.accept(observations)


FIELDS = tuple(field.name for field in fields(Report))


def _report(seen: Observation) -> Report:
    """An observation has every field of a report, by the same name."""
    return Report(**{name: getattr(seen, name) for name in FIELDS})


def _outcome(found: Registration | Refusal) -> Outcome:
    if isinstance(found, Refusal):
        return Refused(tuple(FieldError(field, code) for field, code in found.errors))
    return Accepted(found.incident_id, found.case_code, created=found.created)
