"""Who may do what with which rows: grants, and row-level security forced on every table with a division.

A transaction says how far it may see by two settings, `maplebridge.scope` (a division's path) and `maplebridge.force`.
Without them it sees nothing. FORCE binds the owner too, so a migration that touches rows must set its scope first.

Revision ID: 0002
"""

from alembic import op

revision = "0002"
down_revision: str | None = "0001"

APP = "maplebridge_app"

READ_AND_ADD = "SELECT, INSERT"
CHANGE = "SELECT, INSERT, UPDATE"
ALL = "SELECT, INSERT, UPDATE, DELETE"

GRANTS = {
    "cameras": ALL,
    "cell_counts": ALL,
    "cell_exposures": ALL,
    "divisions": ALL,
    "feed_head": CHANGE,
    "feed_log": READ_AND_ADD,
    "feed_outbox": ALL,
    "fixes": READ_AND_ADD,
    "forces": ALL,
    "idempotency_keys": ALL,
    "imports": READ_AND_ADD,
    "incidents": CHANGE,
    "latest_fixes": ALL,
    "places": ALL,
    "sessions": ALL,
    "tasks": CHANGE,
    "timeline": READ_AND_ADD,
    "users": CHANGE,
}
"""History is only ever added to: no server that has been broken into can rewrite a timeline."""

WITHIN_SCOPE = "division_path <@ reach_scope()"
OWN_FORCE = "force_id = reach_force()"
OWN_INCIDENTS = "ANY (ARRAY(SELECT own.incident_id FROM tasks AS own WHERE own.force_id = reach_force()))"

BEYOND_SCOPE = {
    "feed_log": OWN_FORCE,
    "feed_outbox": OWN_FORCE,
    "fixes": OWN_FORCE,
    "forces": "id = reach_force()",
    "incidents": f"id = {OWN_INCIDENTS}",
    "latest_fixes": OWN_FORCE,
    "tasks": OWN_FORCE,
    "timeline": f"{OWN_FORCE} OR incident_id = {OWN_INCIDENTS}",
}
"""What a force sees of its own wherever it lies: people are sent across the borders of their division."""

SCOPED = sorted(
    {*BEYOND_SCOPE, "cameras", "cell_counts", "cell_exposures", "divisions", "idempotency_keys", "imports", "places"}
)

FUNCTIONS = """
CREATE FUNCTION reach_scope() RETURNS ltree LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('maplebridge.scope', true), '')::ltree;

CREATE FUNCTION reach_force() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('maplebridge.force', true), '')::bigint;
"""
BUSY = """
CREATE FUNCTION busy_among(wanted bigint[]) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    own text := current_setting('maplebridge.scope', true);
BEGIN
    IF reach_scope() IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('maplebridge.scope', subpath(reach_scope(), 0, 1)::text, true);
    RETURN QUERY SELECT force_id FROM tasks WHERE active AND force_id = ANY (wanted);
    PERFORM set_config('maplebridge.scope', own, true);
END
$$
"""
"""Which of these forces have a task, wherever: people are sent across borders, and their own town must know that they
are. Of a task beyond the reach this alone is told. An error ends the transaction, and with it the wider reach."""

ERRANDS = """
CREATE POLICY errands ON divisions FOR SELECT USING (division_path <@ ARRAY(
    SELECT subpath(own.division_path, 0, 2) FROM tasks AS own
    WHERE own.force_id = reach_force() AND (own.active OR own.ended_at > now() - interval '1 day')
        AND nlevel(own.division_path) > 1
))
"""
"""Whoever is sent to another town can read its map and its names, from when they are sent until their own list of tasks
forgets it. Lines and names of places are no personal data; of the matters and people there, they see what they did."""

ANCESTORS = "CREATE POLICY ancestors ON divisions FOR SELECT USING (division_path @> reach_scope())"
"""The lines of the town and county that one's own village lies in are no secret, and the map draws them."""


def upgrade() -> None:
    op.execute(FUNCTIONS)
    op.execute(BUSY)
    for table, rights in GRANTS.items():
        op.execute(f"GRANT {rights} ON {table} TO {APP}")
    op.execute(f"GRANT SELECT ON alembic_version TO {APP}")
    for table in SCOPED:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING ({WITHIN_SCOPE})")
    for table, rule in BEYOND_SCOPE.items():
        op.execute(f"CREATE POLICY own ON {table} USING ({rule})")
    op.execute(ANCESTORS)
    op.execute(ERRANDS)
