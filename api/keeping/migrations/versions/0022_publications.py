"""Publications of plans, and what changed hands by each.

A publication says from which day a plan's lines are in force, which codes its new divisions get, and what was ended.
Transfers are only ever added. No two versions of a division are in force on one day, and none begins where another
leaves a hole: see the constraint of `divisions`, and `plan_publications.lines`.

Revision ID: 0022
"""

from alembic import op

revision = "0022"
down_revision: str | None = "0021"

APP = "maplebridge_app"
STATES = "'draft', 'submitted', 'returned', 'approved', 'scheduled', 'published', 'withdrawn'"

TABLES = {
    "plan_publications": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        plan_id bigint NOT NULL,
        division_path ltree NOT NULL,
        first_day date NOT NULL,
        codes jsonb NOT NULL,
        posts jsonb NOT NULL,
        created_by bigint NOT NULL,
        author varchar NOT NULL,
        at timestamptz NOT NULL,
        applied_at timestamptz,
        ended_at timestamptz,
        lines jsonb NOT NULL,
        CONSTRAINT pk_plan_publications PRIMARY KEY (id),
        CONSTRAINT fk_plan_publications_plan_id_plans FOREIGN KEY (plan_id) REFERENCES plans (id)
    """,
    "plan_transfers": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        publication_id bigint NOT NULL,
        thing varchar NOT NULL,
        subject_id bigint NOT NULL,
        by varchar NOT NULL,
        from_path ltree NOT NULL,
        to_path ltree NOT NULL,
        division_path ltree NOT NULL,
        CONSTRAINT pk_plan_transfers PRIMARY KEY (id),
        CONSTRAINT uq_plan_transfers_publication_id_thing_subject_id UNIQUE (publication_id, thing, subject_id),
        CONSTRAINT fk_plan_transfers_publication_id_plan_publications
            FOREIGN KEY (publication_id) REFERENCES plan_publications (id)
    """,
}

CODES = """
CREATE FUNCTION codes_ever() RETURNS TABLE (code varchar) LANGUAGE plpgsql AS $$
DECLARE
    own text := current_setting('maplebridge.scope', true);
BEGIN
    IF reach_scope() IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('maplebridge.scope', subpath(reach_scope(), 0, 1)::text, true);
    RETURN QUERY
        SELECT d.code FROM divisions AS d
        UNION
        SELECT given.value::varchar FROM plan_publications AS p, jsonb_each_text(p.codes) AS given;
    PERFORM set_config('maplebridge.scope', own, true);
END
$$
"""
"""Every code that a division has, had or will have, in the whole county: none is used twice, though a code may have
moved beyond the reach of who publishes. An error ends the transaction, and with it the wider reach."""


def upgrade() -> None:
    op.execute("ALTER TABLE plans DROP CONSTRAINT ck_plans_state_known")
    op.execute(f"ALTER TABLE plans ADD CONSTRAINT ck_plans_state_known CHECK (state IN ({STATES}))")
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"CREATE INDEX gist_{table}_division_path ON {table} USING gist (division_path)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
    op.execute(
        "CREATE UNIQUE INDEX uq_plan_publications_plan_id_open ON plan_publications (plan_id) WHERE ended_at IS NULL"
    )
    op.execute(f"GRANT UPDATE (applied_at, ended_at, lines) ON plan_publications TO {APP}")
    op.execute(CODES)
