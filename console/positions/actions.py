"""Record fixes, inside the caller's transaction and within its reach."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console.positions.queries import posts_of
from console.positions.rules import OFF_DUTY, FlaggedSighting, Posts, Refused, Sighting, flag_all
from geo.clocks import CLOCKS_DIFFER
from geo.fixes import Verdict

COLUMNS = {
    "force_id": "bigint",
    "at": "timestamptz",
    "lon": "double precision",
    "lat": "double precision",
    "raw_x": "double precision",
    "raw_y": "double precision",
    "datum": "text",
    "speed_mps": "double precision",
    "heading": "double precision",
    "accuracy_m": "double precision",
    "battery": "double precision",
    "dialect": "text",
    "flag": "text",
    "division_path": "text",
}
"""A batch is sent as one array a column: one statement, whatever its size."""

ROWS = "unnest({}) AS row ({})".format(
    ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in COLUMNS.items()), ", ".join(COLUMNS)
)

KEEP = text(f"""
INSERT INTO fixes (received_at, {", ".join(COLUMNS)})
SELECT :now, {", ".join(name for name in COLUMNS if name != "division_path")}, CAST(division_path AS ltree)
FROM {ROWS}
""")  # noqa: S608

RENEW = text(f"""
INSERT INTO latest_fixes AS old (
    force_id, at, received_at, geom, speed_mps, heading, accuracy_m, battery, division_path
)
SELECT force_id, at, :now, ST_SetSRID(ST_MakePoint(lon, lat), 4326), speed_mps, heading, accuracy_m, battery,
    CAST(division_path AS ltree)
FROM {ROWS}
ORDER BY force_id
ON CONFLICT (force_id) DO UPDATE SET
    at = excluded.at,
    received_at = excluded.received_at,
    geom = excluded.geom,
    speed_mps = excluded.speed_mps,
    heading = excluded.heading,
    accuracy_m = excluded.accuracy_m,
    battery = excluded.battery,
    division_path = excluded.division_path
WHERE old.at < excluded.at OR old.at > :ahead
""")  # noqa: S608

FOLLOW = text("""
UPDATE latest_fixes SET division_path = posted.division_path
FROM (
    SELECT l.force_id, f.division_path FROM latest_fixes l JOIN forces f ON f.id = l.force_id
    WHERE f.id = ANY(CAST(:forces AS bigint[])) AND l.division_path <> f.division_path
    ORDER BY l.force_id FOR UPDATE OF l
) AS posted
WHERE latest_fixes.force_id = posted.force_id
""")


async def record_fixes(
    session: AsyncSession, sightings: Sequence[Sighting], *, only: int | None, now: datetime
) -> list[FlaggedSighting | Refused]:
    """Store the fixes of forces on duty, each with its flag, and return an outcome for each sighting in order.

    Only a sound fix becomes a force's latest. With `only`, the sender may report that force alone. Nothing is stored
    off duty: where people go then is private.
    """
    devices = {device for sighting in sightings for device in sighting.devices}
    ids = {sighting.force_id for sighting in sightings if sighting.force_id is not None}
    posts = Posts(await posts_of(session, devices=devices, ids=ids), only=only)
    outcomes = flag_all(sightings, posts, now=now)
    kept = [found for found in outcomes if isinstance(found, FlaggedSighting) and found.flag != OFF_DUTY]
    if kept:
        await session.execute(KEEP, _columns(kept) | {"now": now})
    newest = {found.post.force_id: found for found in kept if found.flag == Verdict.OK}
    if newest:
        await session.execute(RENEW, _columns(newest.values()) | {"now": now, "ahead": now + CLOCKS_DIFFER})
    return outcomes


async def follow_posts(session: AsyncSession, forces: Collection[int]) -> None:
    """Move the latest fixes of forces to the division where these are posted now.

    A fix left behind would be out of reach of the new division's gateway, which could not update it.
    """
    await session.execute(FOLLOW, {"forces": [*forces]})


def _columns(rows: Iterable[FlaggedSighting]) -> dict[str, str]:
    columns = zip(*map(_row, rows), strict=True)
    return {name: _array(column) for name, column in zip(COLUMNS, columns, strict=True)}


def _array(values: Sequence[Any]) -> str:
    """Return a PostgreSQL array literal: JSON in other brackets, for numbers, times, nulls and texts without special
    characters.

    The driver dumps a list item by item in Python, which took a quarter of the time of a fix.
    """
    return "{" + orjson.dumps(values)[1:-1].decode() + "}"


def _row(judged: FlaggedSighting) -> tuple[Any, ...]:
    """Return the values of `COLUMNS`."""
    seen, post = judged.sighting, judged.post
    return (
        post.force_id,
        seen.at,
        seen.lon,
        seen.lat,
        seen.raw_x,
        seen.raw_y,
        seen.datum,
        seen.speed_mps,
        seen.heading,
        seen.accuracy_m,
        seen.battery,
        seen.dialect,
        judged.flag,
        post.division_path,
    )
