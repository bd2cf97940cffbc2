"""The register: units, the people who work there, and the posts that they hold.

A unit and a post are read by those below as well: a village names its town's centre, and who heads it. The server's
role may end a post and close a unit, and bring a unit's entry up to date; who held a post is never rewritten.

Revision ID: 0025
"""

from alembic import op

revision = "0025"
down_revision: str | None = "0024"

APP = "maplebridge_app"

TABLES = {
    "units": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        code varchar NOT NULL,
        kind varchar NOT NULL,
        is_centre boolean NOT NULL,
        name varchar NOT NULL,
        name_en varchar NOT NULL,
        parent varchar,
        level varchar NOT NULL,
        division_path ltree NOT NULL,
        geom geometry(Point, 4326),
        hours varchar NOT NULL,
        telephone varchar NOT NULL,
        services text[] NOT NULL,
        specialities text[] NOT NULL,
        attendance varchar NOT NULL,
        running boolean NOT NULL,
        assumed boolean NOT NULL,
        properties jsonb NOT NULL,
        opened_on date NOT NULL,
        closed_on date,
        CONSTRAINT pk_units PRIMARY KEY (id),
        CONSTRAINT uq_units_code UNIQUE (code),
        CONSTRAINT ck_units_days_in_order CHECK (closed_on IS NULL OR closed_on >= opened_on),
        CONSTRAINT ck_units_attendance_known CHECK (attendance IN ('', 'resident', 'rotating', 'on_call'))
    """,
    "staff_members": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        code varchar NOT NULL,
        name varchar NOT NULL,
        division_path ltree NOT NULL,
        CONSTRAINT pk_staff_members PRIMARY KEY (id),
        CONSTRAINT uq_staff_members_code UNIQUE (code)
    """,
    "posts": """
        id bigint GENERATED ALWAYS AS IDENTITY,
        person_id bigint NOT NULL,
        unit_id bigint NOT NULL,
        division_path ltree NOT NULL,
        duty varchar NOT NULL,
        title varchar NOT NULL,
        role varchar NOT NULL,
        attendance varchar NOT NULL,
        managed_by text[] NOT NULL,
        specialities text[] NOT NULL,
        first_day date NOT NULL,
        until date,
        created_by bigint,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_posts PRIMARY KEY (id),
        CONSTRAINT fk_posts_person_id_staff_members FOREIGN KEY (person_id) REFERENCES staff_members (id),
        CONSTRAINT fk_posts_unit_id_units FOREIGN KEY (unit_id) REFERENCES units (id),
        CONSTRAINT ck_posts_days_in_order CHECK (until IS NULL OR until >= first_day),
        CONSTRAINT ck_posts_duty_known CHECK (duty IN ('head', 'deputy', 'member', 'seconded')),
        CONSTRAINT ck_posts_attendance_known CHECK (attendance IN ('', 'resident', 'rotating', 'on_call')),
        CONSTRAINT ck_posts_two_managements CHECK (cardinality(managed_by) <= 2),
        CONSTRAINT posts_person_id_unit_id_title_daterange_excl
            EXCLUDE USING gist (person_id WITH =, unit_id WITH =, title WITH =, daterange(first_day, until) WITH &&)
    """,
}

INDEXES = (
    "CREATE UNIQUE INDEX uq_units_centre ON units (division_path) WHERE is_centre AND closed_on IS NULL",
    "CREATE INDEX ix_units_parent ON units (parent)",
    "CREATE INDEX ix_posts_unit_id ON posts (unit_id)",
    "CREATE INDEX ix_posts_person_id ON posts (person_id)",
)
CHANGED = (
    "kind, is_centre, name, name_en, parent, level, division_path, geom, hours, telephone, services, specialities, "
    "attendance, running, assumed, properties, closed_on"
)


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"CREATE INDEX gist_{table}_division_path ON {table} USING gist (division_path)")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {APP}")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY scope ON {table} USING (division_path <@ reach_scope())")
        op.execute(f"CREATE POLICY ancestors ON {table} FOR SELECT USING (division_path @> reach_scope())")
    for index in INDEXES:
        op.execute(index)
    op.execute(f"GRANT UPDATE ({CHANGED}) ON units TO {APP}")
    op.execute(f"GRANT UPDATE (name, division_path) ON staff_members TO {APP}")
    op.execute(f"GRANT UPDATE (until) ON posts TO {APP}")
    op.execute("ALTER TABLE users ADD COLUMN person_id bigint")
    op.execute("CREATE INDEX ix_users_person_id ON users (person_id)")
