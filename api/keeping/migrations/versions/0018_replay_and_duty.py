"""Which fixes became the force's position on screens, so that a replay shows the same one; and duty leaders.

Revision ID: 0018
"""

from alembic import op

revision = "0018"
down_revision: str | None = "0017"

APP = "maplebridge_app"

DUTY_TURNS = """
CREATE TABLE duty_turns (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    name varchar NOT NULL,
    post varchar NOT NULL,
    set_by bigint NOT NULL,
    division_path ltree NOT NULL,
    CONSTRAINT pk_duty_turns PRIMARY KEY (id)
)
"""


def upgrade() -> None:
    op.execute("ALTER TABLE fixes ADD COLUMN became_latest boolean NOT NULL DEFAULT true")
    op.execute(DUTY_TURNS)
    op.execute("CREATE INDEX ix_duty_turns_division_path_at ON duty_turns (division_path, at)")
    op.execute(f"GRANT SELECT, INSERT ON duty_turns TO {APP}")
    op.execute("ALTER TABLE duty_turns ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE duty_turns FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY scope ON duty_turns USING (division_path <@ reach_scope())")
