"""Record fixes, inside the caller's transaction and within its reach."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console.positions.queries import lock_latest, tracked_forces
from console.positions.rules import OFF_DUTY, FlaggedSighting, RefusedSighting, Sighting, TrackedForces, flag_all
from console.positions.tables import Fix, LatestFix
from geo.clocks import CLOCKS_DIFFER
from geo.datum import Datum
from geo.fixes import ASSUMED_M, COARSE_M, COARSER, DRIFT_MPS, Verdict
from geo.store import BulkInsert, point_text, update_on

OVERRULED = f"""coalesce(nullif(latest_fixes.accuracy_m, 0), {ASSUMED_M}) > greatest({COARSE_M},
    {COARSER} * coalesce(nullif(excluded.accuracy_m, 0), {ASSUMED_M})
    + {DRIFT_MPS} * extract(epoch FROM latest_fixes.at - excluded.at))"""
"""`geo.fixes.is_coarse` of the stored fix, for an earlier one that came late."""

INSERT_FIXES = BulkInsert(Fix, fixed=("received_at",))
REPLACED = f"latest_fixes.at < excluded.at OR latest_fixes.at > :ahead OR {OVERRULED}"
UPSERT_LATEST = BulkInsert(
    LatestFix,
    fixed=("received_at",),
    then=f"ORDER BY force_id {update_on(LatestFix, 'force_id', where=REPLACED)} RETURNING force_id",
)

MOVED = "moved"
"""The `dialect` of a fix that is repeated in the history because its force has another division now."""

UPDATE_DIVISIONS = text("""
WITH moved AS (
    UPDATE latest_fixes SET division_path = posted.division_path
    FROM (
        SELECT l.force_id, f.division_path FROM latest_fixes l JOIN forces f ON f.id = l.force_id
        WHERE f.id = ANY(CAST(:forces AS bigint[])) AND l.division_path <> f.division_path
        ORDER BY l.force_id FOR UPDATE OF l
    ) AS posted
    WHERE latest_fixes.force_id = posted.force_id
    RETURNING latest_fixes.*, ST_X(geom::geometry) AS lon, ST_Y(geom::geometry) AS lat
)
INSERT INTO fixes (
    received_at, force_id, at, lon, lat, raw_x, raw_y, datum, speed_mps, heading, accuracy_m, battery, dialect, flag,
    division_path
)
SELECT received_at, force_id, at, lon, lat, lon, lat, :datum, speed_mps, heading, accuracy_m, battery, :dialect, :flag,
    division_path
FROM moved ORDER BY force_id
""").bindparams(datum=Datum.WGS84.value, dialect=MOVED, flag=Verdict.OK.value)


async def record_fixes(
    session: AsyncSession, sightings: Sequence[Sighting], *, only: int | None, now: datetime
) -> list[FlaggedSighting | RefusedSighting]:
    """Store the fixes of forces on duty, each with its flag, and return an outcome for each sighting in order.

    Only a sound fix becomes a force's latest. With `only`, the sender may report that force alone. Nothing is stored
    off duty: where people go then is private.
    """
    devices = {device for sighting in sightings for device in sighting.devices}
    ids = {sighting.force_id for sighting in sightings if sighting.force_id is not None}
    await lock_latest(session, devices=devices, ids=ids)
    forces = TrackedForces(await tracked_forces(session, devices=devices, ids=ids), only=only)
    outcomes = flag_all(sightings, forces, now=now)
    kept = [found for found in outcomes if isinstance(found, FlaggedSighting) and found.flag != OFF_DUTY]
    became = await _update_latest(session, kept, now=now)
    if kept:
        await INSERT_FIXES.run(
            session, (_row(each, is_latest=became.get(each.force.force_id) is each) for each in kept), received_at=now
        )
    return outcomes


async def _update_latest(
    session: AsyncSession, kept: Iterable[FlaggedSighting], *, now: datetime
) -> dict[int, FlaggedSighting]:
    """Replace the latest fixes, and return by force those that became the latest.

    Before the fixes are inserted: the lock on the latest one then orders the ids of a force's fixes as their commits.
    """
    newest = _latest_of_each(found for found in kept if found.flag == Verdict.OK)
    if not newest:
        return {}
    rows = map(_latest, newest.values())
    replaced = await UPSERT_LATEST.run(session, rows, received_at=now, ahead=now + CLOCKS_DIFFER)
    return {force: newest[force] for (force,) in replaced}


def _latest_of_each(sound: Iterable[FlaggedSighting]) -> dict[int, FlaggedSighting]:
    """Return by force the fix that stands in the end, as they were judged: in the order of their times."""
    by_time = sorted(sound, key=lambda found: found.sighting.at)
    return {found.force.force_id: found for found in by_time}


async def update_fix_divisions(session: AsyncSession, forces: Collection[int]) -> None:
    """Move the latest fixes of forces to the forces' present divisions, and repeat them in the history from there.

    A fix in the old division would be beyond the reach of the new division's gateway, which could not update it, and of
    a replay there. Repeated as of when it came in, it is deleted with the first one.
    """
    await session.execute(UPDATE_DIVISIONS, {"forces": [*forces]})


def _row(flagged: FlaggedSighting, *, is_latest: bool = True) -> dict[str, Any]:
    seen, force = flagged.sighting, flagged.force
    return {
        "force_id": force.force_id,
        "at": seen.at,
        "lon": seen.lon,
        "lat": seen.lat,
        "raw_x": seen.raw_x,
        "raw_y": seen.raw_y,
        "datum": seen.datum,
        "speed_mps": seen.speed_mps,
        "heading": seen.heading,
        "accuracy_m": seen.accuracy_m,
        "battery": seen.battery,
        "dialect": seen.dialect,
        "device_at": seen.device_at,
        "flag": flagged.flag,
        "became_latest": is_latest,
        "division_path": force.division_path,
    }


def _latest(flagged: FlaggedSighting) -> dict[str, Any]:
    return _row(flagged) | {"geom": point_text(flagged.sighting.lon, flagged.sighting.lat)}
