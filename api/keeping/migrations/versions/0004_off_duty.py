"""An index of those who are off duty by their homes: mostly there are few, and candidates name the nearest of them.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    op.execute("CREATE INDEX gist_forces_home_off ON forces USING gist (home) WHERE duty = 'off'")
