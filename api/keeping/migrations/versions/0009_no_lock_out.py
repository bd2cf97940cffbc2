"""Wrong passwords lock nobody out: the server delays the address that sends them.

Revision ID: 0009
"""

from alembic import op

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN failed_attempts, DROP COLUMN locked_until")
