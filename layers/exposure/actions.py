"""Store counts, inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import BulkInsert, update_on
from layers.exposure.rules import Counted
from layers.exposure.tables import ExposureCount

PUT = BulkInsert(
    ExposureCount,
    then=f"{update_on(ExposureCount, 'division_code, counted_on')} RETURNING xmax = 0",
)
CARRY = text("""
    UPDATE divisions AS d SET households = coalesce(c.households, d.households),
        enterprises = coalesce(c.enterprises, d.enterprises)
    FROM (
        SELECT DISTINCT ON (division_code) division_code, households, enterprises FROM exposure_counts
        WHERE division_code = ANY(:codes) ORDER BY division_code, counted_on DESC
    ) AS c
    WHERE d.code = c.division_code AND d.valid_from <= :day AND (d.valid_to IS NULL OR d.valid_to > :day)
        AND (d.households, d.enterprises)
            IS DISTINCT FROM (coalesce(c.households, d.households), coalesce(c.enterprises, d.enterprises))
""")
"""The latest counts become those of the boundaries in force, by which hotspots are rated and plans weighed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Number of counts by outcome."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


async def put_counts(session: AsyncSession, counts: Sequence[Counted], *, day: date) -> Stored:
    """Add counts, or replace those of the same division and day, and carry the latest to the boundaries of `day`.

    The caller shares them out over cells afterwards.
    """
    if not counts:
        return Stored()
    touched = (await PUT.run(session, [_row(one) for one in counts])).scalars().all()
    await session.execute(CARRY, {"codes": [one.code for one in counts], "day": day})
    added = sum(touched)
    return Stored(added, len(touched) - added, len(counts) - len(touched))


def _row(one: Counted) -> dict[str, object]:
    return {
        "division_code": one.code,
        "division_path": one.path,
        "counted_on": one.counted_on,
        "households": one.households,
        "premises": one.premises,
        "enterprises": one.enterprises,
        "source": one.source,
    }
