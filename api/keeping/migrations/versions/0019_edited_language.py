"""The language of an incident's parties can be edited, and the old one stays in the timeline.

Revision ID: 0019
"""

from alembic import op

revision = "0019"
down_revision: str | None = "0018"

APP = "maplebridge_app"

OLD_LANGUAGE = """
CREATE FUNCTION keep_old_language() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM timeline
        WHERE incident_id = NEW.id
            AND data -> 'language' = jsonb_build_array(COALESCE(OLD.language, ''), COALESCE(NEW.language, ''))
    ) THEN
        RAISE EXCEPTION 'incident %: language changes without its old value in the timeline', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER keep_old_language AFTER UPDATE OF language ON incidents
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (OLD.language IS DISTINCT FROM NEW.language)
EXECUTE FUNCTION keep_old_language();
"""
"""Checked at the end of the transaction, as for the incident's other words."""


def upgrade() -> None:
    op.execute(OLD_LANGUAGE)
    op.execute(f"GRANT UPDATE (language) ON incidents TO {APP}")
