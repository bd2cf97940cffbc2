"""Lists that come anew: rows added, or those of the same code brought up to date, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import Base, BulkInsert, update_on


@dataclass(frozen=True, slots=True)
class Listed:
    """Number of a list's rows by outcome: new, changed, or unchanged."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


async def upsert_by_code(session: AsyncSession, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> Listed:
    """Insert rows, each with all columns of a table that has a `code`. Of several with one code the last counts.

    A row whose columns are as they were is left alone.
    """
    distinct = list({row["code"]: row for row in rows}.values())
    if not distinct:
        return Listed()
    touched = (await _upsert(table).run(session, distinct)).scalars().all()
    added = sum(touched)
    return Listed(added=added, changed=len(touched) - added, unchanged=len(distinct) - len(touched))


@cache
def _upsert(table: type[Base]) -> BulkInsert:
    return BulkInsert(table, then=f"{update_on(table, 'code')} RETURNING xmax = 0")
