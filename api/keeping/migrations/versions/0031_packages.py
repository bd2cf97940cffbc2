"""An incident keeps a copy of its response package from the first task on, whatever the place's pack says later.

Revision ID: 0031
"""

from alembic import op

revision = "0031"
down_revision: str | None = "0030"

APP = "maplebridge_app"


def upgrade() -> None:
    op.execute("ALTER TABLE incidents ADD COLUMN package jsonb")
    op.execute(f"GRANT UPDATE (package) ON incidents TO {APP}")
