"""Closures of roads, and `closed_roads`, which says what is closed wherever it lies.

Halls within a division see what is closed in the divisions around it, also in the feed.

Revision ID: 0032
"""

from alembic import op

revision = "0032"
down_revision: str | None = "0031"

APP = "maplebridge_app"

CLOSURES = """
CREATE TABLE closures (
    id bigint GENERATED ALWAYS AS IDENTITY,
    outline geometry(POLYGON, 4326) NOT NULL,
    modes varchar[] NOT NULL,
    reason varchar NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    opened_at timestamptz NOT NULL,
    opened_by bigint NOT NULL,
    opener varchar NOT NULL,
    ended_at timestamptz,
    lifted_by bigint,
    division_path ltree NOT NULL,
    version integer NOT NULL,
    CONSTRAINT pk_closures PRIMARY KEY (id),
    CONSTRAINT ck_closures_times_in_order CHECK (ends_at > starts_at),
    CONSTRAINT ck_closures_lifted_has_ended CHECK (lifted_by IS NULL OR ended_at IS NOT NULL)
)
"""
AROUND = "division_path @> reach_scope()"

CLOSED_ROADS = """
CREATE FUNCTION closed_roads(moment timestamptz) RETURNS TABLE (outline bytea, modes varchar[])
LANGUAGE plpgsql ROWS 10 AS $$
DECLARE
    own text := current_setting('maplebridge.scope', true);
BEGIN
    IF reach_scope() IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('maplebridge.scope', subpath(reach_scope(), 0, 1)::text, true);
    RETURN QUERY
        SELECT ST_AsBinary(c.outline), c.modes FROM closures c
        WHERE c.ended_at IS NULL AND (moment IS NULL OR c.starts_at <= moment AND coalesce(c.ends_at > moment, true))
        ORDER BY c.id;
    PERFORM set_config('maplebridge.scope', own, true);
END
$$
"""
"""What is closed to whom at a moment, with NULL all that has not ended: a way of a town's leads through other towns,
as `busy_among` tells of tasks. Who closed it, and why, is not told.
"""


def upgrade() -> None:
    op.execute(CLOSURES)
    op.execute("CREATE INDEX gist_closures_division_path ON closures USING gist (division_path)")
    op.execute("CREATE INDEX ix_closures_ended_at ON closures (ended_at)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON closures TO {APP}")
    op.execute("ALTER TABLE closures ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE closures FORCE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY scope ON closures USING (division_path <@ reach_scope())")
    op.execute(f"CREATE POLICY ancestors ON closures FOR SELECT USING ({AROUND})")
    for table in ("feed_log", "earlier_states"):
        op.execute(f"CREATE POLICY closures ON {table} FOR SELECT USING (kind = 'closure' AND {AROUND})")
    op.execute(CLOSED_ROADS)
    op.execute(f"GRANT EXECUTE ON FUNCTION closed_roads(timestamptz) TO {APP}")
