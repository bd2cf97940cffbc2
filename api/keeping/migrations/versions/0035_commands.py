"""Commands of phones, done once each, and the stores that they come from.

A force sees its own in any division, as it sees its tasks; an author what they sent before they moved to another one.

Revision ID: 0035
"""

from alembic import op

revision = "0035"
down_revision: str | None = "0034"

APP = "maplebridge_app"

COMMANDS = """
CREATE TABLE commands (
    id uuid NOT NULL,
    user_id bigint NOT NULL,
    force_id bigint,
    device uuid NOT NULL,
    device_seq bigint NOT NULL,
    command varchar NOT NULL,
    subject varchar,
    task_id bigint,
    incident_id bigint,
    body json NOT NULL,
    digest bytea NOT NULL,
    device_at timestamptz NOT NULL,
    done_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    status varchar NOT NULL,
    code varchar,
    params json NOT NULL,
    version_after integer,
    case_code varchar,
    settled_at timestamptz,
    settled_by bigint,
    settled varchar,
    division_path ltree NOT NULL,
    CONSTRAINT pk_commands PRIMARY KEY (id)
)
"""
PHONES = """
CREATE TABLE phones (
    device uuid NOT NULL,
    user_id bigint NOT NULL,
    force_id bigint,
    began_at timestamptz NOT NULL,
    heard_at timestamptz NOT NULL,
    last_seq bigint NOT NULL,
    last_done_at timestamptz,
    heard bigint NOT NULL,
    unsent integer,
    ahead_s bigint NOT NULL,
    before_at timestamptz,
    division_path ltree NOT NULL,
    CONSTRAINT pk_phones PRIMARY KEY (device)
)
"""
INDEXES = (
    "CREATE UNIQUE INDEX uq_commands_device_seq ON commands (device, device_seq)",
    "CREATE INDEX ix_commands_received_at ON commands (received_at)",
    "CREATE INDEX ix_commands_task_id ON commands (task_id)",
    "CREATE INDEX gist_commands_division_path ON commands USING gist (division_path)",
    "CREATE INDEX ix_phones_force_id ON phones (force_id)",
    "CREATE INDEX ix_phones_user_id ON phones (user_id)",
    "CREATE INDEX gist_phones_division_path ON phones USING gist (division_path)",
)


def upgrade() -> None:
    op.execute(COMMANDS)
    op.execute(PHONES)
    for index in INDEXES:
        op.execute(index)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON commands TO {APP}")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON phones TO {APP}")
    for table in ("commands", "phones"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
        op.execute(f"CREATE POLICY own ON {table} USING (force_id = reach_force())")
