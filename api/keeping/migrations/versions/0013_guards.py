"""The timeline that guards an incident's words is the one that is kept, and an alarm stays as it was raised.

Revision ID: 0013
"""

from alembic import op

revision = "0013"
down_revision: str | None = "0012"

APP = "maplebridge_app"

OWN_TIMELINE = "ALTER FUNCTION keep_old_words() SET search_path = public, pg_temp"
"""Without it, a temporary table of the same name, which any role may create, would be asked instead."""

CHANGED = "last_sent_at, lon, lat, accuracy_m, acknowledged_at, acknowledged_by, division_path, version"
"""Of an alarm. Who called, and when, nobody changes."""


def upgrade() -> None:
    op.execute(OWN_TIMELINE)
    op.execute(f"REVOKE UPDATE ON alarms FROM {APP}")
    op.execute(f"GRANT UPDATE ({CHANGED}) ON alarms TO {APP}")
