"""Read exposure within the caller's reach."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from layers.exposure.rules import Exposure

_COUNTED = """
    latest AS (
        SELECT DISTINCT ON (division_code) division_code, households, premises, enterprises, counted_on
        FROM exposure_counts
        WHERE division_path <@ CAST(:path AS ltree) AND counted_on <= :day
        ORDER BY division_code, counted_on DESC
    ),
    counted AS (
        SELECT d.code, d.division_path, coalesce(c.households, d.households) AS households, c.premises,
            coalesce(c.enterprises, d.enterprises) AS enterprises, c.counted_on
        FROM divisions AS d LEFT JOIN latest AS c ON c.division_code = d.code
        WHERE d.division_path <@ CAST(:path AS ltree)
            AND d.valid_from <= :day AND (d.valid_to IS NULL OR d.valid_to > :day)
            AND (c.division_code IS NOT NULL OR d.households IS NOT NULL OR d.enterprises IS NOT NULL)
    ),
    above AS (
        SELECT DISTINCT subpath(division_path, 0, depth) AS path
        FROM counted, generate_series(1, nlevel(division_path) - 1) AS depth
    )
"""
_PARTS = text(f"""
    WITH {_COUNTED}
    SELECT CAST(subpath(division_path, 0, least(nlevel(division_path), :depth)) AS text) AS path, count(*) AS divisions,
        CAST(sum(households) AS bigint), CAST(sum(premises) AS bigint), CAST(sum(enterprises) AS bigint),
        min(counted_on)
    FROM counted AS part
    WHERE NOT EXISTS (SELECT FROM above WHERE above.path = part.division_path)
    GROUP BY 1 ORDER BY 1
""")  # noqa: S608
_COARSE = text(f"""
    WITH {_COUNTED} SELECT CAST(subpath(path, -1) AS text) FROM above
""")  # noqa: S608


async def exposure_of(session: AsyncSession, path: str, *, day: date) -> list[Exposure]:
    """Sum the counts of the smallest divisions that have some, by the divisions directly below `path`.

    Counts of a division whose parts were counted too are left out: they would count households twice.
    """
    rows = await session.execute(_PARTS, {"path": path, "day": day, "depth": path.count(".") + 2})
    return [Exposure(*row) for row in rows]


async def counted_below(session: AsyncSession, root: str, *, day: date) -> set[str]:
    """Return the codes of the divisions of which parts have counts."""
    return {*(await session.scalars(_COARSE, {"path": root, "day": day}))}
