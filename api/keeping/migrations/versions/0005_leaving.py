"""The feed names the forces that see an entity wherever it lies, and says who no longer sees it.

A row of `feed_outbox` has the new state, and in `left_path` and `left_force_ids` who saw the old one. In `feed_log`
that is two rows: the new state for those who see it, and one without a body, in the reach that saw the old state.
`kept_path` and `kept_force_ids` of the second say who is not to hear of it, since they see the new state.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision: str | None = "0004"

OWN_FORCE = "reach_force() = ANY (force_ids)"
LEFT = "left_path <@ reach_scope() OR reach_force() = ANY (left_force_ids)"
"""A patrol that finishes its task announces the state of an incident which it then sees no more."""

FORCES_ON = """
CREATE FUNCTION forces_on(incident bigint) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    own text := current_setting('maplebridge.scope', true);
BEGIN
    IF reach_scope() IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('maplebridge.scope', subpath(reach_scope(), 0, 1)::text, true);
    RETURN QUERY SELECT force_id FROM tasks WHERE active AND incident_id = incident;
    PERFORM set_config('maplebridge.scope', own, true);
END
$$
"""
"""The forces that have an active task at an incident. A force that changes an incident in another town does not see the
tasks of others there, and these must hear of the change."""


def upgrade() -> None:
    op.execute(FORCES_ON)
    for table in ("feed_outbox", "feed_log"):
        op.execute(f"DROP POLICY own ON {table}")
        # Rewriting the column is no UPDATE: row-level security, which is forced on the owner too, hides no row from it.
        op.execute(f"""
            ALTER TABLE {table} ALTER COLUMN force_id TYPE bigint[]
            USING CASE WHEN force_id IS NULL THEN '{{}}' ELSE ARRAY[force_id] END
        """)
        op.execute(f"ALTER TABLE {table} RENAME COLUMN force_id TO force_ids")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN force_ids SET DEFAULT '{{}}'")
        op.execute(f"ALTER TABLE {table} ALTER COLUMN force_ids SET NOT NULL")
        op.execute(f"CREATE POLICY own ON {table} USING ({OWN_FORCE})")
    op.execute("""
        ALTER TABLE feed_outbox
        ADD COLUMN left_path ltree, ADD COLUMN left_force_ids bigint[] NOT NULL DEFAULT '{}'
    """)
    op.execute(f"CREATE POLICY leaving ON feed_outbox FOR INSERT WITH CHECK ({LEFT})")
    op.execute("""
        ALTER TABLE feed_log
        ALTER COLUMN body DROP NOT NULL, ADD COLUMN kept_path ltree, ADD COLUMN kept_force_ids bigint[]
    """)
    op.execute("CREATE INDEX ix_feed_log_gone ON feed_log (kind, at) WHERE body IS NULL")
    op.execute("ALTER TABLE feed_log ADD CONSTRAINT ck_feed_log_gone CHECK ((body IS NULL) = (kept_path IS NOT NULL))")
