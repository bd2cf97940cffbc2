"""What a phone's wrong clock said of a fix, beside its corrected time.

Revision ID: 0044
"""

from alembic import op

revision = "0044"
down_revision: str | None = "0043"


def upgrade() -> None:
    op.execute("ALTER TABLE fixes ADD COLUMN device_at timestamptz")
