"""The first door of a case and all that were merged into it, also of one whose incident lies beyond the reach.

Revision ID: 0048
"""

from alembic import op

revision = "0048"
down_revision: str | None = "0047"

FIRST_DOORS = """
CREATE OR REPLACE FUNCTION first_doors(wanted bigint[]) RETURNS TABLE (main bigint, door timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    own text := current_setting('maplebridge.scope', true);
BEGIN
    IF reach_scope() IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('maplebridge.scope', subpath(reach_scope(), 0, 1)::text, true);
    RETURN QUERY
        WITH RECURSIVE doors AS (
            SELECT one.id AS main_id, one.id, one.registered_at FROM incidents AS one WHERE one.id = ANY (wanted)
            UNION
            SELECT doors.main_id, merged.id, merged.registered_at
            FROM incidents AS merged JOIN doors ON merged.merged_into_id = doors.id
        )
        SELECT main_id, min(registered_at) FROM doors GROUP BY main_id;
    PERFORM set_config('maplebridge.scope', own, true);
END
$$
"""
"""A town keeps to the limit that runs from another town's incident that was merged into its own. Of a door beyond the
reach the moment alone is told, as `busy_among` tells of tasks.
"""


def upgrade() -> None:
    op.execute(FIRST_DOORS)
