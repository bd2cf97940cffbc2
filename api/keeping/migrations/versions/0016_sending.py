"""What a task says of its end and of its force's calls, telephones of forces, and a record of who looked at what.

The defaults fill the rows there are without writing them. A look is only ever added.

Revision ID: 0016
"""

from alembic import op

revision = "0016"
down_revision: str | None = "0015"

APP = "maplebridge_app"

TASKS = """
ALTER TABLE tasks ADD COLUMN away_m double precision, ADD COLUMN support_asked_at timestamptz,
    ADD COLUMN sent_by varchar NOT NULL DEFAULT ''
"""
TELEPHONES = "ALTER TABLE forces ADD COLUMN telephone varchar NOT NULL DEFAULT ''"
LOOKS = """
CREATE TABLE looks (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    user_id bigint NOT NULL,
    subject varchar NOT NULL,
    entity_id bigint NOT NULL,
    division_path ltree NOT NULL,
    CONSTRAINT pk_looks PRIMARY KEY (id)
)
"""
INDEXES = (
    "CREATE INDEX ix_looks_at ON looks (at)",
    "CREATE INDEX gist_looks_division_path ON looks USING gist (division_path)",
)


def upgrade() -> None:
    op.execute(TASKS)
    op.execute(TELEPHONES)
    op.execute(LOOKS)
    for index in INDEXES:
        op.execute(index)
    op.execute(f"GRANT SELECT, INSERT ON looks TO {APP}")
    op.execute("ALTER TABLE looks ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE looks FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY scope ON looks USING (division_path <@ reach_scope())")
