"""Cases of incidents, the units called to help with them, and the versions of packs that cases run under.

A version of a pack is never changed or dropped: old cases name it. A force sees the case of the incident it is sent to.

Revision ID: 0026
"""

from alembic import op

revision = "0026"
down_revision: str | None = "0025"

APP = "maplebridge_app"

TABLES = {
    "cases": """
        incident_id bigint NOT NULL,
        pack_version varchar NOT NULL,
        flow varchar NOT NULL,
        stage varchar NOT NULL,
        lane varchar NOT NULL,
        level varchar NOT NULL,
        unit varchar NOT NULL,
        post_id bigint,
        accepted boolean NOT NULL,
        offer_unit varchar,
        offer_post_id bigint,
        first_unit varchar NOT NULL,
        first_post_id bigint,
        procedure varchar,
        outcome varchar,
        paused boolean NOT NULL,
        due_limit varchar,
        due_at timestamptz,
        opened_at timestamptz NOT NULL,
        ended_at timestamptz,
        state jsonb NOT NULL,
        fold varchar NOT NULL,
        division_path ltree NOT NULL,
        version integer NOT NULL,
        CONSTRAINT pk_cases PRIMARY KEY (incident_id),
        CONSTRAINT fk_cases_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents (id),
        CONSTRAINT fk_cases_pack_version_packs FOREIGN KEY (pack_version) REFERENCES packs (version)
    """,
    "case_units": """
        incident_id bigint NOT NULL,
        unit varchar NOT NULL,
        status varchar NOT NULL,
        called_at timestamptz NOT NULL,
        ended_at timestamptz,
        division_path ltree NOT NULL,
        CONSTRAINT pk_case_units PRIMARY KEY (incident_id, unit),
        CONSTRAINT fk_case_units_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents (id)
    """,
}
INDEXES = (
    "CREATE INDEX ix_cases_unit ON cases (unit) WHERE ended_at IS NULL",
    "CREATE INDEX ix_cases_offer_unit ON cases (offer_unit) WHERE offer_unit IS NOT NULL",
    "CREATE INDEX ix_cases_first_unit ON cases (first_unit) WHERE ended_at IS NULL",
    "CREATE INDEX ix_cases_stage ON cases (stage, incident_id)",
    "CREATE INDEX ix_cases_due_at ON cases (due_at) WHERE ended_at IS NULL",
    "CREATE INDEX ix_cases_ended_at ON cases (ended_at)",
    "CREATE INDEX ix_cases_post_id ON cases (post_id) WHERE ended_at IS NULL AND post_id IS NOT NULL",
    "CREATE INDEX ix_case_units_unit ON case_units (unit) WHERE ended_at IS NULL",
)
OWN_INCIDENTS = "ANY (ARRAY(SELECT own.incident_id FROM tasks AS own WHERE own.force_id = reach_force()))"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE packs (
            version varchar NOT NULL,
            key varchar NOT NULL,
            content jsonb NOT NULL,
            first_used_at timestamptz NOT NULL,
            CONSTRAINT pk_packs PRIMARY KEY (version)
        )
        """
    )
    op.execute(f"GRANT SELECT, INSERT ON packs TO {APP}")
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"CREATE INDEX gist_{table}_division_path ON {table} USING gist (division_path)")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {APP}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
        op.execute(f"CREATE POLICY own ON {table} USING (incident_id = {OWN_INCIDENTS})")
    for index in INDEXES:
        op.execute(index)
