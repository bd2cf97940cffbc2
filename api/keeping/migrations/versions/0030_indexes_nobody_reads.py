"""Clocks, pauses, marks and called units are found by their incident: their index by division was only written.

Revision ID: 0030
"""

from alembic import op

revision = "0030"
down_revision: str | None = "0029"


def upgrade() -> None:
    for table in ("clocks", "clock_pauses", "clock_marks", "case_units"):
        op.execute(f"DROP INDEX gist_{table}_division_path")
