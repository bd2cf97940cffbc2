"""Partitions by day and month for what grows, and two functions that add and drop them.

The app role owns no table, so it cannot make a partition itself: the functions do it with their owner's right, for
these three tables alone. Rows for which no partition was made in time fall into a default one and are never refused.

Both lock the whole table for a moment, and whoever comes meanwhile queues behind them. So they wait for a transaction
that is open only a fifth of a second, and then give up and are called again: a long one, such as a backup's, would
otherwise make everybody wait.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision: str | None = "0002"

APP = "maplebridge_app"
PARTITIONED = ("feed_log", "fixes", "timeline")

FUNCTIONS = """
CREATE FUNCTION add_partitions(today date, days_ahead integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $$
DECLARE
    part record;
BEGIN
    FOR part IN
        SELECT parent, to_char(day, '_YYYYMMDD') AS suffix, day AS first, day + interval '1 day' AS next
        FROM unnest(ARRAY['feed_log', 'fixes']) AS parent, generate_series(today, today + days_ahead, '1 day') AS day
        UNION ALL
        SELECT DISTINCT 'timeline', to_char(day, '_YYYYMM'), date_trunc('month', day),
            date_trunc('month', day) + interval '1 month'
        FROM generate_series(today, today + days_ahead, '1 day') AS day
    LOOP
        CONTINUE WHEN to_regclass(part.parent || part.suffix) IS NOT NULL;
        IF part.parent = 'timeline' THEN
            -- Its reference needs this lock. Actions lock an incident before they write its timeline: in the other
            -- order the two would wait for each other.
            LOCK TABLE incidents IN SHARE ROW EXCLUSIVE MODE;
        END IF;
        BEGIN
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                part.parent || part.suffix, part.parent, part.first, part.next);
            EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part.parent || part.suffix);
        EXCEPTION WHEN check_violation THEN
            NULL; -- The default partition has rows of these days already, and keeps them.
        END;
    END LOOP;
END $$;

CREATE FUNCTION drop_partitions(of_table text, before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $$
DECLARE
    part record;
    dropped integer := 0;
BEGIN
    IF of_table NOT IN ('feed_log', 'fixes', 'timeline') THEN
        RAISE EXCEPTION 'not a partitioned table: %', of_table;
    END IF;
    FOR part IN
        SELECT c.oid::regclass AS name,
            substring(pg_get_expr(c.relpartbound, c.oid) FROM $bound$TO \\('([^']+)'\\)$bound$)::timestamptz AS next
        FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
        WHERE inhparent = to_regclass(of_table)
    LOOP
        CONTINUE WHEN part.next IS NULL OR part.next > before;
        EXECUTE format('DROP TABLE %s', part.name);
        dropped := dropped + 1;
    END LOOP;
    -- Here the owner acts for itself: the default partition does not FORCE row-level security on its owner.
    EXECUTE format('DELETE FROM %I WHERE %I < %L', of_table || '_default',
        CASE of_table WHEN 'fixes' THEN 'received_at' ELSE 'at' END, before);
    RETURN dropped;
END $$;
"""


def upgrade() -> None:
    for table in PARTITIONED:
        op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
        op.execute(f"ALTER TABLE {table}_default ENABLE ROW LEVEL SECURITY")
    op.execute(FUNCTIONS)
    for function in ("add_partitions(date, integer)", "drop_partitions(text, date)"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {APP}")
