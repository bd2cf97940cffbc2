"""Whether a case was drawn for its follow-up, apart from what somebody answered undrawn.

Figures of a draw, and the facts that indicators count, are of those drawn. Rows there were are told apart by their
number, as the draw did it. An index by which the doors of a merged case are found. And which unit answered an entry of
a monthly list: the one that it was handed to, or that has its case by then.

Revision ID: 0046
"""

from collections.abc import Sequence
from fractions import Fraction
from hashlib import blake2b
from math import floor
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision: str | None = "0045"

TABLES = ("case_follow_ups", "cases", "case_facts")
NUMBERED = """
SELECT a.incident_id, p.key, a.draw, a.period, a.number, a.share FROM case_follow_ups AS a
JOIN cases AS c ON c.incident_id = a.incident_id JOIN packs AS p ON p.version = c.pack_version
WHERE a.number IS NOT NULL AND a.standing <> 'not_drawn'
"""
OF_DRAWN = """
    UPDATE case_facts AS f SET asked = a.asked, satisfied = a.satisfied
    FROM (SELECT incident_id, CASE WHEN drawn THEN standing WHEN number IS NOT NULL THEN 'not_drawn' END AS asked,
        CASE WHEN drawn THEN satisfied END AS satisfied FROM {rows}) AS a
    WHERE f.incident_id = a.incident_id AND (f.asked, f.satisfied) IS DISTINCT FROM (a.asked, a.satisfied)"""
MERGED = "ON incidents (merged_into_id) WHERE merged_into_id IS NOT NULL"
KEPT = """
CREATE FUNCTION keep_draw() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN RAISE EXCEPTION 'how case % was drawn is never changed', OLD.incident_id; END $$"""
KEEPS = """
CREATE TRIGGER keep_draw BEFORE UPDATE ON case_follow_ups FOR EACH ROW WHEN (OLD.number IS NOT NULL AND
    (OLD.draw, OLD.period, OLD.number, OLD.share, OLD.drawn, OLD.drawn_at)
    IS DISTINCT FROM (NEW.draw, NEW.period, NEW.number, NEW.share, NEW.drawn, NEW.drawn_at))
EXECUTE FUNCTION keep_draw()"""
"""A case that was asked about before its draw is numbered later; once it is, that stays."""
FUNCTION = """
CREATE OR REPLACE FUNCTION facts_of_follow_ups() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$ BEGIN {statement}; RETURN NULL; END $$"""


def upgrade() -> None:
    op.execute("ALTER TABLE case_follow_ups ADD COLUMN drawn boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE case_follow_ups ALTER COLUMN drawn DROP DEFAULT")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(FUNCTION.format(statement=OF_DRAWN.format(rows="rows")))
    connection = op.get_bind()
    drawn = [row.incident_id for row in connection.execute(sa.text(NUMBERED)) if _is_drawn(row)]
    _mark(connection, drawn)
    op.execute(OF_DRAWN.format(rows="case_follow_ups"))
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE INDEX ix_incidents_merged_into_id {MERGED}")
    op.execute("ALTER TABLE list_entries ADD COLUMN answered_unit varchar")
    op.execute("ALTER TABLE list_entries NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE list_entries SET answered_unit = unit WHERE answered_at IS NOT NULL")
    op.execute("ALTER TABLE list_entries FORCE ROW LEVEL SECURITY")
    op.execute("GRANT UPDATE (answered_unit) ON list_entries TO maplebridge_app")
    op.execute(KEPT)
    op.execute(KEEPS)
    op.execute("GRANT UPDATE (draw, period, number, share, drawn, drawn_at) ON case_follow_ups TO maplebridge_app")


def _is_drawn(row: sa.Row[Any]) -> bool:
    digest = blake2b(f"{row.key}\n{row.draw}\n{row.period}".encode(), digest_size=8).digest()
    start, share, number = Fraction(int.from_bytes(digest), 1 << 64), Fraction(row.share), int(row.number)
    return floor(number * share + start) > floor((number - 1) * share + start)


def _mark(connection: sa.Connection, drawn: Sequence[int]) -> None:
    marking = sa.text("UPDATE case_follow_ups SET drawn = true WHERE incident_id = ANY (:drawn)")
    connection.execute(marking, {"drawn": drawn})
