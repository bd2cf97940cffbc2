"""The follow-up of ended cases, entries of monthly lists, and marks on checklists.

A case is drawn for its follow-up once: its row is never deleted. What a draw has counted is the place's, without a
division.

Revision ID: 0028
"""

from alembic import op

revision = "0028"
down_revision: str | None = "0027"

APP = "maplebridge_app"

TABLES = {
    "case_follow_ups": """
        incident_id bigint NOT NULL,
        draw varchar NOT NULL,
        period varchar NOT NULL,
        number integer,
        share varchar NOT NULL,
        drawn_at timestamptz NOT NULL,
        standing varchar NOT NULL,
        unit varchar NOT NULL,
        due_at timestamptz,
        ask_by timestamptz,
        tries smallint NOT NULL,
        way varchar,
        answers jsonb NOT NULL,
        note varchar NOT NULL,
        satisfied varchar,
        asked_at timestamptz,
        asked_by bigint,
        dissatisfied_at timestamptz,
        dissatisfied_times smallint NOT NULL,
        mended_at timestamptz,
        division_path ltree NOT NULL,
        CONSTRAINT pk_case_follow_ups PRIMARY KEY (incident_id),
        CONSTRAINT fk_case_follow_ups_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents (id)
    """,
    "list_entries": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        code varchar NOT NULL,
        month varchar NOT NULL,
        rule varchar NOT NULL,
        incident_id bigint,
        title varchar NOT NULL,
        note varchar NOT NULL,
        made_at timestamptz NOT NULL,
        made_by bigint NOT NULL,
        unit varchar,
        request varchar NOT NULL,
        handed_at timestamptz,
        handed_by bigint,
        answer_due_at timestamptz,
        answer varchar,
        answered_at timestamptz,
        answered_by bigint,
        division_path ltree NOT NULL,
        version integer NOT NULL,
        CONSTRAINT pk_list_entries PRIMARY KEY (id),
        CONSTRAINT fk_list_entries_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents (id)
    """,
    "checklist_marks": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        checklist varchar NOT NULL,
        item varchar NOT NULL,
        unit varchar NOT NULL,
        day date NOT NULL,
        met boolean NOT NULL,
        note varchar NOT NULL,
        marked_at timestamptz NOT NULL,
        marked_by bigint NOT NULL,
        division_path ltree NOT NULL,
        CONSTRAINT pk_checklist_marks PRIMARY KEY (id)
    """,
}
INDEXES = (
    "CREATE INDEX ix_case_follow_ups_due ON case_follow_ups (standing, due_at)",
    "CREATE INDEX ix_case_follow_ups_period ON case_follow_ups (period, draw)",
    """
    CREATE UNIQUE INDEX uq_list_entries_incident ON list_entries (code, month, incident_id)
    WHERE incident_id IS NOT NULL
    """,
    "CREATE INDEX ix_checklist_marks_item ON checklist_marks (unit, checklist, item, id)",
    "CREATE INDEX ix_list_entries_month ON list_entries (code, month, id)",
    "CREATE INDEX ix_list_entries_waiting ON list_entries (unit) WHERE answered_at IS NULL",
)
UPDATES = {
    "case_follow_ups": "standing, unit, due_at, ask_by, tries, way, answers, note, satisfied, asked_at, asked_by, "
    "dissatisfied_at, dissatisfied_times, mended_at, division_path",
    "list_entries": "unit, request, handed_at, handed_by, answer_due_at, answer, answered_at, answered_by, "
    "division_path, version",
}
"""What the server's role may change: never how a case was drawn, what an entry says, or what was marked."""

OWN_INCIDENTS = "ANY (ARRAY(SELECT own.incident_id FROM tasks AS own WHERE own.force_id = reach_force()))"


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"CREATE INDEX gist_{table}_division_path ON {table} USING gist (division_path)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
        if table in UPDATES:
            op.execute(f"GRANT UPDATE ({UPDATES[table]}) ON {table} TO {APP}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
    for index in INDEXES:
        op.execute(index)
    op.execute(f"CREATE POLICY own ON case_follow_ups USING (incident_id = {OWN_INCIDENTS})")
    op.execute(
        """
        CREATE POLICY own_follow_ups ON deadlines USING (subject = 'follow_up' AND subject_id = ANY (ARRAY(
            SELECT own.incident_id FROM tasks AS own WHERE own.force_id = reach_force()
        )))
        """
    )
    op.execute(
        """
        CREATE TABLE follow_up_counts (
            draw varchar NOT NULL,
            period varchar NOT NULL,
            counted integer NOT NULL,
            CONSTRAINT pk_follow_up_counts PRIMARY KEY (draw, period)
        )
        """
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON follow_up_counts TO {APP}")
