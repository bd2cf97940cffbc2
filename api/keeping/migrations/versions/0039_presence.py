"""What the page of a force's phone said last: whether it is in front, and which task it has.

Revision ID: 0039
"""

from alembic import op

revision = "0039"
down_revision: str | None = "0038"

APP = "maplebridge_app"

PRESENCES = """
CREATE TABLE presences (
    id bigint NOT NULL,
    state varchar NOT NULL,
    since timestamptz NOT NULL,
    task_id bigint,
    reached_at timestamptz,
    seen_at timestamptz,
    division_path ltree NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_presences PRIMARY KEY (id),
    CONSTRAINT fk_presences_id_forces FOREIGN KEY (id) REFERENCES forces (id) ON DELETE CASCADE,
    CONSTRAINT ck_presences_state_known CHECK (state IN ('front', 'background'))
)
"""


def upgrade() -> None:
    op.execute(PRESENCES)
    op.execute("CREATE INDEX gist_presences_division_path ON presences USING gist (division_path)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON presences TO {APP}")
    op.execute("ALTER TABLE presences ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE presences FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY scope ON presences USING (division_path <@ reach_scope())")
    op.execute("CREATE POLICY own ON presences USING (id = reach_force())")
