"""An incident can be merged into another one, its main incident.

Revision ID: 0015
"""

from alembic import op

revision = "0015"
down_revision: str | None = "0014"

APP = "maplebridge_app"

MERGED = """
ALTER TABLE incidents ADD COLUMN merged_into_id bigint,
    ADD CONSTRAINT fk_incidents_merged_into_id_incidents FOREIGN KEY (merged_into_id) REFERENCES incidents (id),
    ADD CONSTRAINT ck_incidents_merged_is_closed CHECK (merged_into_id IS NULL OR closed_at IS NOT NULL)
"""


def upgrade() -> None:
    op.execute(MERGED)
    op.execute(f"GRANT UPDATE (merged_into_id) ON incidents TO {APP}")
