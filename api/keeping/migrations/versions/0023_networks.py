"""Networks of sectors beside the divisions; party branches, lists of services and posts of grids.

Of an area or a post, the server's role may change its last day and nothing else. Branches and lists are only ever
added.

Revision ID: 0023
"""

from alembic import op

revision = "0023"
down_revision: str | None = "0022"

APP = "maplebridge_app"

TABLES = {
    "network_areas": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        sector varchar NOT NULL,
        code varchar NOT NULL,
        name varchar NOT NULL,
        organisation varchar NOT NULL,
        worker varchar NOT NULL,
        worker_code varchar NOT NULL,
        counts jsonb NOT NULL,
        division_path ltree NOT NULL,
        touches ltree[] NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        geom geometry(MultiPolygon, 4326) NOT NULL,
        CONSTRAINT pk_network_areas PRIMARY KEY (id),
        CONSTRAINT ck_network_areas_dates_in_order CHECK (valid_to IS NULL OR valid_to >= valid_from),
        CONSTRAINT network_areas_sector_code_daterange_excl
            EXCLUDE USING gist (sector WITH =, code WITH =, daterange(valid_from, valid_to) WITH &&)
    """,
    "party_branches": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        division_code varchar NOT NULL,
        division_path ltree NOT NULL,
        name varchar NOT NULL,
        first_day date NOT NULL,
        created_by bigint NOT NULL,
        author varchar NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT pk_party_branches PRIMARY KEY (id)
    """,
    "service_lists": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        division_code varchar NOT NULL,
        division_path ltree NOT NULL,
        items jsonb NOT NULL,
        first_day date NOT NULL,
        created_by bigint NOT NULL,
        author varchar NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT pk_service_lists PRIMARY KEY (id)
    """,
    "grid_posts": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        force_id bigint NOT NULL,
        division_code varchar NOT NULL,
        division_path ltree NOT NULL,
        post varchar NOT NULL,
        first_day date NOT NULL,
        until date,
        created_by bigint NOT NULL,
        author varchar NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT pk_grid_posts PRIMARY KEY (id),
        CONSTRAINT fk_grid_posts_force_id_forces FOREIGN KEY (force_id) REFERENCES forces (id),
        CONSTRAINT ck_grid_posts_days_in_order CHECK (until IS NULL OR until >= first_day),
        CONSTRAINT ck_grid_posts_post_known CHECK (post IN ('leader', 'worker', 'assistant', 'secretary')),
        CONSTRAINT grid_posts_force_id_division_code_post_daterange_excl
            EXCLUDE USING gist (force_id WITH =, division_code WITH =, post WITH =,
                daterange(first_day, until) WITH &&)
    """,
}

TOUCHING = "CREATE POLICY touching ON network_areas FOR SELECT USING (touches <@ reach_scope())"
"""An area that crosses the line between two towns belongs to neither, and both must see it: without it there would be a
gap on their maps."""


ABOVE = "CREATE POLICY ancestors ON service_lists FOR SELECT USING (division_path @> reach_scope())"
"""The county's list holds in every grid, and whoever works there must see it."""


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"CREATE INDEX gist_{table}_division_path ON {table} USING gist (division_path)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
    op.execute(TOUCHING)
    op.execute(ABOVE)
    op.execute("CREATE INDEX gist_network_areas_touches ON network_areas USING gist (touches)")
    op.execute("CREATE INDEX gist_network_areas_geom ON network_areas USING gist (geom)")
    op.execute("CREATE INDEX ix_party_branches_division_code ON party_branches (division_code, first_day, id)")
    op.execute("CREATE INDEX ix_service_lists_division_code ON service_lists (division_code, first_day, id)")
    op.execute("CREATE INDEX ix_grid_posts_division_code ON grid_posts (division_code)")
    op.execute(f"GRANT UPDATE (valid_to) ON network_areas TO {APP}")
    op.execute(f"GRANT UPDATE (until) ON grid_posts TO {APP}")
