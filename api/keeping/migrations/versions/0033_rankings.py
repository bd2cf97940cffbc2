"""A task keeps the ranking that its force was chosen from. It is read as a whole, so it is kept as text.

Revision ID: 0033
"""

from alembic import op

revision = "0033"
down_revision: str | None = "0032"


def upgrade() -> None:
    op.execute("ALTER TABLE tasks ADD COLUMN ranking json")
    op.execute("CREATE INDEX ix_tasks_assigned_at ON tasks (assigned_at)")
