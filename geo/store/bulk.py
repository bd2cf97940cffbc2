"""Insert many rows by one statement, with the columns of the table.

Rows are sent as one array a column, each a text that PostgreSQL parses: the driver dumps a list item by item in Python,
which took a quarter of the time of a fix, and JSON objects take PostgreSQL twice as long as arrays. Division paths and
geometries are sent as text (`point_text`, `geometry_text`).
"""

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from operator import itemgetter
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Float, Integer, Result, String, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from geo.store.columns import SRID, Base, Ltrees

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
PLAIN = (Boolean, Date, DateTime, Float, Integer, String)
CONTROLS = (("\\n", "\n"), ("\\t", "\t"), ("\\r", "\r"), ("\\b", "\b"), ("\\f", "\f"))
CONTROL = re.compile(r"\\[bfnrtu]")
BY_NUMBER = re.compile(r"\\u([0-9a-f]{4})")
MANY = 1_000
"""Rows from which on they are written beside the event loop."""
BACKSLASH = "\ud800"
"""Temporary placeholder of an escaped backslash: no text contains half a surrogate pair."""

Row = Mapping[str, Any]


class BulkInsert:
    """INSERT of one or more rows into a table. Created once, beside the action that runs it.

    The columns `fixed` have one value for all rows. `then` follows the statement: ORDER BY, ON CONFLICT, RETURNING.
    Identity columns are assigned by the database.
    """

    def __init__(self, table: type[Base], *, fixed: Collection[str] = (), then: str = "") -> None:
        listed = _listed(table)
        columns = [column for column in listed if column.name not in fixed]
        self.names = tuple(column.name for column in columns)
        self.statement = text(_statement(table, listed, columns, then=then))
        self._dumps = [_dumper(column) for column in columns]

    async def run(self, session: AsyncSession, rows: Iterable[Row], **parameters: Any) -> Result[Any]:
        """Insert rows given as mappings by column; other keys are ignored."""
        return await self.run_listed(session, map(itemgetter(*self.names), rows), **parameters)

    async def run_listed(self, session: AsyncSession, rows: Iterable[Sequence[Any]], **parameters: Any) -> Result[Any]:
        """Insert rows whose values are in the order of `names`; faster than `run`."""
        listed = rows if isinstance(rows, list) else [*rows]
        arrays = await asyncio.to_thread(self._arrays, listed) if len(listed) > MANY else self._arrays(listed)
        return await session.execute(self.statement, arrays | parameters)

    def _arrays(self, rows: Iterable[Sequence[Any]]) -> dict[str, str]:
        columns = zip(*rows, strict=True)
        return {name: dump(values) for name, dump, values in zip(self.names, self._dumps, columns, strict=True)}


class BulkMove:
    """UPDATE that puts many rows of a table into divisions. Created once, beside the action that runs it.

    `key` is the column that the paths are given by. Rows that lie there already stay as they are. `also` is set too,
    `returning` are columns of the result. With `through`, a table and its column, paths are given by that column, and
    `key` is the id there.
    """

    def __init__(
        self,
        table: type[Base],
        key: str = "id",
        *,
        column: str = "division_path",
        also: str = "",
        where: str = "true",
        through: tuple[type[Base], str] | None = None,
        returning: Collection[str] = (),
    ) -> None:
        self.returning = tuple(returning)
        name, set_too = table.__tablename__, f", {also}" if also else ""
        returned = f"RETURNING {', '.join(f'{name}.{one}' for one in returning)}" if returning else ""
        given = f"{MOVED} AS given"
        if through is not None:
            other, by = through[0].__tablename__, through[1]
            given = f"(SELECT {other}.id, given.path FROM {given} JOIN {other} ON {other}.{by} = given.id) AS given"  # noqa: S608
        self.statement = text(
            f"""
            UPDATE {name} SET {column} = given.path{set_too}
            FROM {given}
            WHERE {name}.{key} = given.id AND {name}.{column} <> given.path AND {where}
            {returned}
            """  # noqa: S608
        )

    async def run(self, session: AsyncSession, paths: Mapping[int, str], **parameters: Any) -> Sequence[Any]:
        """Move rows to the paths given by key; return what was asked for of those moved."""
        if not paths:
            return []
        moved = await session.execute(self.statement, await moved_to(paths) | parameters)
        return moved.all() if self.returning else []


MOVED = """(
    WITH place AS MATERIALIZED (
        SELECT at, CAST(path AS ltree) AS path FROM unnest(CAST(:paths AS text[])) WITH ORDINALITY AS sent (path, at)
    )
    SELECT id, path, at
    FROM unnest(CAST(:ids AS bigint[]), CAST(:places AS bigint[])) AS sent (id, at) JOIN place USING (at)
)"""
"""Rows of `id`, `path` and `at`, which counts the paths, from the parameters of `moved_to`."""


