"""Levels and turning cameras, what the video platform said of them, key areas, and views of cameras for a case.

Revision ID: 0038
"""

from alembic import op

revision = "0038"
down_revision: str | None = "0037"

APP = "maplebridge_app"

CAMERAS = """
ALTER TABLE cameras
    ADD COLUMN level integer NOT NULL DEFAULT 1 CONSTRAINT ck_cameras_level_of_three CHECK (level BETWEEN 1 AND 3),
    ADD COLUMN ptz boolean NOT NULL DEFAULT false
"""
STATES = """
CREATE TABLE camera_states (
    camera_id bigint NOT NULL,
    online boolean NOT NULL,
    said_at timestamptz NOT NULL,
    heard_at timestamptz,
    CONSTRAINT pk_camera_states PRIMARY KEY (camera_id),
    CONSTRAINT fk_camera_states_camera_id_cameras FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
)
"""
KEY_AREAS = """
CREATE TABLE key_areas (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code varchar NOT NULL,
    kind varchar NOT NULL,
    name varchar NOT NULL,
    geom geometry(MULTIPOLYGON, 4326) NOT NULL,
    division_path ltree NOT NULL,
    CONSTRAINT pk_key_areas PRIMARY KEY (id),
    CONSTRAINT uq_key_areas_code UNIQUE (code)
)
"""
VIEWINGS = """
CREATE TABLE viewings (
    id bigint GENERATED ALWAYS AS IDENTITY,
    camera_id bigint NOT NULL,
    camera_code varchar NOT NULL,
    camera_name varchar NOT NULL,
    incident_id bigint,
    case_code varchar,
    user_id bigint NOT NULL,
    username varchar NOT NULL,
    reason varchar NOT NULL,
    minutes integer NOT NULL,
    asked_at timestamptz NOT NULL,
    refusal varchar,
    granted_at timestamptz,
    expires_at timestamptz,
    declined_at timestamptz,
    decided_by bigint,
    decider varchar,
    opened_at timestamptz,
    opens integer NOT NULL,
    division_path ltree NOT NULL,
    CONSTRAINT pk_viewings PRIMARY KEY (id),
    CONSTRAINT ck_viewings_for_a_case CHECK (refusal IS NOT NULL OR incident_id IS NOT NULL),
    CONSTRAINT ck_viewings_granted_ends CHECK ((granted_at IS NULL) = (expires_at IS NULL)),
    CONSTRAINT ck_viewings_one_answer CHECK (num_nonnulls(refusal, granted_at, declined_at) <= 1)
)
"""
OF_CAMERA = "EXISTS (SELECT FROM cameras WHERE cameras.id = camera_id)"
"""A state is seen by those who see its camera, wherever lines put it."""
DECIDED = "granted_at, expires_at, declined_at, decided_by, decider, opened_at, opens"
"""What happens to a request after it was made. The rest of the record stays as it was written."""
SCOPED = ("key_areas", "viewings")


def upgrade() -> None:
    op.execute(CAMERAS)
    for table in (STATES, KEY_AREAS, VIEWINGS):
        op.execute(table)
    op.execute("CREATE INDEX gist_key_areas_geom ON key_areas USING gist (geom)")
    op.execute("CREATE INDEX ix_viewings_incident_id ON viewings (incident_id)")
    for table in SCOPED:
        op.execute(f"CREATE INDEX gist_{table}_division_path ON {table} USING gist (division_path)")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
    for table in ("camera_states", "key_areas"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {APP}")
    op.execute("ALTER TABLE camera_states ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE camera_states FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY seen ON camera_states USING ({OF_CAMERA})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ({DECIDED}) ON viewings TO {APP}")
