"""Weeks judged, early warnings with what became of them, and clusters in place and time.

Revision ID: 0043
"""

from alembic import op

revision = "0043"
down_revision: str | None = "0042"

APP = "maplebridge_app"

TABLES = {
    "early_warnings": """
CREATE TABLE early_warnings (
    id bigint GENERATED ALWAYS AS IDENTITY,
    week_end date NOT NULL,
    category varchar NOT NULL,
    division_path ltree NOT NULL,
    weeks integer NOT NULL,
    count integer NOT NULL,
    expected double precision NOT NULL,
    told_from integer NOT NULL,
    q double precision NOT NULL,
    told boolean NOT NULL,
    answer varchar,
    note varchar,
    answered_at timestamptz,
    answered_by bigint,
    answerer varchar,
    version integer NOT NULL,
    CONSTRAINT pk_early_warnings PRIMARY KEY (id),
    CONSTRAINT uq_early_warnings_week_end_category_division_path UNIQUE (week_end, category, division_path),
    CONSTRAINT ck_early_warnings_answered_whole CHECK ((answer IS NULL) = (answered_at IS NULL)),
    CONSTRAINT ck_early_warnings_answer_known CHECK (answer IN ('real', 'explained', 'chance')),
    CONSTRAINT ck_early_warnings_one_or_two_weeks CHECK (weeks IN (1, 2))
)
""",
    "judged_weeks": """
CREATE TABLE judged_weeks (
    week_end date NOT NULL,
    judged_at timestamptz NOT NULL,
    series integer NOT NULL,
    tried integer NOT NULL,
    left_out jsonb NOT NULL,
    division_path ltree NOT NULL,
    CONSTRAINT pk_judged_weeks PRIMARY KEY (week_end)
)
""",
    "space_time_clusters": """
CREATE TABLE space_time_clusters (
    id bigint GENERATED ALWAYS AS IDENTITY,
    week_end date NOT NULL,
    category varchar,
    cells bigint[] NOT NULL,
    radius_m double precision NOT NULL,
    days integer NOT NULL,
    count integer NOT NULL,
    expected double precision NOT NULL,
    p double precision NOT NULL,
    division_path ltree NOT NULL,
    CONSTRAINT pk_space_time_clusters PRIMARY KEY (id)
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
    op.execute("CREATE POLICY ancestors ON judged_weeks FOR SELECT USING (division_path @> reach_scope())")
    op.execute("CREATE INDEX ix_space_time_clusters_week_end ON space_time_clusters (week_end)")
    op.execute(f"GRANT UPDATE (answer, note, answered_at, answered_by, answerer, version) ON early_warnings TO {APP}")
