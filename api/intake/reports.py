"""Where ingest's observations go: the console's incidents. The two rooms do not know each other; this is the bridge."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.place.pack import Pack
from console.access.rules import Actor
from console.incidents.actions import echo_of, register_many
from console.incidents.rules import Grade, Intake, Refusal, Registration, Report
from console.incidents.tables import Incident
from geo.store import Store, retry_deadlocks
from ingest.reports.observation import Flaw, Observation, Outcome, Refused, Taken
from ingest.reports.report import Terms


def terms_of_reports(pack: Pack) -> Terms:
    """The words that a report may use here."""
    return Terms(
        categories=frozenset(category.code for category in pack.categories),
        risks=frozenset(risk.code for risk in pack.risks),
    )


def intake_of(pack: Pack) -> Intake:
    """How this place takes matters in."""
    return Intake(
        prefix=pack.case_code.prefix,
        zone=pack.zone,
        categories={category.code: category.risk for category in pack.categories},
        grades={risk.code: Grade(risk.level, timedelta(minutes=risk.first_response_minutes)) for risk in pack.risks},
        near_metres=pack.duplicates.metres,
        recent=timedelta(minutes=pack.duplicates.minutes),
        draw=secrets.token_bytes,
    )


class SessionSink:
    """Takes observations inside a transaction that is open already: kept when its owner commits."""

    def __init__(self, session: AsyncSession, *, intake: Intake, actor: Actor, now: datetime) -> None:
        self.session, self.intake, self.actor, self.now = session, intake, actor, now

    async def take(self, observations: Sequence[Observation]) -> list[Outcome]:
        reports = [_report(observation) for observation in observations]
        taken = await register_many(self.session, reports, intake=self.intake, actor=self.actor, now=self.now)
        return [_outcome(found) for found in taken]

    async def echo(self, seen: Observation, standing: Incident) -> dict[str, Any]:
        """What to answer whoever told an incident again and may not read it: their own words, under its id and code."""
        return await echo_of(self.session, _report(seen), standing, intake=self.intake, actor=self.actor)


class CommittingSink:
    """Takes observations in a transaction for each call, committed when `take` returns."""

    def __init__(self, store: Store, *, intake: Intake, actor: Actor, now: Callable[[], datetime]) -> None:
        self.store, self.intake, self.actor, self.now = store, intake, actor, now

    async def take(self, observations: Sequence[Observation]) -> list[Outcome]:
        return await retry_deadlocks(partial(self._take, observations))

    async def _take(self, observations: Sequence[Observation]) -> list[Outcome]:
        async with self.store.transaction(self.actor.reach) as session:
            sink = SessionSink(session, intake=self.intake, actor=self.actor, now=self.now())
            return await sink.take(observations)


def _report(seen: Observation) -> Report:
    return Report(
        source=seen.source,
        external_no=seen.external_no,
        category=seen.category,
        title=seen.title,
        description=seen.description,
        lon=seen.lon,
        lat=seen.lat,
        raw_x=seen.raw_x,
        raw_y=seen.raw_y,
        datum=seen.datum,
        occurred_at=seen.occurred_at,
        closed_at=seen.closed_at,
        risk=seen.risk,
    )


def _outcome(found: Registration | Refusal) -> Outcome:
    if isinstance(found, Refusal):
        return Refused(tuple(Flaw(field, code) for field, code in found.errors))
    return Taken(found.incident_id, found.case_code, created=found.created)
