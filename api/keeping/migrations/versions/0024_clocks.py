"""Clocks of cases with their pauses and what they gave notice of; notices and their sending.

The server's role may stop, pause and extend a clock and count its dates again, but neither delete one nor change what
it gave notice of.

Revision ID: 0024
"""

from alembic import op

revision = "0024"
down_revision: str | None = "0023"

APP = "maplebridge_app"

TABLES = {
    "clock_contents": """
        digest varchar NOT NULL,
        term jsonb NOT NULL,
        hours jsonb,
        CONSTRAINT pk_clock_contents PRIMARY KEY (digest)
    """,
    "calendar_years": """
        year smallint NOT NULL,
        announced boolean NOT NULL,
        days jsonb NOT NULL,
        counted_at timestamptz NOT NULL,
        CONSTRAINT pk_calendar_years PRIMARY KEY (year)
    """,
    "clocks": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        incident_id bigint NOT NULL,
        code varchar NOT NULL,
        limit_code varchar NOT NULL,
        unit_code varchar,
        content varchar NOT NULL,
        pack_version varchar NOT NULL,
        started_at timestamptz NOT NULL,
        started_day date NOT NULL,
        amount integer NOT NULL,
        unit varchar NOT NULL,
        extended integer NOT NULL,
        extensions smallint NOT NULL,
        generation smallint NOT NULL,
        due_at timestamptz NOT NULL,
        due_day date NOT NULL,
        warn_at timestamptz,
        last_day date NOT NULL,
        moments jsonb NOT NULL,
        unannounced smallint[] NOT NULL,
        paused_at timestamptz,
        stopped_at timestamptz,
        outcome varchar,
        division_path ltree NOT NULL,
        CONSTRAINT pk_clocks PRIMARY KEY (id),
        CONSTRAINT fk_clocks_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents (id),
        CONSTRAINT fk_clocks_content_clock_contents FOREIGN KEY (content) REFERENCES clock_contents (digest)
    """,
    "clock_pauses": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        incident_id bigint NOT NULL,
        clock_id bigint,
        reason varchar NOT NULL,
        paused_at timestamptz NOT NULL,
        resumed_at timestamptz,
        division_path ltree NOT NULL,
        CONSTRAINT pk_clock_pauses PRIMARY KEY (id),
        CONSTRAINT fk_clock_pauses_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents (id),
        CONSTRAINT fk_clock_pauses_clock_id_clocks FOREIGN KEY (clock_id) REFERENCES clocks (id)
    """,
    "clock_marks": """
        clock_id bigint NOT NULL,
        moment varchar NOT NULL,
        generation smallint NOT NULL,
        at timestamptz NOT NULL,
        noticed boolean NOT NULL,
        division_path ltree NOT NULL,
        CONSTRAINT pk_clock_marks PRIMARY KEY (clock_id, moment, generation),
        CONSTRAINT fk_clock_marks_clock_id_clocks FOREIGN KEY (clock_id) REFERENCES clocks (id)
    """,
    "notices": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        key varchar NOT NULL,
        kind varchar NOT NULL,
        incident_id bigint,
        case_code varchar,
        to_unit varchar,
        to_post bigint,
        to_force bigint,
        from_unit varchar,
        from_post bigint,
        made_by bigint,
        body jsonb NOT NULL,
        note varchar NOT NULL,
        urgent boolean NOT NULL,
        made_at timestamptz NOT NULL,
        shown_at timestamptz NOT NULL,
        read_at timestamptz,
        read_by bigint,
        answer_due_at timestamptz,
        answered_at timestamptz,
        answered_by bigint,
        answer varchar,
        division_path ltree NOT NULL,
        CONSTRAINT pk_notices PRIMARY KEY (id),
        CONSTRAINT uq_notices_key UNIQUE (key),
        CONSTRAINT fk_notices_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents (id),
        CONSTRAINT fk_notices_to_force_forces FOREIGN KEY (to_force) REFERENCES forces (id)
    """,
    "notice_sendings": """
        notice_id bigint NOT NULL,
        sender varchar NOT NULL,
        queue varchar NOT NULL,
        next_at timestamptz NOT NULL,
        leased_until timestamptz,
        attempts smallint NOT NULL,
        fault varchar,
        sent_at timestamptz,
        failed_at timestamptz,
        division_path ltree NOT NULL,
        CONSTRAINT pk_notice_sendings PRIMARY KEY (notice_id, sender),
        CONSTRAINT fk_notice_sendings_notice_id_notices FOREIGN KEY (notice_id) REFERENCES notices (id)
    """,
}

INDEXES = (
    "CREATE INDEX ix_clocks_incident_id ON clocks (incident_id)",
    "CREATE INDEX ix_clocks_open_due ON clocks (due_at) WHERE stopped_at IS NULL AND paused_at IS NULL",
    "CREATE INDEX ix_clocks_open_days ON clocks (started_day, last_day) WHERE stopped_at IS NULL",
    "CREATE INDEX gist_clocks_division_path ON clocks USING gist (division_path)",
    "CREATE INDEX ix_clock_pauses_incident_id ON clock_pauses (incident_id)",
    "CREATE INDEX gist_clock_pauses_division_path ON clock_pauses USING gist (division_path)",
    "CREATE INDEX gist_clock_marks_division_path ON clock_marks USING gist (division_path)",
    "CREATE INDEX ix_notices_incident_id ON notices (incident_id)",
    "CREATE INDEX ix_notices_to_unit ON notices (to_unit, id)",
    "CREATE INDEX ix_notices_to_post ON notices (to_post, id)",
    "CREATE INDEX ix_notices_to_force ON notices (to_force, id)",
    "CREATE INDEX gist_notices_division_path ON notices USING gist (division_path)",
    """
    CREATE INDEX ix_notice_sendings_waiting ON notice_sendings (sender, queue, notice_id)
    WHERE sent_at IS NULL AND failed_at IS NULL
    """,
)

UPDATES = {
    "calendar_years": "announced, days, counted_at",
    "clocks": "content, pack_version, started_at, started_day, amount, unit, extended, extensions, generation, due_at, "
    "due_day, warn_at, last_day, moments, unannounced, paused_at, stopped_at, outcome, division_path",
    "clock_pauses": "resumed_at, division_path",
    "notices": "shown_at, read_at, read_by, answered_at, answered_by, answer",
    "notice_sendings": "next_at, leased_until, attempts, fault, sent_at, failed_at",
}
"""What the server's role may change. History is only ever added to."""

OWN_INCIDENTS = "ANY (ARRAY(SELECT own.incident_id FROM tasks AS own WHERE own.force_id = reach_force()))"
OWN = {
    "clocks": f"incident_id = {OWN_INCIDENTS}",
    "clock_pauses": f"incident_id = {OWN_INCIDENTS}",
    "notices": "to_force = reach_force()",
}
"""A force that is sent across the border ends there what it was sent for, and with it the clocks."""

OWN_CLOCKS = f"""
CREATE POLICY own_clocks ON deadlines USING (subject = 'clock' AND subject_id = ANY (ARRAY(
    SELECT clocks.id FROM clocks WHERE clocks.incident_id = {OWN_INCIDENTS}
)))
"""
SCOPED = ("clocks", "clock_pauses", "clock_marks", "notices", "notice_sendings")


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
    for index in INDEXES:
        op.execute(index)
    for table, columns in UPDATES.items():
        op.execute(f"GRANT UPDATE ({columns}) ON {table} TO {APP}")
    for table in SCOPED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
    for table, rule in OWN.items():
        op.execute(f"CREATE POLICY own ON {table} USING ({rule})")
    op.execute(OWN_CLOCKS)
