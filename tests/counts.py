"""Incidents as a query has them, for counts that are rebuilt from one."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import orjson
from sqlalchemy import DateTime, Float, Select, Text, column, select, text

from geo.store import Ltree
from layers.hotspots.rules import CountedIncident


def seen_as_rows(seen: Iterable[CountedIncident]) -> Select[str, float, float, str, datetime]:
    """A query that answers these incidents, by the names of their fields."""
    told = orjson.dumps([asdict(each) for each in seen]).decode()
    rows = text(
        """
        SELECT division_path::ltree AS division_path, lon, lat, category, occurred_at
        FROM json_to_recordset(CAST(:told AS json))
            AS told (division_path text, lon float8, lat float8, category text, occurred_at timestamptz)
        """
    ).bindparams(told=told)
    table = rows.columns(
        column("division_path", Ltree),
        column("lon", Float),
        column("lat", Float),
        column("category", Text),
        column("occurred_at", DateTime(timezone=True)),
    ).subquery()
    return select(table.c.division_path, table.c.lon, table.c.lat, table.c.category, table.c.occurred_at)
