"""What one person did in a shift is found by time, without reading a whole month of the timeline.

Entries are only ever added, in the order of time: an index of block ranges is a few kilobytes, and costs an import
nothing.

Revision ID: 0018
"""

from alembic import op

revision = "0018"
down_revision: str | None = "0017"


def upgrade() -> None:
    op.execute("CREATE INDEX brin_timeline_at ON timeline USING brin (at)")
