"""The language of an incident's parties, where a report says it.

Revision ID: 0008
"""

from alembic import op

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE incidents ADD COLUMN language varchar")
