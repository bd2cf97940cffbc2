"""Enlarge a county's forces: copies of each in its own division, most with a fix, each with a task today.

Written by SQL: the benches that use it measure reading, not importing. The fixes are dated ahead: on a slow machine
they would be stale after three minutes, and a ranking among stale ones reads thousands.
"""

from api.keeping.postgres.roles import connect
from bench.stage import Stage

DOUBLES = """
WITH wanted AS (
    SELECT f.*, i, g.geom AS ground
    FROM forces f
    CROSS JOIN generate_series(1, %(times)s) AS i
    JOIN divisions g ON g.division_path = f.division_path AND g.valid_to IS NULL
    ORDER BY i, f.id LIMIT %(more)s
)
INSERT INTO forces (code, name, kind, organisation, specialities, languages, mode, home, duty, division_path, version)
SELECT code || '-' || i, name || i, kind, organisation, specialities, languages, mode,
    (ST_Dump(ST_GeneratePoints(ground, 1, (id + 7919 * i)::int))).geom, duty, division_path, 1
FROM wanted
"""
FIXES = """
INSERT INTO latest_fixes (force_id, at, received_at, geom, division_path)
SELECT id, now() + interval '1 hour' - (id %% 100) * interval '1 second', now(),
    ST_Translate(home, 0.01 * (random() - 0.5), 0.01 * (random() - 0.5)), division_path
FROM forces WHERE duty = 'on' AND id %% 10 > 0
"""
INCIDENTS = """
INSERT INTO incidents (case_code, source, category, risk, level, title, description, status, geom, raw_x, raw_y,
    datum, cell, division_path, occurred_at, registered_at, first_due_at, closed_at, version)
SELECT 'C' || id, 'crowd', 'dispute.family', 'low', 'village', '', '',
    CASE WHEN id %% 25 = 0 THEN 'accepted' ELSE 'closed' END, home, 0, 0, 'wgs84', 0, division_path,
    now() - interval '5 hours', now() - interval '5 hours', now(),
    CASE WHEN id %% 25 > 0 THEN now() - interval '2 hours' END, 1
FROM forces
"""
TASKS = """
INSERT INTO tasks (incident_id, force_id, role, status, active, assigned_at, answer_due_at, ended_at, note,
    cost_minutes, eta_minutes, division_path, version)
SELECT id, substr(case_code, 2)::bigint, 'lead',
    CASE WHEN closed_at IS NULL THEN 'accepted' ELSE 'finished' END,
    closed_at IS NULL, now() - interval '3 hours', now(), closed_at, '', 5, 5, division_path, 5
FROM incidents WHERE source = 'crowd'
"""


def gather_crowd(stage: Stage, *, forces: int) -> int:
    """Add forces up to that number; return how many are on duty."""
    with connect(stage.cluster.socket, stage.database) as superuser:
        have = superuser.execute("SELECT count(*) FROM forces").fetchone()
        assert have is not None
        superuser.execute(DOUBLES, {"times": 1 + forces // have[0], "more": max(forces - have[0], 0)})
        for statement in (FIXES, INCIDENTS, TASKS):
            superuser.execute(statement, {})
        on_duty = superuser.execute("SELECT count(*) FROM forces WHERE duty = 'on'").fetchone()
        assert on_duty is not None
    stage.analyze()
    return int(on_duty[0])
