"""Many forces at once, for plans and measurements that a dozen would not show."""

import psycopg
from sqlalchemy import text

from api.keeping.postgres.roles import Urls, conninfo_of
from geo.store import Reach, Store
from tests.worlds import LAT, LON, NOW, ROOT, SIDE, World

FORCES = text(
    """
    INSERT INTO forces (code, name, kind, organisation, specialities, languages, mode, home, duty, division_path,
        version)
    SELECT 'crowd_' || i, 'Force ' || i, 'grid_worker', '', CASE i % 3 WHEN 0 THEN '{dispute}'::text[] ELSE '{}' END,
        '{}', CASE i % 4 WHEN 0 THEN 'car' ELSE 'ebike' END,
        ST_SetSRID(ST_MakePoint(:lon + 4 * :side * random(), :lat + 4 * :side * random()), 4326),
        CASE WHEN i <= :forces * 0.9 THEN 'on' WHEN i <= :forces * 0.95 THEN 'on_call' ELSE 'off' END,
        (CAST(:paths AS text[]))[1 + i % 16]::ltree, 1
    FROM generate_series(1, :forces) AS i
    """
)
FIXES = text(
    """
    INSERT INTO latest_fixes (force_id, at, received_at, geom, division_path)
    SELECT id, :now - random() * interval '4 minutes', :now,
        ST_Translate(home, 0.01 * (random() - 0.5), 0.01 * (random() - 0.5)), division_path
    FROM forces WHERE code LIKE 'crowd_%' AND duty = 'on' AND random() < 0.9
    """
)
INCIDENTS = text(
    """
    INSERT INTO incidents (case_code, source, category, risk, level, title, description, status, geom, raw_x, raw_y,
        datum, cell, division_path, occurred_at, registered_at, first_due_at, closed_at, version)
    SELECT 'C' || f.id, 'crowd', 'dispute.family', 'low', 'village', '', '',
        CASE WHEN f.id % 25 = 0 THEN 'accepted' ELSE 'closed' END, f.home, 0, 0, 'wgs84', 0, f.division_path,
        :now, :now, :now, CASE WHEN f.id % 25 = 0 THEN NULL ELSE CAST(:now AS timestamptz) END, 1
    FROM forces f WHERE f.code LIKE 'crowd_%'
    """
)
TASKS = text(
    """
    INSERT INTO tasks (incident_id, force_id, role, status, active, assigned_at, answer_due_at, ended_at, note,
        cost_minutes, eta_minutes, division_path, version)
    SELECT i.id, substr(i.case_code, 2)::bigint, 'lead',
        CASE WHEN i.status = 'closed' THEN 'finished' ELSE 'accepted' END,
        i.status <> 'closed', :now - interval '3 hours', :now, i.closed_at - interval '2 hours', '', 5, 5,
        i.division_path, 5
    FROM incidents i WHERE i.source = 'crowd'
    """
)
PAGES = text(
    """
    INSERT INTO presences (id, state, since, division_path, version)
    SELECT id, CASE WHEN id % 10 = 0 THEN 'background' ELSE 'front' END, :now - interval '1 hour', division_path, 1
    FROM forces WHERE code LIKE 'crowd_%'
    """
)
"""Pages of their phones. Those that went into the background have sent a fix since."""


async def gather_crowd(store: Store, world: World, database: Urls, *, forces: int) -> None:
    """Commit that many forces spread over the county: nine in ten on duty, most of them with a fix, each with a task
    today, one in twenty-five busy. Statistics are up to date afterwards, as on a server that has run for a while."""
    common = {"forces": forces, "now": NOW, "lon": LON, "lat": LAT, "side": SIDE, "paths": world.micro_grids()}
    async with store.transaction(Reach(scope=ROOT)) as session:
        for statement in (FORCES, FIXES, INCIDENTS, TASKS, PAGES):
            wanted = {name: value for name, value in common.items() if f":{name}" in statement.text}
            await session.execute(statement, wanted)
    owner = await psycopg.AsyncConnection.connect(conninfo_of(database.owner), autocommit=True)
    async with owner:
        await owner.execute("ANALYZE")
