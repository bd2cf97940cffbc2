"""Enlarge a county and its history by SQL, for benches that measure how the server performs with them.

A larger county is several copies side by side under one root: divisions, cameras and forces with codes of their own. A
longer history is closed incidents at the label points of micro-grids, with all fields of registration except timelines
and events, and counted as `maplebridge recount` does.
"""

from datetime import UTC, datetime

from api.keeping.postgres.roles import connect
from bench.stage import Stage
from console.incidents.actions import recount
from geo.cells import cells_of
from geo.store import Reach, Store
from layers.hotspots.actions import share_out_exposure

ACROSS = 4
WIDE, HIGH = 0.9, 0.6
"""Degrees from one copy to the next: farther than the county is wide and high."""

PATH = "CAST('{root}' || regexp_replace(substr(division_path::text, {cut}), '(\\.[^.]+)', '\\1x{i}', 'g') AS ltree)"
MOVED = "ST_Translate({column}, {east}, {north})"
COPIES = (
    """
    INSERT INTO divisions (code, level, name, parent_code, division_path, valid_from, geom, label_point, area_m2,
        generated, source, households, enterprises, properties)
    SELECT code || 'x{i}', level, name, CASE parent_code WHEN '{root}' THEN parent_code ELSE parent_code || 'x{i}' END,
        {path}, valid_from, {geom}, {label_point}, area_m2, generated, source, households, enterprises, properties
    FROM divisions WHERE division_path <> '{root}' AND code NOT LIKE '%x%'
    """,
    """
    INSERT INTO cameras (code, name, owner, heading, fov_deg, range_m, online, geom, division_path)
    SELECT code || 'x{i}', name, owner, heading, fov_deg, range_m, online, {geom}, {path}
    FROM cameras WHERE code NOT LIKE '%x%'
    """,
    """
    INSERT INTO forces (code, name, kind, organisation, specialities, languages, mode, home, duty, division_path,
        version)
    SELECT code || 'x{i}', name, kind, organisation, specialities, languages, mode, {home}, duty, {path}, version
    FROM forces WHERE code NOT LIKE '%x%'
    """,
)
OUTLINE = """
UPDATE divisions SET geom = (SELECT ST_Multi(ST_Union(ST_Translate(geom, east, north))) FROM unnest(
    %(easts)s::float8[], %(norths)s::float8[]) AS moved (east, north)) WHERE division_path = %(root)s::ltree
"""
INCIDENTS = """
INSERT INTO incidents (case_code, source, external_no, category, risk, level, title, description, status, geom, raw_x,
    raw_y, datum, cell, grid_code, village_code, division_path, occurred_at, registered_at, first_due_at, closed_at,
    version)
SELECT 'H' || %(first)s + i, 'history', %(first)s + i,
    (ARRAY['dispute.family', 'dispute.neighbour', 'hazard.fire', 'errand.care'])[1 + i %% 4], 'low', 'village',
    '楼上漏水双方互不相让', '来电人反映楼上长期漏水, 多次协商未果, 要求派人到场调解。',
    CASE WHEN at < now() - interval '1 day' THEN 'closed' ELSE 'registered' END, d.label_point,
    ST_X(d.label_point), ST_Y(d.label_point), 'wgs84', (%(cells)s::bigint[])[n], d.parent_code,
    subpath(d.division_path, -3, 1)::text, d.division_path, at, at, at,
    CASE WHEN at < now() - interval '1 day' THEN at + interval '1 day' END, 1
FROM (SELECT i, now() - (%(since)s + random() * (%(until)s - %(since)s)) * interval '1 year' AS at,
          1 + floor(power(random(), 2) * %(leaves)s)::int AS n
      FROM generate_series(1, %(incidents)s) AS i) drawn
JOIN (SELECT row_number() OVER (ORDER BY id) AS n, * FROM divisions WHERE level = 'micro_grid') d USING (n)
"""


DELETE_REPORTS = (
    "SET session_replication_role = replica",  # Checking foreign keys would take minutes; none refers to these rows.
    "DELETE FROM timeline WHERE incident_id IN (SELECT id FROM incidents WHERE source <> 'history')",
    "DELETE FROM incidents WHERE source <> 'history'",
)


async def enlarge(stage: Stage, *, root: str, times: int) -> None:
    """Make the county that many times as large."""
    moves = [(WIDE * (i % ACROSS), HIGH * (i // ACROSS)) for i in range(times)]
    with connect(stage.cluster.socket, stage.database) as superuser:
        for i, (east, north) in list(enumerate(moves))[1:]:
            places = {c: MOVED.format(column=c, east=east, north=north) for c in ("geom", "label_point", "home")}
            path = PATH.format(root=root, cut=len(root) + 1, i=i)
            for copy in COPIES:
                superuser.execute(copy.format(root=root, i=i, path=path, **places).encode())
        easts, norths = [east for east, _ in moves], [north for _, north in moves]
        superuser.execute(OUTLINE, {"root": root, "easts": easts, "norths": norths})
    await _spread(stage, root=root)
    stage.analyze()


async def _spread(stage: Stage, *, root: str) -> None:
    store = Store(stage.urls.app, pool_size=1)
    async with store.transaction(Reach(scope=root)) as session:
        await share_out_exposure(session, day=datetime.now(UTC).date())
    await store.close()


def write_incidents(stage: Stage, *, incidents: int, since: float, until: float) -> None:
    """Write that many incidents of between `since` and `until` years ago; more in some micro-grids than in others."""
    with connect(stage.cluster.socket, stage.database) as superuser:
        labels = superuser.execute(
            "SELECT ST_X(label_point), ST_Y(label_point) FROM divisions WHERE level = 'micro_grid' ORDER BY id"
        ).fetchall()
        cells = cells_of([lon for lon, _ in labels], [lat for _, lat in labels]).tolist()
        first = superuser.execute("SELECT count(*) FROM incidents").fetchone() or (0,)
        asked = {"incidents": incidents, "leaves": len(labels), "cells": cells, "first": first[0]}
        superuser.execute(INCIDENTS, {**asked, "since": since, "until": until})


def delete_reports(stage: Stage) -> None:
    """Delete the incidents sent over HTTP: thousands of open incidents would not be typical."""
    with connect(stage.cluster.socket, stage.database) as superuser:
        for statement in DELETE_REPORTS:
            superuser.execute(statement)


async def recount_incidents(stage: Stage, *, root: str) -> int:
    """Recount the hotspots; return the number of rows."""
    store = Store(stage.urls.app, pool_size=1)
    async with store.transaction(Reach(scope=root)) as session:
        rows = await recount(session)
    await store.close()
    return rows
