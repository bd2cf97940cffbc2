"""Hotspot counts have the cells that hold their incidents at each resolution, and are counted anew.

A cell of H3 does not lie in its parent: with parents of the finest cell, one incident in fifteen was counted in a
neighbouring hexagon.

Revision ID: 0012
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import h3.api.basic_int as h3
from alembic import op
from sqlalchemy import Connection, text

revision = "0012"
down_revision: str | None = "0011"

CELLS = ("cell_10", "cell_9", "cell_8", "cell_7")
RESOLUTIONS = (10, 9, 8, 7)
KEY = f"division_path, {', '.join(CELLS)}, category, bucket"
QUARTER = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AT_ONCE = 20_000

SEEN = """
    SELECT division_path::text, ST_X(geom), ST_Y(geom), category, floor(extract(epoch FROM occurred_at) / 900)::integer
    FROM incidents WHERE geom IS NOT NULL ORDER BY division_path
"""
COUNT = f"""
    INSERT INTO cell_counts ({KEY}, n)
    VALUES (CAST(:path AS ltree), :cell_10, :cell_9, :cell_8, :cell_7, :category, :bucket, :n)
    ON CONFLICT ({KEY}) DO UPDATE SET n = cell_counts.n + excluded.n
"""


def upgrade() -> None:
    op.execute("TRUNCATE cell_counts")
    op.execute("ALTER TABLE cell_counts DROP CONSTRAINT pk_cell_counts")
    op.execute("ALTER TABLE cell_counts RENAME COLUMN cell TO cell_10")
    for cell in CELLS[1:]:
        op.execute(f"ALTER TABLE cell_counts ADD COLUMN {cell} bigint NOT NULL")
    op.execute(f"ALTER TABLE cell_counts ADD CONSTRAINT pk_cell_counts PRIMARY KEY ({KEY})")
    # Row-level security binds the owner too, and no scope holds all rows of a database with several roots.
    for table in ("incidents", "cell_counts"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    _count(op.get_bind())
    for table in ("incidents", "cell_counts"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _count(connection: Connection) -> None:
    """Count all incidents, some at a time: a row that two batches share is added up."""
    seen = iter(connection.execute(text(SEEN), execution_options={"stream_results": True}))
    while rows := [*_counted(islice(seen, AT_ONCE))]:
        connection.execute(text(COUNT), rows)


def _counted(seen: Iterator[Any]) -> Iterator[dict[str, Any]]:
    counts = Counter(
        (path, *(h3.latlng_to_cell(lat, lon, res) for res in RESOLUTIONS), category, EPOCH + quarter * QUARTER)
        for path, lon, lat, category, quarter in seen
    )
    for (path, *cells, category, bucket), n in counts.items():
        yield {"path": path, "category": category, "bucket": bucket, "n": n, **dict(zip(CELLS, cells, strict=True))}
