"""Counts of households, premises and enterprises by division and day, and the log of changes to register and accounts.

Revision ID: 0045
"""

from alembic import op

revision = "0045"
down_revision: str | None = "0044"

APP = "maplebridge_app"

TABLES = {
    "exposure_counts": """
CREATE TABLE exposure_counts (
    id bigint GENERATED ALWAYS AS IDENTITY,
    division_code varchar NOT NULL,
    division_path ltree NOT NULL,
    counted_on date NOT NULL,
    households integer,
    premises integer,
    enterprises integer,
    source varchar NOT NULL,
    CONSTRAINT pk_exposure_counts PRIMARY KEY (id),
    CONSTRAINT uq_exposure_counts_division_code_counted_on UNIQUE (division_code, counted_on),
    CONSTRAINT ck_exposure_counts_no_less_than_none CHECK (households >= 0 AND premises >= 0 AND enterprises >= 0)
)
""",
    "change_log": """
CREATE TABLE change_log (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    user_id bigint NOT NULL,
    author varchar NOT NULL,
    kind varchar NOT NULL,
    subject varchar NOT NULL,
    reason varchar NOT NULL,
    details jsonb NOT NULL,
    division_path ltree NOT NULL,
    CONSTRAINT pk_change_log PRIMARY KEY (id)
)
""",
}


def upgrade() -> None:
    for table, statement in TABLES.items():
        op.execute(statement)
        op.execute(f"CREATE INDEX gist_{table}_division_path ON {table} USING gist (division_path)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
    op.execute("CREATE INDEX ix_change_log_subject ON change_log (subject, id)")
    op.execute(f"GRANT UPDATE (division_path, households, premises, enterprises, source) ON exposure_counts TO {APP}")
