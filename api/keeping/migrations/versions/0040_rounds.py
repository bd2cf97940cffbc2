"""Rounds: routes of grids, rounds with what was reported at their points, and visits by count.

Revision ID: 0040
"""

from alembic import op

revision = "0040"
down_revision: str | None = "0039"

APP = "maplebridge_app"

TABLES = {
    "patrol_routes": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        division_code varchar NOT NULL,
        division_path ltree NOT NULL,
        name varchar NOT NULL,
        points jsonb NOT NULL,
        changed_at timestamptz NOT NULL,
        changed_by bigint NOT NULL,
        retired_at timestamptz,
        version integer NOT NULL,
        CONSTRAINT pk_patrol_routes PRIMARY KEY (id)
    """,
    "patrol_rounds": """
        id uuid NOT NULL,
        route_id bigint NOT NULL,
        route_name varchar NOT NULL,
        points jsonb NOT NULL,
        force_id bigint NOT NULL,
        force_name varchar NOT NULL,
        started_at timestamptz NOT NULL,
        ended_at timestamptz,
        note varchar NOT NULL,
        division_code varchar NOT NULL,
        division_path ltree NOT NULL,
        version integer NOT NULL,
        CONSTRAINT pk_patrol_rounds PRIMARY KEY (id),
        CONSTRAINT ck_patrol_rounds_times_in_order CHECK (ended_at >= started_at),
        CONSTRAINT fk_patrol_rounds_route_id_patrol_routes FOREIGN KEY (route_id) REFERENCES patrol_routes (id),
        CONSTRAINT fk_patrol_rounds_force_id_forces FOREIGN KEY (force_id) REFERENCES forces (id)
    """,
    "round_marks": """
        id uuid NOT NULL,
        round_id uuid NOT NULL,
        n integer NOT NULL,
        point varchar NOT NULL,
        how varchar NOT NULL,
        at timestamptz NOT NULL,
        device_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        doubtful boolean NOT NULL,
        place geometry(POINT, 4326),
        distance_m double precision,
        accuracy_m double precision,
        age_s double precision,
        reason varchar NOT NULL,
        division_path ltree NOT NULL,
        CONSTRAINT pk_round_marks PRIMARY KEY (id),
        CONSTRAINT ck_round_marks_how_known CHECK (how IN ('place', 'qr', 'left_out')),
        CONSTRAINT fk_round_marks_round_id_patrol_rounds FOREIGN KEY (round_id) REFERENCES patrol_rounds (id)
    """,
    "visits": """
        id uuid NOT NULL,
        kind varchar NOT NULL,
        count integer NOT NULL,
        matter varchar NOT NULL,
        force_id bigint NOT NULL,
        force_name varchar NOT NULL,
        at timestamptz NOT NULL,
        device_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        doubtful boolean NOT NULL,
        division_code varchar NOT NULL,
        division_path ltree NOT NULL,
        CONSTRAINT pk_visits PRIMARY KEY (id),
        CONSTRAINT ck_visits_kind_known CHECK (kind IN ('household', 'enterprise')),
        CONSTRAINT ck_visits_count_bounded CHECK (count BETWEEN 1 AND 200),
        CONSTRAINT fk_visits_force_id_forces FOREIGN KEY (force_id) REFERENCES forces (id)
    """,
}
UPDATED = ("patrol_routes", "patrol_rounds", "round_marks (place)")
"""Of a report nothing can be changed but its position, which is deleted with old positions."""


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"CREATE INDEX gist_{table}_division_path ON {table} USING gist (division_path)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
    for table in UPDATED:
        name, _, column = table.partition(" ")
        op.execute(f"GRANT UPDATE {column} ON {name} TO {APP}")
    op.execute("CREATE INDEX ix_patrol_routes_division_code ON patrol_routes (division_code)")
    op.execute("CREATE INDEX ix_patrol_rounds_started_at ON patrol_rounds (started_at, id)")
    op.execute("CREATE INDEX ix_round_marks_round_id ON round_marks (round_id, n)")
    op.execute("CREATE INDEX ix_visits_at ON visits (at, id)")
    op.execute("CREATE INDEX ix_tasks_not_permitted ON tasks (ended_at) WHERE reason = 'not_permitted'")
