"""The record cannot be rewritten: sources belong to accounts, and the app role drops and overwrites less.

Accounts get the sources that they have reported under so far, so that nothing stops at an update; from then on
`maplebridge users sources` says it. An incident may wait for a place: without a point, with an address in words.

Revision ID: 0011
"""

from alembic import op

revision = "0011"
down_revision: str | None = "0010"

APP = "maplebridge_app"

SOURCES = "ALTER TABLE users ADD COLUMN sources text[] NOT NULL DEFAULT '{}'"
REPORTED = """
UPDATE users SET sources = known.sources
FROM (
    SELECT actor_id, array_agg(DISTINCT data ->> 'source' ORDER BY data ->> 'source') AS sources
    FROM timeline WHERE kind = 'registered' AND data ->> 'source' IS NOT NULL GROUP BY actor_id
) AS known
WHERE known.actor_id = users.id
"""

INCIDENTS = """
ALTER TABLE incidents
    ALTER COLUMN geom DROP NOT NULL, ALTER COLUMN raw_x DROP NOT NULL, ALTER COLUMN raw_y DROP NOT NULL,
    ALTER COLUMN datum DROP NOT NULL, ALTER COLUMN cell DROP NOT NULL,
    ADD COLUMN address varchar NOT NULL DEFAULT '',
    ADD COLUMN reported_digest varchar,
    ADD COLUMN differs_at timestamptz,
    ADD CONSTRAINT ck_incidents_placed_or_addressed
        CHECK ((geom IS NULL) = (cell IS NULL) AND (geom IS NOT NULL OR address <> ''))
"""

CHANGED = (
    "category, risk, level, title, description, status, geom, raw_x, raw_y, datum, cell, grid_code, village_code, "
    "division_path, address, reported_digest, differs_at, first_due_at, closed_at, duplicate_of_id, version"
)
"""All other columns of an incident stay as registered: its code, who reported it under which number, and when."""

OLD_WORDS = """
CREATE FUNCTION keep_old_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN
        SELECT key, former.value AS was, later.value AS becomes
        FROM jsonb_each(jsonb_build_object('category', OLD.category, 'risk', OLD.risk, 'title', OLD.title,
            'description', OLD.description, 'address', OLD.address)) AS former
        JOIN jsonb_each(jsonb_build_object('category', NEW.category, 'risk', NEW.risk, 'title', NEW.title,
            'description', NEW.description, 'address', NEW.address)) AS later USING (key)
        WHERE former.value <> later.value
    LOOP
        IF NOT EXISTS (
            SELECT FROM timeline
            WHERE incident_id = NEW.id AND data -> change.key = jsonb_build_array(change.was, change.becomes)
        ) THEN
            RAISE EXCEPTION 'incident %: % changes without its old value in the timeline', NEW.id, change.key
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER keep_old_words AFTER UPDATE OF category, risk, title, description, address ON incidents
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN ((OLD.category, OLD.risk, OLD.title, OLD.description, OLD.address)
    IS DISTINCT FROM (NEW.category, NEW.risk, NEW.title, NEW.description, NEW.address))
EXECUTE FUNCTION keep_old_words();
"""
"""Checked at the end of the transaction, when the entry is there: even a server that has been broken into can change no
words without leaving the old ones."""

DROP_PARTITIONS = """
CREATE OR REPLACE FUNCTION drop_partitions(of_table text, before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $$
DECLARE
    part record;
    dropped integer := 0;
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
        EXECUTE format('DROP TABLE %s', part.name);
        dropped := dropped + 1;
    END LOOP;
    -- Here the owner acts for itself: the default partition does not FORCE row-level security on its owner.
    EXECUTE format('DELETE FROM %I WHERE %I < %L', of_table || '_default',
        CASE of_table WHEN 'fixes' THEN 'received_at' ELSE 'at' END, before);
    RETURN dropped;
END $$
"""
"""As before, without the timeline, which nobody but the owner may ever drop."""

FEW_DAYS = """
CREATE OR REPLACE FUNCTION add_partitions(today date, days_ahead integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '200ms' AS $$
DECLARE
    part record;
BEGIN
    IF days_ahead NOT BETWEEN 0 AND 31 THEN
        RAISE EXCEPTION 'too many days: %', days_ahead;
    END IF;
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
END $$
"""


def upgrade() -> None:
    op.execute(SOURCES)
    op.execute("ALTER TABLE timeline NO FORCE ROW LEVEL SECURITY")  # The owner has no reach of its own.
    op.execute(REPORTED)
    op.execute("ALTER TABLE timeline FORCE ROW LEVEL SECURITY")
    op.execute(INCIDENTS)
    op.execute(f"REVOKE UPDATE ON incidents FROM {APP}")
    op.execute(f"GRANT UPDATE ({CHANGED}) ON incidents TO {APP}")
    op.execute(OLD_WORDS)
    op.execute(DROP_PARTITIONS)
    op.execute(FEW_DAYS)
