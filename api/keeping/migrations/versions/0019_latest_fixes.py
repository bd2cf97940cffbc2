"""Record which fixes became the force's position on screens, so that a replay shows the same one.

Revision ID: 0019
"""

from alembic import op

revision = "0019"
down_revision: str | None = "0018"


def upgrade() -> None:
    op.execute("ALTER TABLE fixes ADD COLUMN became_latest boolean NOT NULL DEFAULT true")
