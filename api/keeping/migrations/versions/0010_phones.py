"""The datum of a force's device, and alarms: SOS calls of forces.

Revision ID: 0010
"""

from alembic import op

revision = "0010"
down_revision: str | None = "0009"

APP = "maplebridge_app"

DATUM = """
ALTER TABLE forces ADD COLUMN device_datum varchar,
    ADD CONSTRAINT ck_forces_device_datum_known CHECK (device_datum IN ('wgs84', 'gcj02', 'bd09'))
"""
TABLE = """
CREATE TABLE alarms (
    id bigint GENERATED ALWAYS AS IDENTITY,
    force_id bigint NOT NULL,
    name varchar NOT NULL,
    raised_at timestamptz NOT NULL,
    sent_at timestamptz NOT NULL,
    last_sent_at timestamptz NOT NULL,
    lon double precision,
    lat double precision,
    accuracy_m double precision,
    acknowledged_at timestamptz,
    acknowledged_by bigint,
    division_path ltree NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_alarms PRIMARY KEY (id),
    CONSTRAINT fk_alarms_force_id_forces FOREIGN KEY (force_id) REFERENCES forces (id) ON DELETE CASCADE
)
"""
INDEXES = (
    "CREATE UNIQUE INDEX uq_alarms_force_id_open ON alarms (force_id) WHERE acknowledged_at IS NULL",
    "CREATE INDEX ix_alarms_force_id_sent_at ON alarms (force_id, sent_at)",
    "CREATE INDEX ix_alarms_acknowledged_at ON alarms (acknowledged_at)",
    "CREATE INDEX gist_alarms_division_path ON alarms USING gist (division_path)",
)


def upgrade() -> None:
    op.execute(DATUM)
    op.execute(TABLE)
    for index in INDEXES:
        op.execute(index)
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON alarms TO {APP}")
    op.execute("ALTER TABLE alarms ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE alarms FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY scope ON alarms USING (division_path <@ reach_scope())")
    op.execute("CREATE POLICY own ON alarms USING (force_id = reach_force())")
