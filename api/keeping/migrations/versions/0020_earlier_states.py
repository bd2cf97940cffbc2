"""The state in which each entity was when the kept part of the feed begins, so that a replay knows it from then on.

Before a part of the log is dropped, the last state of each entity in it is kept. What ended two days before is
forgotten: no snapshot shows it any more. Row-level security is forced on the states: a caller with less reach than the
root's drops nothing, rather than states that it may not write.

Revision ID: 0020
"""

from alembic import op

revision = "0020"
down_revision: str | None = "0019"

APP = "maplebridge_app"

STATES = """
CREATE TABLE earlier_states (
    kind varchar NOT NULL,
    entity_id bigint NOT NULL,
    version integer NOT NULL,
    division_path ltree NOT NULL,
    body jsonb NOT NULL,
    CONSTRAINT pk_earlier_states PRIMARY KEY (kind, entity_id)
)
"""

DROP_PARTITIONS = """
CREATE OR REPLACE FUNCTION drop_partitions(of_table text, before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $$
DECLARE
    part record;
    dropped integer := 0;
    keeping text := $keeping$
        INSERT INTO earlier_states (kind, entity_id, version, division_path, body)
        SELECT DISTINCT ON (kind, entity_id) kind, entity_id, version, division_path, body
        FROM %s WHERE at < %L AND body IS NOT NULL
        ORDER BY kind, entity_id, version DESC
        ON CONFLICT (kind, entity_id) DO UPDATE
        SET version = excluded.version, division_path = excluded.division_path, body = excluded.body
        WHERE earlier_states.version <= excluded.version
    $keeping$;
BEGIN
    IF of_table NOT IN ('feed_log', 'fixes') THEN
        RAISE EXCEPTION 'a table that is kept: %', of_table;
    END IF;
    IF before > current_date THEN
        RAISE EXCEPTION 'not over yet: %', before;
    END IF;
    FOR part IN
        SELECT c.oid::regclass AS name,
            substring(pg_get_expr(c.relpartbound, c.oid) FROM $bound$TO \\('([^']+)'\\)$bound$)::timestamptz AS next
        FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
        WHERE inhparent = to_regclass(of_table)
    LOOP
        CONTINUE WHEN part.next IS NULL OR part.next > before;
        IF of_table = 'feed_log' THEN
            EXECUTE format(keeping, part.name, before);
        END IF;
        EXECUTE format('DROP TABLE %s', part.name);
        dropped := dropped + 1;
    END LOOP;
    IF of_table = 'feed_log' THEN
        EXECUTE format(keeping, 'feed_log_default', before);
        DELETE FROM earlier_states
        WHERE coalesce(body ->> 'closed_at', body ->> 'ended_at', body ->> 'acknowledged_at')::timestamptz
            < before - interval '2 days';
    END IF;
    -- Here the owner acts for itself: the default partition does not FORCE row-level security on its owner.
    EXECUTE format('DELETE FROM %I WHERE %I < %L', of_table || '_default',
        CASE of_table WHEN 'fixes' THEN 'received_at' ELSE 'at' END, before);
    RETURN dropped;
END $$
"""

WAITING_CHANGES = """
CREATE FUNCTION waiting_changes() RETURNS TABLE (kind varchar, entity_id bigint, version integer)
LANGUAGE plpgsql AS $$
DECLARE
    own text := current_setting('maplebridge.scope', true);
BEGIN
    IF reach_scope() IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('maplebridge.scope', subpath(reach_scope(), 0, 1)::text, true);
    RETURN QUERY SELECT o.kind, o.entity_id, min(o.version) FROM feed_outbox AS o GROUP BY o.kind, o.entity_id;
    PERFORM set_config('maplebridge.scope', own, true);
END
$$
"""
"""Which entities have changed, wherever, and have no position for it yet: one that leaves a town is still shown there.
Of those beyond the reach this alone is told. An error ends the transaction, and with it the wider reach."""


def upgrade() -> None:
    op.execute(STATES)
    op.execute("CREATE INDEX gist_earlier_states_division_path ON earlier_states USING gist (division_path)")
    op.execute(f"GRANT SELECT, INSERT ON earlier_states TO {APP}")
    op.execute("ALTER TABLE earlier_states ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE earlier_states FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY scope ON earlier_states USING (division_path <@ reach_scope())")
    op.execute(DROP_PARTITIONS)
    op.execute(WAITING_CHANGES)
