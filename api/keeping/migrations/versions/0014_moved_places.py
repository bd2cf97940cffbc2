"""An incident's place can be corrected: the old one stays in the timeline, which those who see the incident can read.

Revision ID: 0014
"""

from alembic import op

revision = "0014"
down_revision: str | None = "0013"

WHOLE_TIMELINE = """
CREATE POLICY of_incident ON timeline FOR SELECT
USING (EXISTS (SELECT FROM incidents WHERE incidents.id = timeline.incident_id))
"""
"""An entry keeps the division that the incident had when it was written. Row-level security of `incidents` decides
here: the people of its present division can read how it came to them."""

OLD_VALUES = """
CREATE OR REPLACE FUNCTION keep_old_words() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    change record;
BEGIN
    FOR change IN
        SELECT key, former.value AS was, later.value AS becomes
        FROM jsonb_each(jsonb_build_object('category', OLD.category, 'risk', OLD.risk, 'title', OLD.title,
            'description', OLD.description, 'address', OLD.address,
            'place', CASE WHEN OLD.geom IS NOT NULL THEN jsonb_build_array(ST_X(OLD.geom), ST_Y(OLD.geom)) END
        )) AS former
        JOIN jsonb_each(jsonb_build_object('category', NEW.category, 'risk', NEW.risk, 'title', NEW.title,
            'description', NEW.description, 'address', NEW.address,
            'place', CASE WHEN NEW.geom IS NOT NULL THEN jsonb_build_array(ST_X(NEW.geom), ST_Y(NEW.geom)) END
        )) AS later USING (key)
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
END $$
"""
"""As before, and the place."""

GUARD = """
CREATE CONSTRAINT TRIGGER keep_old_words AFTER UPDATE OF category, risk, title, description, address, geom ON incidents
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN ((OLD.category, OLD.risk, OLD.title, OLD.description, OLD.address, OLD.geom::bytea)
    IS DISTINCT FROM (NEW.category, NEW.risk, NEW.title, NEW.description, NEW.address, NEW.geom::bytea))
EXECUTE FUNCTION keep_old_words()
"""
"""Bytes, since a dump is restored without a search path, and `=` of geometries would not be found then."""


def upgrade() -> None:
    op.execute(WHOLE_TIMELINE)
    op.execute(OLD_VALUES)
    op.execute("DROP TRIGGER keep_old_words ON incidents")
    op.execute(GUARD)
