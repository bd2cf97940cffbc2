"""What one person did in a shift is found by time, without reading a whole month of the timeline.

Entries are only ever added, in the order of time: an index of block ranges is a few kilobytes, and costs an import
nothing.

Revision ID: 0017
"""

from alembic import op

revision = "0017"
down_revision: str | None = "0016"


def upgrade() -> None:
    op.execute("CREATE INDEX brin_timeline_at ON timeline USING brin (at)")
