"""Web Push subscriptions of phones, and what is sent of tasks by them and by the keeper's hook.

Neither has a division: a subscription is its session's, and messages are read by the server's own loop alone.

Revision ID: 0041
"""

from alembic import op

revision = "0041"
down_revision: str | None = "0040"

APP = "maplebridge_app"

SUBSCRIPTIONS = """
CREATE TABLE push_subscriptions (
    id bigint GENERATED ALWAYS AS IDENTITY,
    session_id bigint NOT NULL,
    endpoint varchar NOT NULL,
    p256dh bytea NOT NULL,
    auth bytea NOT NULL,
    language varchar NOT NULL,
    made_at timestamptz NOT NULL,
    proven_at timestamptz,
    accepted_at timestamptz,
    failing_since timestamptz,
    fault varchar,
    CONSTRAINT pk_push_subscriptions PRIMARY KEY (id),
    CONSTRAINT uq_push_subscriptions_session_id UNIQUE (session_id),
    CONSTRAINT uq_push_subscriptions_endpoint UNIQUE (endpoint),
    CONSTRAINT fk_push_subscriptions_session_id_sessions
        FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE
)
"""
MESSAGES = """
CREATE TABLE task_messages (
    id bigint GENERATED ALWAYS AS IDENTITY,
    about varchar NOT NULL,
    task_id bigint,
    subscription_id bigint,
    made_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    leased_until timestamptz,
    attempts smallint NOT NULL,
    fault varchar,
    sent_at timestamptz,
    failed_at timestamptz,
    shown_at timestamptz,
    CONSTRAINT pk_task_messages PRIMARY KEY (id),
    CONSTRAINT ck_task_messages_about_known CHECK (about IN ('sent', 'recalled', 'test')),
    CONSTRAINT uq_task_messages_task_id UNIQUE NULLS NOT DISTINCT (task_id, about, subscription_id),
    CONSTRAINT fk_task_messages_task_id_tasks FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT fk_task_messages_subscription_id_push_subscriptions
        FOREIGN KEY (subscription_id) REFERENCES push_subscriptions (id) ON DELETE CASCADE
)
"""
INDEXES = (
    "CREATE INDEX ix_task_messages_waiting ON task_messages (id) WHERE sent_at IS NULL AND failed_at IS NULL",
    "CREATE INDEX ix_task_messages_subscription_id ON task_messages (subscription_id)",
)
PRESENCES = "ALTER TABLE presences ADD COLUMN notified_task_id bigint, ADD COLUMN notified_at timestamptz"


def upgrade() -> None:
    op.execute(SUBSCRIPTIONS)
    op.execute(MESSAGES)
    for index in INDEXES:
        op.execute(index)
    op.execute(PRESENCES)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON push_subscriptions, task_messages TO {APP}")
