"""Incidents as a query has them, for counts that are rebuilt from one."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import orjson
from sqlalchemy import BigInteger, DateTime, Select, Text, column, select, text

from geo.store import Ltree
from layers.hotspots.rules import CountedIncident


def seen_as_rows(seen: Iterable[CountedIncident]) -> Select[str, int, str, datetime]:
    """A query that answers these incidents, by the names of their fields."""
    told = orjson.dumps([asdict(each) for each in seen]).decode()
    rows = text(
        """
        SELECT division_path::ltree AS division_path, cell, category, occurred_at
        FROM json_to_recordset(CAST(:told AS json))
            AS told (division_path text, cell bigint, category text, occurred_at timestamptz)
        """
    ).bindparams(told=told)
    table = rows.columns(
        column("division_path", Ltree),
        column("cell", BigInteger),
        column("category", Text),
        column("occurred_at", DateTime(timezone=True)),
    ).subquery()
    return select(table.c.division_path, table.c.cell, table.c.category, table.c.occurred_at)
