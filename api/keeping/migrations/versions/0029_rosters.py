"""Rosters: shifts, leave, and a record of their changes; and `roster_at`, which says who serves at a moment.

Revision ID: 0029
"""

from alembic import op

revision = "0029"
down_revision: str | None = "0028"

APP = "maplebridge_app"
WHO_KNOWN = "CHECK (who_kind IN ('force', 'person', 'unit'))"
EXCLUDED = """
    EXCLUDE USING gist (who_kind WITH =, who_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
    WHERE (cancelled_at IS NULL)"""

TABLES = {
    "roster_shifts": f"""
        id uuid NOT NULL,
        who_kind varchar NOT NULL,
        who_id bigint NOT NULL,
        attendance varchar NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        unit varchar,
        answer_minutes integer,
        pattern varchar NOT NULL,
        assumed boolean NOT NULL,
        note varchar NOT NULL,
        cancelled_at timestamptz,
        changed_at timestamptz NOT NULL,
        changed_by bigint NOT NULL,
        division_path ltree NOT NULL,
        version integer NOT NULL,
        CONSTRAINT pk_roster_shifts PRIMARY KEY (id),
        CONSTRAINT ck_roster_shifts_times_in_order CHECK (ends_at > starts_at),
        CONSTRAINT ck_roster_shifts_who_known {WHO_KNOWN},
        CONSTRAINT ck_roster_shifts_attendance_known CHECK (attendance IN ('resident', 'rotating', 'on_call')),
        CONSTRAINT ck_roster_shifts_answer_on_call CHECK (answer_minutes IS NULL OR attendance = 'on_call'),
        CONSTRAINT roster_shifts_who_excl {EXCLUDED} DEFERRABLE INITIALLY IMMEDIATE
    """,
    "roster_leaves": f"""
        id uuid NOT NULL,
        who_kind varchar NOT NULL,
        who_id bigint NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        cancelled_at timestamptz,
        changed_at timestamptz NOT NULL,
        changed_by bigint NOT NULL,
        division_path ltree NOT NULL,
        version integer NOT NULL,
        CONSTRAINT pk_roster_leaves PRIMARY KEY (id),
        CONSTRAINT ck_roster_leaves_times_in_order CHECK (ends_at > starts_at),
        CONSTRAINT ck_roster_leaves_who_known {WHO_KNOWN},
        CONSTRAINT roster_leaves_who_excl {EXCLUDED}
    """,
    "roster_changes": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        entity uuid NOT NULL,
        kind varchar NOT NULL,
        at timestamptz NOT NULL,
        actor_id bigint NOT NULL,
        data jsonb NOT NULL,
        division_path ltree NOT NULL,
        CONSTRAINT pk_roster_changes PRIMARY KEY (id)
    """,
}
UPDATED = ("roster_shifts", "roster_leaves")
OF_OWN_FORCE = "who_kind = 'force' AND who_id = reach_force()"

ROSTER_AT = """
    CREATE FUNCTION roster_at(kind varchar, moment timestamptz)
    RETURNS TABLE (who_id bigint, attendance varchar, answer_minutes integer, ends_at timestamptz, shift_id uuid)
    LANGUAGE sql STABLE AS $$
        SELECT l.who_id, 'leave', NULL, l.ends_at, NULL
        FROM roster_leaves l
        WHERE l.who_kind = kind AND l.cancelled_at IS NULL AND l.starts_at <= moment AND l.ends_at > moment
        UNION ALL
        SELECT s.who_id, s.attendance, s.answer_minutes, s.ends_at, s.id
        FROM roster_shifts s
        WHERE s.who_kind = kind AND s.cancelled_at IS NULL AND s.starts_at <= moment AND s.ends_at > moment
            AND NOT EXISTS (
                SELECT FROM roster_leaves l
                WHERE l.who_kind = s.who_kind AND l.who_id = s.who_id AND l.cancelled_at IS NULL
                    AND l.starts_at <= moment AND l.ends_at > moment
            )
    $$
"""
"""Those who serve at a moment, and those on leave (`leave`); each of them once. Nothing else decides who serves."""

ROSTER_AMONG = """
    CREATE FUNCTION roster_among(wanted bigint[], moment timestamptz)
    RETURNS TABLE (force_id bigint, attendance varchar, answer_minutes integer) LANGUAGE plpgsql ROWS 30 AS $$
    DECLARE
        own text := current_setting('maplebridge.scope', true);
    BEGIN
        IF reach_scope() IS NULL THEN
            RETURN;
        END IF;
        PERFORM set_config('maplebridge.scope', subpath(reach_scope(), 0, 1)::text, true);
        RETURN QUERY
            SELECT r.who_id, r.attendance, r.answer_minutes FROM roster_at('force', moment) r
            WHERE r.who_id = ANY (wanted);
        PERFORM set_config('maplebridge.scope', own, true);
    END
    $$
"""
"""How these forces stand on the roster at a moment, wherever they serve: as `busy_among` tells of tasks."""


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"CREATE INDEX gist_{table}_division_path ON {table} USING gist (division_path)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
    for table in UPDATED:
        op.execute(f"GRANT UPDATE ON {table} TO {APP}")
        op.execute(f"CREATE POLICY own ON {table} FOR SELECT USING ({OF_OWN_FORCE})")
        op.execute(f"CREATE INDEX ix_{table}_who ON {table} (who_kind, who_id, ends_at)")
    op.execute("CREATE INDEX ix_roster_shifts_ends_at ON roster_shifts (ends_at, starts_at)")
    op.execute("CREATE INDEX ix_roster_changes_entity ON roster_changes (entity, id)")
    op.execute(ROSTER_AT)
    op.execute(ROSTER_AMONG)
    op.execute(f"GRANT EXECUTE ON FUNCTION roster_at(varchar, timestamptz) TO {APP}")
    op.execute(f"GRANT EXECUTE ON FUNCTION roster_among(bigint[], timestamptz) TO {APP}")
