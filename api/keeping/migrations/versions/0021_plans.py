"""Plans over the lines of a division, their operations, and the record of what was said and done about them.

Operations and entries are only ever added. Of a plan itself, the server's role may change its state and the day whose
lines it is on, but neither what it is about nor who made it.

Revision ID: 0021
"""

from alembic import op

revision = "0021"
down_revision: str | None = "0020"

APP = "maplebridge_app"

TABLES = {
    "plans": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        division_path ltree NOT NULL,
        title varchar NOT NULL,
        reason varchar NOT NULL,
        base_day date NOT NULL,
        state varchar NOT NULL,
        head bigint NOT NULL,
        created_by bigint NOT NULL,
        author varchar NOT NULL,
        created_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        version integer NOT NULL,
        CONSTRAINT pk_plans PRIMARY KEY (id),
        CONSTRAINT ck_plans_state_known
            CHECK (state IN ('draft', 'submitted', 'returned', 'approved', 'withdrawn'))
    """,
    "plan_operations": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        plan_id bigint NOT NULL,
        follows bigint NOT NULL,
        operation jsonb NOT NULL,
        created_by bigint NOT NULL,
        author varchar NOT NULL,
        at timestamptz NOT NULL,
        division_path ltree NOT NULL,
        CONSTRAINT pk_plan_operations PRIMARY KEY (id),
        CONSTRAINT ck_plan_operations_follows_earlier CHECK (follows >= 0 AND follows < id),
        CONSTRAINT fk_plan_operations_plan_id_plans FOREIGN KEY (plan_id) REFERENCES plans (id)
    """,
    "plan_entries": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        plan_id bigint NOT NULL,
        kind varchar NOT NULL,
        note varchar NOT NULL,
        operation bigint,
        created_by bigint NOT NULL,
        author varchar NOT NULL,
        at timestamptz NOT NULL,
        version integer NOT NULL,
        division_path ltree NOT NULL,
        CONSTRAINT pk_plan_entries PRIMARY KEY (id),
        CONSTRAINT fk_plan_entries_plan_id_plans FOREIGN KEY (plan_id) REFERENCES plans (id)
    """,
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"CREATE INDEX gist_{table}_division_path ON {table} USING gist (division_path)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
    op.execute("CREATE INDEX ix_plan_operations_plan_id ON plan_operations (plan_id)")
    op.execute("CREATE INDEX ix_plan_entries_plan_id ON plan_entries (plan_id, id)")
    op.execute(f"GRANT UPDATE (base_day, state, head, changed_at, version) ON plans TO {APP}")
