"""Register the past: closed incidents that no screen shows, many thousands in one transaction."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from secrets import token_bytes
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.feed.actions import announce_counts
from console.incidents.actions import CLOSED_BY_IMPORT, counted_row, insert_or_find
from console.incidents.locating import locate_reports
from console.incidents.register import Draw, Row, local_day, new_codes, row_of
from console.incidents.repeats import lock_changed, note_repeats, repeats_of
from console.incidents.rules import Refusal, Registration, Report
from console.incidents.terms import IncidentTerms
from layers.divisions.bulk import read_boundaries
from layers.divisions.queries import Located
from layers.hotspots.actions import Key, add_counts, key_of

REPORTS_AT_ONCE = 5_000

Place = Located | Refusal

_FIRST_ENTRIES = text(
    """
    INSERT INTO timeline (at, incident_id, kind, actor_id, data, division_path)
    SELECT :now, i.id, entry.kind, :actor_id, entry.data, i.division_path
    FROM unnest(CAST(:ids AS bigint[]), CAST(:assumed AS boolean[])) WITH ORDINALITY AS given (id, assumed, n)
    JOIN incidents AS i ON i.id = given.id
    CROSS JOIN LATERAL (VALUES
        (1, 'registered', jsonb_build_object('source', i.source, 'category', i.category, 'risk', i.risk)),
        (2, 'closed', jsonb_strip_nulls(jsonb_build_object(
            'at', i.closed_at, 'reason', CASE WHEN given.assumed THEN CAST(:reason AS text) END)))
    ) AS entry (step, kind, data)
    ORDER BY given.n, entry.step
    """
)
"""The entries that `register_many` writes for a closed incident, without sending them."""


async def register_history(
    session: AsyncSession,
    reports: Sequence[Report],
    *,
    terms: IncidentTerms,
    zone: ZoneInfo,
    actor: Actor,
    now: datetime,
    draw: Draw = token_bytes,
    on_progress: Callable[[int], None] = lambda done: None,
) -> list[Registration | Refusal]:
    """Register closed reports as `register_many` does, without what only open incidents need: events and deadlines.

    The rows of a batch are built in a thread while the database stores the batch before. `on_progress` gets the number
    of reports stored. Hotspots are counted at the very end, in one statement: another writer that counts in
    the same quarter waits for the locks of its row until the caller's transaction ends.
    """
    codes = partial(new_codes, terms.case_code, day=local_day(now, zone), draw=draw)
    writer = _Writer(session, actor=actor, now=now, codes=codes)
    boundaries = await read_boundaries(session) if len(reports) > REPORTS_AT_ONCE else None
    built: list[_Built] = []
    for start in range(0, len(reports), REPORTS_AT_ONCE):
        some = reports[start : start + REPORTS_AT_ONCE]
        places = await locate_reports(session, some, zone=zone, scope=actor.scope, now=now, boundaries=boundaries)
        building = asyncio.create_task(asyncio.to_thread(_build, some, places, terms=terms, now=now))
        for batch in built:
            await writer.store(batch)
            on_progress(len(writer.outcomes))
        built = [await building]
    for batch in built:
        await writer.store(batch)
        on_progress(len(writer.outcomes))
    await add_counts(session, writer.counted)
    await announce_counts(session)
    return writer.outcomes


@dataclass(frozen=True, slots=True)
class _Built:
    """A batch: its reports, the place of each, and by the index of located ones their rows and keys of counts."""

    reports: Sequence[Report]
    places: Sequence[Place]
    rows: dict[int, Row]
    keys: dict[int, Key]


def _build(reports: Sequence[Report], places: Sequence[Place], *, terms: IncidentTerms, now: datetime) -> _Built:
    rows = {
        i: row_of(report, place, terms=terms, now=now)
        for i, (report, place) in enumerate(zip(reports, places, strict=True))
        if isinstance(place, Located)
    }
    keys = {i: key_of(seen) for i, row in rows.items() if (seen := counted_row(row))}
    return _Built(reports, places, rows, keys)


@dataclass(slots=True)
class _Writer:
    """Stores batches, and collects their outcomes and counts."""

    session: AsyncSession
    actor: Actor
    now: datetime
    codes: Callable[..., list[str]]
    outcomes: list[Registration | Refusal] = field(default_factory=list)
    counted: Counter[Key] = field(default_factory=Counter)

    async def store(self, batch: _Built) -> None:
        found = await insert_or_find(self.session, batch.rows, codes=self.codes)
        repeats = repeats_of(found, batch.reports)
        changed = await lock_changed(self.session, list(repeats.values()))
        created = {
            i: outcome.incident_id
            for i, outcome in found.items()
            if isinstance(outcome, Registration) and outcome.created
        }
        self.counted.update(batch.keys[i] for i in created if i in batch.keys)
        await self._write_timelines(created, batch)
        found |= await note_repeats(self.session, repeats, changed, actor=self.actor, now=self.now)
        self.outcomes += [found[i] if isinstance(place, Located) else place for i, place in enumerate(batch.places)]

    async def _write_timelines(self, created: Mapping[int, int], batch: _Built) -> None:
        """Write the first entries of new incidents, given as their ids by index."""
        given = {
            "ids": [*created.values()],
            "assumed": [bool(batch.rows[i]["closing_assumed"]) for i in created],
            "actor_id": self.actor.user_id,
            "reason": CLOSED_BY_IMPORT,
            "now": self.now,
        }
        await self.session.execute(_FIRST_ENTRIES, given)
