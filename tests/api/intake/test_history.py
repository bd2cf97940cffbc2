"""Imports of the past: closed by age, beside the feed, and counted."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from api.intake.files.importing import import_file
from api.intake.files.jobs import ImportJob, ImportOutcome, OpenRows
from api.intake.import_log import Origin
from api.keeping.postgres.roles import Urls, conninfo_of
from api.live.feed_publisher import FeedListener
from console.feed.actions import sequence
from console.incidents import history
from console.incidents.actions import recount
from console.incidents.rules import assumed_closing, is_history
from console.incidents.tables import Incident, TimelineEntry
from console.situation.kinds import KINDS
from console.situation.queries import situation_now
from geo.datum import Datum
from geo.store import Reach, Store
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused
from layers.hotspots.tables import CellCount
from tests.ingest.files.making import rows_of, written
from tests.worlds import NOW, PACK, ROOT, World

AFTER = PACK.incidents.history_after
HEADER = "source,external_no,category,title,lon,lat,occurred_at,closed_at"
PAST = f"""{HEADER}
hotline,old,dispute.family,t,120.605,31.105,2019-05-01T08:00+08:00,
hotline,old-closed,dispute.family,t,120.605,31.105,2019-05-01T08:00+08:00,2019-05-02T08:00+08:00
hotline,recent,dispute.family,t,120.606,31.105,2026-02-20T08:00+08:00,
hotline,recent-closed,dispute.family,t,120.606,31.105,2026-02-20T08:00+08:00,2026-03-02T08:00+08:00
"""


async def imported(
    store: Store, folder: Path, *, open_rows: OpenRows = OpenRows.BY_AGE, dry_run: bool = False
) -> ImportOutcome:
    table = rows_of(written(folder, "past.csv", PAST))
    job = ImportJob(
        "incidents",
        table,
        Options(datum=Datum.WGS84),
        now=NOW,
        day=NOW.date(),
        open_rows=open_rows,
        dry_run=dry_run,
    )
    return await import_file(store, PACK, job)


async def stored(store: Store) -> dict[str, Incident]:
    async with store.transaction(Reach(scope=ROOT)) as session:
        return {str(incident.external_no): incident for incident in await session.scalars(select(Incident))}


async def rows(store: Store, statement: str) -> list[Any]:
    async with store.transaction(Reach(scope=ROOT)) as session:
        return [*await session.scalars(text(statement))]


async def test_history_without_a_closing_time_is_closed_by_the_import(
    store: Store, world: World, tmp_path: Path
) -> None:
    outcome = await imported(store, tmp_path)
    found = await stored(store)
    assert {number: incident.status for number, incident in found.items()} == {
        "old": "closed", "old-closed": "closed", "recent": "registered", "recent-closed": "closed",
    }  # fmt: skip
    assert found["old"].closed_at == found["old"].occurred_at + AFTER
    assert outcome.counts == {"rows": 4, "added": 4, "unchanged": 0, "closed": 1}
    assert outcome.notes == [{"code": "incidents.closed_by_import", "count": 1, "days": 30}]


async def test_the_timeline_says_that_the_import_has_closed_it(store: Store, world: World, tmp_path: Path) -> None:
    await imported(store, tmp_path)
    incidents = await stored(store)
    async with store.transaction(Reach(scope=ROOT)) as session:
        closings = [*await session.scalars(select(TimelineEntry).where(TimelineEntry.kind == "closed"))]
    reasons = {entry.incident_id: entry.data.get("reason") for entry in closings}
    times = {entry.incident_id: datetime.fromisoformat(entry.data["at"]) for entry in closings}
    assert times == {incident.id: incident.closed_at for incident in incidents.values() if incident.closed_at}
    assert {number: reasons.get(incident.id) for number, incident in incidents.items()} == {
        "old": "import", "old-closed": None, "recent": None, "recent-closed": None,
    }  # fmt: skip


async def test_history_has_no_events_no_deadlines_and_no_place_in_the_snapshot(
    store: Store, world: World, tmp_path: Path
) -> None:
    await imported(store, tmp_path)
    live = {incident.id for number, incident in (await stored(store)).items() if number.startswith("recent")}
    assert {*await rows(store, "SELECT entity_id FROM feed_outbox")} == live
    assert len(await rows(store, "SELECT subject_id FROM deadlines WHERE subject = 'incident'")) == 1
    async with store.transaction(Reach(scope=ROOT)) as session:
        await sequence(session, limit=100, now=NOW)
        situation = await situation_now(session, KINDS, now=NOW)
    assert {body["id"] for body in situation.bodies["incident"]} == live


@pytest.mark.parametrize(
    ("open_rows", "still_open", "note"),
    [
        (OpenRows.KEEP, {"old", "recent"}, {"code": "incidents.kept_open", "count": 1, "days": 30}),
        (OpenRows.CLOSE, set[str](), {"code": "incidents.all_closed", "count": 2, "days": 30}),
    ],
)
async def test_an_option_keeps_all_open_or_closes_all(
    store: Store, world: World, tmp_path: Path, open_rows: OpenRows, still_open: set[str], note: Mapping[str, object]
) -> None:
    rehearsed = await imported(store, tmp_path, open_rows=open_rows, dry_run=True)
    assert await stored(store) == {}
    outcome = await imported(store, tmp_path, open_rows=open_rows)
    assert outcome == rehearsed and outcome.notes == [note]
    found = await stored(store)
    assert {number for number, incident in found.items() if incident.closed_at is None} == still_open
    assert all(incident.closed_at is None or incident.closed_at <= NOW for incident in found.values())


async def test_history_is_counted_as_it_is_recounted_and_is_imported_once(
    store: Store, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "REPORTS_AT_ONCE", 1)
    counted = select(CellCount.__table__).order_by(CellCount.bucket)
    await imported(store, tmp_path)
    again = await imported(store, tmp_path)
    assert again.counts == {"rows": 4, "added": 0, "unchanged": 4} and again.notes == []
    async with store.transaction(Reach(scope=ROOT)) as session:
        kept = [tuple(row) for row in await session.execute(counted)]
        await recount(session)
        assert [tuple(row) for row in await session.execute(counted)] == kept
    assert sum(row[-1] for row in kept) == 4


async def test_screens_count_again_after_history_without_events(database: Urls, store: Store) -> None:
    woken, counted = asyncio.Event(), asyncio.Event()
    listener = FeedListener(conninfo_of(database.app), woken, counted=counted)
    try:
        listening = asyncio.create_task(listener.step())
        for _ in range(50):  # Until the connection listens.
            async with store.transaction(Reach(scope=ROOT)) as session:
                await history.announce_counts(session)
            if await asyncio.wait([listening], timeout=0.2) != (set(), {listening}):
                break
        await listening
    finally:
        await listener.close()
    assert woken.is_set() and counted.is_set()


def test_an_incident_is_history_only_beyond_its_age_and_never_closed_in_the_future() -> None:
    assert not is_history(NOW - AFTER, now=NOW, after=AFTER)
    assert is_history(NOW - AFTER - timedelta(seconds=1), now=NOW, after=AFTER)
    assert assumed_closing(NOW - timedelta(days=1), now=NOW, after=AFTER) == NOW
    assert assumed_closing(NOW - 2 * AFTER, now=NOW, after=AFTER) == NOW - AFTER


async def test_a_file_of_incidents_without_numbers_is_stored_twice_only_on_request(
    store: Store, world: World, tmp_path: Path
) -> None:
    unnumbered = "category,title,lon,lat,occurred_at\ndispute.family,t,120.605,31.105,2019-05-01T08:00+08:00\n"
    job = ImportJob(
        "incidents",
        rows_of(written(tmp_path, "past.csv", unnumbered)),
        Options(datum=Datum.WGS84, constants={"source": "hotline"}),
        now=NOW,
        day=NOW.date(),
        origin=Origin(file="past.csv", digest=b"1"),
    )
    await import_file(store, PACK, replace(job, dry_run=True))
    await import_file(store, PACK, job)
    with pytest.raises(FileRefused) as refused:
        await import_file(store, PACK, job)
    (problem,) = refused.value.problems
    assert (problem.code, problem.params["count"]) == ("incidents.stored_before", 1)
    assert (await import_file(store, PACK, replace(job, again=True))).counts["added"] == 1
    other = replace(job, origin=Origin(file="past.csv", digest=b"2"))
    assert (await import_file(store, PACK, other)).counts["added"] == 1
