"""A comment on a plan may have a place.

Revision ID: 0027
"""

from alembic import op

revision = "0027"
down_revision: str | None = "0026"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE plan_entries ADD COLUMN lon double precision, ADD COLUMN lat double precision,"
        " ADD CONSTRAINT ck_plan_entries_place_whole CHECK ((lon IS NULL) = (lat IS NULL))"
    )
