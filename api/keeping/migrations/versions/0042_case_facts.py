"""One narrow row a case, for figures: when it came and ended, how it was handled, and by whom.

Triggers write it in the transaction of what it is about, whichever way that came: a move, an import, a merge, new
lines, a follow-up, a clock that stops. What the rows say, `console/indicators/tables.py` tells.

Revision ID: 0042
"""

from alembic import op

revision = "0042"
down_revision: str | None = "0041"

APP = "maplebridge_app"

TABLE = """
CREATE TABLE case_facts (
    incident_id bigint NOT NULL,
    came_at timestamptz NOT NULL,
    ended_at timestamptz,
    judged_at timestamptz,
    on_time boolean,
    joined boolean NOT NULL,
    hand_overs smallint NOT NULL,
    reopened smallint NOT NULL,
    source varchar NOT NULL,
    category varchar NOT NULL,
    risk varchar NOT NULL,
    lane varchar NOT NULL,
    level varchar NOT NULL,
    unit varchar NOT NULL,
    first_unit varchar NOT NULL,
    outcome varchar,
    procedure varchar,
    asked varchar,
    satisfied varchar,
    division_path ltree NOT NULL,
    CONSTRAINT pk_case_facts PRIMARY KEY (incident_id),
    CONSTRAINT fk_case_facts_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents (id)
)
"""

OF_CASE = ("ended_at", "joined", "hand_overs", "reopened", "lane", "level", "unit", "first_unit", "outcome",
           "procedure", "division_path")  # fmt: skip
"""Columns that follow the case. The others are those of its incident, or have a trigger of their own."""
KEPT, GIVEN = (", ".join(f"{table}.{column}" for column in OF_CASE) for table in ("case_facts", "excluded"))
SET = f"SET ({', '.join(OF_CASE)}) = ROW ({GIVEN}) WHERE ({KEPT}) IS DISTINCT FROM ({GIVEN})"
FROM_CASES = """
    SELECT c.incident_id, CASE WHEN i.closed_at < i.registered_at THEN i.occurred_at ELSE i.registered_at END,
        c.ended_at, c.state ->> 'joined_to' IS NOT NULL, coalesce((c.state ->> 'hand_overs')::smallint, 0),
        coalesce((c.state ->> 'reopened')::smallint, 0), i.source, i.category, i.risk, c.lane, c.level, c.unit,
        c.first_unit,
        c.outcome, c.procedure, c.division_path
"""
INTO = """
    INSERT INTO case_facts (incident_id, came_at, ended_at, joined, hand_overs, reopened, source, category, risk, lane,
        level, unit, first_unit, outcome, procedure, division_path)
"""
JUDGED = """
    SELECT k.incident_id, k.stopped_at,
        bool_and(coalesce(paused.at, k.stopped_at) <= k.due_at) AS on_time
    FROM clocks AS k
    JOIN (SELECT DISTINCT incident_id, stopped_at FROM rows
        WHERE stopped_at IS NOT NULL AND unit_code IS NULL) AS stopped USING (incident_id, stopped_at)
    LEFT JOIN LATERAL (SELECT min(paused_at) AS at FROM clock_pauses AS p
        WHERE p.incident_id = k.incident_id AND p.clock_id IS NULL AND p.resumed_at IS NULL) AS paused ON true
    WHERE k.unit_code IS NULL AND k.outcome <> 'joined'
    GROUP BY k.incident_id, k.stopped_at
"""
FUNCTIONS = {
    "facts_of_cases": f"{INTO} {FROM_CASES} FROM rows AS c JOIN incidents AS i ON i.id = c.incident_id "
    f"ON CONFLICT (incident_id) DO UPDATE {SET};",
    "facts_of_incidents": """
    UPDATE case_facts AS f SET source = i.source, category = i.category, risk = i.risk
    FROM rows AS i WHERE f.incident_id = i.id AND (f.category, f.risk) IS DISTINCT FROM (i.category, i.risk);""",
    "facts_of_clocks": f"""
    UPDATE case_facts AS f SET judged_at = judged.stopped_at, on_time = judged.on_time
    FROM ({JUDGED}) AS judged WHERE f.incident_id = judged.incident_id;""",
    "facts_of_follow_ups": """
    UPDATE case_facts AS f SET asked = a.standing, satisfied = a.satisfied
    FROM rows AS a WHERE f.incident_id = a.incident_id
        AND (f.asked, f.satisfied) IS DISTINCT FROM (a.standing, a.satisfied);""",
}
"""What each trigger executes; `rows` are those that the statement wrote."""
TRIGGERS = {
    "cases": ("facts_of_cases", ("INSERT", "UPDATE")),
    "incidents": ("facts_of_incidents", ("UPDATE",)),
    "clocks": ("facts_of_clocks", ("INSERT", "UPDATE")),
    "case_follow_ups": ("facts_of_follow_ups", ("INSERT", "UPDATE")),
}
OWN_INCIDENTS = "ANY (ARRAY(SELECT own.incident_id FROM tasks AS own WHERE own.force_id = reach_force()))"
FILL = (
    f"{INTO} {FROM_CASES} FROM cases AS c JOIN incidents AS i ON i.id = c.incident_id",
    f"""
    WITH rows AS (SELECT k.incident_id, k.stopped_at, k.unit_code FROM clocks AS k
        JOIN cases AS c ON c.incident_id = k.incident_id AND c.ended_at = k.stopped_at)
    UPDATE case_facts AS f SET judged_at = judged.stopped_at, on_time = judged.on_time
    FROM ({JUDGED}) AS judged WHERE f.incident_id = judged.incident_id
    """,
    """
    UPDATE case_facts AS f SET asked = a.standing, satisfied = a.satisfied
    FROM case_follow_ups AS a WHERE f.incident_id = a.incident_id
    """,
)
FILLED = ("cases", "incidents", "clocks", "clock_pauses", "case_follow_ups", "case_facts")


def upgrade() -> None:
    op.execute(TABLE)
    op.execute("CREATE INDEX ix_case_facts_came_at ON case_facts (came_at)")
    op.execute("CREATE INDEX ix_case_facts_ended_at ON case_facts (ended_at)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON case_facts TO {APP}")
    for table in FILLED[:-1]:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for statement in FILL:
        op.execute(statement)
    for table in FILLED[:-1]:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_facts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE case_facts FORCE ROW LEVEL SECURITY")
    # The reach as a subquery is read once a statement, not for each of a hundred thousand rows.
    op.execute("CREATE POLICY scope ON case_facts USING (division_path <@ (SELECT reach_scope()))")
    op.execute(f"CREATE POLICY own ON case_facts USING (incident_id = {OWN_INCIDENTS})")
    for name, statement in FUNCTIONS.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp"
            f" AS $$ BEGIN {statement} RETURN NULL; END $$"
        )
    for table, (function, events) in TRIGGERS.items():
        for event in events:
            op.execute(
                f"CREATE TRIGGER {function}_{event.lower()} AFTER {event} ON {table} REFERENCING NEW TABLE AS rows"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            )