async def moved_to(paths: Mapping[int, str]) -> dict[str, str]:
    """Return the parameters of `MOVED`: paths by id. Each path is sent and parsed once: most lead many rows."""
    return await asyncio.to_thread(_moved_to, paths) if len(paths) > MANY else _moved_to(paths)


def _moved_to(paths: Mapping[int, str]) -> dict[str, str]:
    places = {path: at for at, path in enumerate(dict.fromkeys(paths.values()), start=1)}
    at = array_text([places[path] for path in paths.values()])
    return {"ids": array_text([*paths]), "places": at, "paths": array_text([*places])}


def update_on(table: type[Base], key: str, *, kept: Collection[str] = (), also: str = "", where: str = "") -> str:
    """Build ON CONFLICT for a key: the new row replaces the stored one, except for the columns `kept`.

    `also` is set too; `where` selects the rows to replace, by default those that differ.
    """
    name = table.__tablename__
    listed = [column.name for column in _listed(table) if column.name not in {*key.split(", "), *kept}]
    changes = [*(f"{column} = excluded.{column}" for column in listed), *filter(None, [also])]
    old, new = (", ".join(f"{row}.{column}" for column in listed) for row in (name, "excluded"))
    condition = where or f"({old}) IS DISTINCT FROM ({new})"
    return f"ON CONFLICT ({key}) DO UPDATE SET {', '.join(changes)} WHERE {condition}"


def point_text(lon: float, lat: float) -> str:
    """Format a point in WGS-84 degrees, with all digits."""
    return f"SRID={SRID};POINT({lon!r} {lat!r})"


def geometry_text(geometry: BaseGeometry) -> str:
    """Format a geometry in WGS-84 degrees, with all digits."""
    return str(shapely.to_wkb(shapely.set_srid(geometry, SRID), hex=True, include_srid=True))


def _listed(table: type[Base]) -> list[Column[Any]]:
    """List the columns that are not identity columns."""
    columns = [column for column in table.__table__.columns if isinstance(column, Column)]
    return [column for column in columns if column.identity is None]


def _statement(table: type[Base], listed: Sequence[Column[Any]], sent: Sequence[Column[Any]], *, then: str) -> str:
    names = ", ".join(column.name for column in listed)
    sources = ", ".join(f"{_source(column)}" for column in sent)
    values = ", ".join(_value(column, is_fixed=column not in sent) for column in listed)
    return (
        f"INSERT INTO {table.__tablename__} ({names}) SELECT {values} "  # noqa: S608
        f"FROM ROWS FROM ({sources}) AS sent ({', '.join(column.name for column in sent)}) {then}"
    )


def _source(column: Column[Any]) -> str:
    """Return the SQL of a column's values, one a row."""
    if isinstance(column.type, JSONB):
        return f"jsonb_array_elements(CAST(:{column.name} AS jsonb))"
    return f"unnest(CAST(:{column.name} AS {_carrier(column)}[]))"


def _type(column: Column[Any]) -> str:
    return str(column.type.compile(DIALECT))


def _is_plain(column: Column[Any]) -> bool:
    return isinstance(column.type, PLAIN)


def _carrier(column: Column[Any]) -> str:
    """Return the type that a column is sent as."""
    return _type(column) if _is_plain(column) else "text"


def _value(column: Column[Any], *, is_fixed: bool) -> str:
    if is_fixed:
        return f"CAST(:{column.name} AS {_type(column)})"
    return (
        column.name
        if _is_plain(column) or isinstance(column.type, JSONB)
        else f"CAST({column.name} AS {_type(column)})"
    )


def _dumper(column: Column[Any]) -> Callable[[Sequence[Any]], str]:
    match column.type:
        case JSONB():
            return lambda values: orjson.dumps(values).decode()
        case ARRAY() | Ltrees():
            return lambda values: array_text(
                [None if value is None else array_text(_in_order(value)) for value in values]
            )
        case _:
            return array_text


def _in_order(values: Collection[Any]) -> Sequence[Any]:
    return sorted(values) if isinstance(values, Set) else list(values)


def array_text(values: Sequence[Any]) -> str:
    """Return a PostgreSQL array literal: JSON in other brackets, with control characters unescaped."""
    literal = orjson.dumps(values)[1:-1].decode()
    return "{" + (_unescaped(literal) if CONTROL.search(literal) else literal) + "}"


def _unescaped(literal: str) -> str:
    literal = literal.replace("\\\\", BACKSLASH)
    for escape, character in CONTROLS:
        literal = literal.replace(escape, character)
    return BY_NUMBER.sub(lambda found: chr(int(found[1], 16)), literal).replace(BACKSLASH, "\\\\")
