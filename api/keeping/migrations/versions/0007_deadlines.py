"""Deadlines: one table for everything that has a limit, and those of what is open already.

Revision ID: 0007
"""

from alembic import op

revision = "0007"
down_revision: str | None = "0006"

APP = "maplebridge_app"

TABLE = """
CREATE TABLE deadlines (
    subject varchar NOT NULL,
    subject_id bigint NOT NULL,
    kind varchar NOT NULL,
    started_at timestamptz NOT NULL,
    amount integer NOT NULL,
    unit varchar NOT NULL,
    warn_share double precision,
    due_at timestamptz NOT NULL,
    warn_at timestamptz,
    warned_at timestamptz,
    fired_at timestamptz,
    cancelled_at timestamptz,
    division_path ltree NOT NULL,
    CONSTRAINT pk_deadlines PRIMARY KEY (subject, subject_id, kind)
)
"""
INDEXES = (
    "CREATE INDEX ix_deadlines_due ON deadlines (due_at) WHERE fired_at IS NULL AND cancelled_at IS NULL",
    """
    CREATE INDEX ix_deadlines_warn ON deadlines (warn_at)
    WHERE fired_at IS NULL AND cancelled_at IS NULL AND warned_at IS NULL AND warn_at IS NOT NULL
    """,
    "DROP INDEX ix_tasks_unanswered",
)

ANSWERS = """
INSERT INTO deadlines (subject, subject_id, kind, started_at, amount, unit, due_at, division_path)
SELECT 'task', id, 'task.answer', assigned_at, extract(epoch FROM answer_due_at - assigned_at), 'second',
    answer_due_at, division_path
FROM tasks WHERE status = 'assigned' AND warned_at IS NULL
"""
FIRST_RESPONSES = """
INSERT INTO deadlines (subject, subject_id, kind, started_at, amount, unit, due_at, fired_at, division_path)
SELECT 'incident', id, 'incident.first_response', registered_at, extract(epoch FROM first_due_at - registered_at),
    'second', first_due_at, CASE WHEN first_due_at <= now() THEN first_due_at END, division_path
FROM incidents WHERE status = 'registered'
"""
"""Those that are overdue count as fired: the screens have shown them so for long, and a thousand events would say it
again."""

OF_OWN_TASKS = """
    subject = 'task' AND subject_id = ANY (ARRAY(SELECT own.id FROM tasks AS own WHERE own.force_id = reach_force()))
    OR subject = 'incident'
        AND subject_id = ANY (ARRAY(SELECT own.incident_id FROM tasks AS own WHERE own.force_id = reach_force()))
"""
"""A force that is sent across the border answers there, and what it does sets and cancels deadlines."""


def upgrade() -> None:
    op.execute(TABLE)
    for index in INDEXES:
        op.execute(index)
    for table, statement in (("tasks", ANSWERS), ("incidents", FIRST_RESPONSES)):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")  # The owner has no reach of its own.
        op.execute(statement)
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON deadlines TO {APP}")
    op.execute("ALTER TABLE deadlines ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE deadlines FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY scope ON deadlines USING (division_path <@ reach_scope())")
    op.execute(f"CREATE POLICY own ON deadlines USING ({OF_OWN_TASKS})")
