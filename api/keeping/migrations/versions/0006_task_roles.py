"""Any number of forces on one incident, each in a role; one of them leads.

The column's default fills the rows there are without writing them. The default goes, and they keep it.

Revision ID: 0006
"""

from alembic import op

revision = "0006"
down_revision: str | None = "0005"

ROLE = """
ALTER TABLE tasks ADD COLUMN role varchar NOT NULL DEFAULT 'lead',
    ADD CONSTRAINT ck_tasks_role_known CHECK (role IN ('lead', 'support', 'observer'));
ALTER TABLE tasks ALTER COLUMN role DROP DEFAULT;
"""

INDEXES = """
DROP INDEX uq_tasks_incident_id_active;
CREATE UNIQUE INDEX uq_tasks_incident_id_lead ON tasks (incident_id) WHERE active AND role = 'lead';
"""

FORCES_ON = """
DROP FUNCTION forces_on(bigint);
CREATE FUNCTION forces_on(wanted bigint[]) RETURNS TABLE (incident_id bigint, force_id bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    own text := current_setting('maplebridge.scope', true);
BEGIN
    IF reach_scope() IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('maplebridge.scope', subpath(reach_scope(), 0, 1)::text, true);
    RETURN QUERY SELECT t.incident_id, t.force_id FROM tasks AS t WHERE t.active AND t.incident_id = ANY (wanted);
    PERFORM set_config('maplebridge.scope', own, true);
END
$$
"""
"""As before, for any number of incidents at once: a sweep marks thousands."""

TASKS_ON = """
CREATE FUNCTION tasks_on(wanted bigint)
RETURNS TABLE (task_id bigint, force_id bigint, role varchar, status varchar, active boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    own text := current_setting('maplebridge.scope', true);
    root text := (SELECT subpath(division_path, 0, 1)::text FROM incidents WHERE id = wanted);
BEGIN
    IF root IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('maplebridge.scope', root, true);
    RETURN QUERY SELECT t.id, t.force_id, t.role, t.status, t.active FROM tasks AS t WHERE t.incident_id = wanted;
    PERFORM set_config('maplebridge.scope', coalesce(own, ''), true);
END
$$
"""
"""The tasks of an incident within reach, those of other forces too: a force that is sent beyond its division sees only
its own, and the incident's stage follows from all. An error ends the transaction, and with it the wider reach."""


def upgrade() -> None:
    op.execute(ROLE)
    op.execute(INDEXES)
    op.execute(FORCES_ON)
    op.execute(TASKS_ON)
