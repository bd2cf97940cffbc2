"""Lists that come anew: rows added, or those of the same code brought up to date, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import literal_column, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from geo.store import Base


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of a list's rows: how many were new, changed, or already so."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


async def upsert_by_code(session: AsyncSession, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> Listed:
    """Insert rows, each with the same columns and a `code`. Of several with one code the last counts.

    A row whose columns are as they were is left alone.
    """
    distinct = list({row["code"]: row for row in rows}.values())
    if not distinct:
        return Listed()
    statement = insert(table)
    columns = table.__table__.c
    new = {name: statement.excluded[name] for name in distinct[0] if name != "code"}
    differs = tuple_(*(columns[name] for name in new)).is_distinct_from(tuple_(*new.values()))
    upsert = statement.on_conflict_do_update(index_elements=[columns.code], set_=new, where=differs)
    touched: Sequence[bool] = (await session.scalars(upsert.returning(literal_column("xmax = 0")), distinct)).all()
    added = sum(touched)
    return Listed(added=added, changed=len(touched) - added, unchanged=len(distinct) - len(touched))
