"""Attachments of incidents. Their bytes are in a store beside the database; rows are only added.

Revision ID: 0036
"""

from alembic import op

revision = "0036"
down_revision: str | None = "0035"

APP = "maplebridge_app"

ATTACHMENTS = """
CREATE TABLE attachments (
    id uuid NOT NULL,
    number bigint GENERATED ALWAYS AS IDENTITY,
    incident_id bigint NOT NULL,
    task_id bigint,
    force_id bigint,
    kind varchar NOT NULL,
    origin varchar NOT NULL,
    media_type varchar NOT NULL,
    sent_digest varchar NOT NULL,
    digest varchar NOT NULL,
    thumbnail_digest varchar,
    size_bytes bigint NOT NULL,
    width integer,
    height integer,
    seconds double precision,
    geom geometry(POINT, 4326),
    accuracy_m double precision,
    place_age_s double precision,
    taken_at timestamptz,
    clock_off_s double precision,
    received_at timestamptz NOT NULL,
    sent_by bigint NOT NULL,
    sender varchar NOT NULL,
    division_path ltree NOT NULL,
    CONSTRAINT pk_attachments PRIMARY KEY (id),
    CONSTRAINT uq_attachments_number UNIQUE (number),
    CONSTRAINT ck_attachments_kind_known CHECK (kind IN ('photo', 'voice', 'paper')),
    CONSTRAINT ck_attachments_gallery_claims_nothing
        CHECK (origin <> 'gallery' OR (geom IS NULL AND taken_at IS NULL)),
    CONSTRAINT fk_attachments_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents (id),
    CONSTRAINT fk_attachments_task_id_tasks FOREIGN KEY (task_id) REFERENCES tasks (id)
)
"""
INDEXES = (
    "CREATE INDEX ix_attachments_incident_id ON attachments (incident_id)",
    "CREATE INDEX ix_attachments_digest ON attachments (digest)",
    "CREATE INDEX ix_attachments_thumbnail_digest ON attachments (thumbnail_digest)",
    "CREATE INDEX gist_attachments_division_path ON attachments USING gist (division_path)",
)
LOOKS_AT_OWN = """
CREATE POLICY own_attachments ON looks USING (
    subject IN ('incident.attachment', 'incident.thumbnail')
    AND EXISTS (SELECT FROM attachments WHERE number = looks.entity_id AND force_id = reach_force())
)
"""
"""A force looks at what it has sent from another town, and that look is recorded, too."""


def upgrade() -> None:
    op.execute(ATTACHMENTS)
    for index in INDEXES:
        op.execute(index)
    op.execute(f"GRANT SELECT, INSERT, UPDATE (division_path) ON attachments TO {APP}")
    op.execute("ALTER TABLE attachments ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE attachments FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY scope ON attachments USING (division_path <@ reach_scope())")
    op.execute("CREATE POLICY own ON attachments USING (force_id = reach_force())")
    op.execute(LOOKS_AT_OWN)
