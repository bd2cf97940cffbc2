"""SQL that finds the forces near an incident and the facts that rank them. No value is ever part of it."""

from itertools import product

from sqlalchemy import TextClause, text

from console.dispatching.bounds import OF_CATEGORY, OF_CLASS, OF_OTHERS, POSTED

IS_MATCHING = "f.specialities && CAST(:specialities AS text[])"
IS_POSTED = "f.division_path ? CAST(:divisions AS lquery[])"
HAS_CATEGORY = "f.specialities && CAST(:category AS text[])"
SORT = f"""
(' ' || %(kind)s || CASE
    WHEN {HAS_CATEGORY} THEN '{OF_CATEGORY}' WHEN {IS_MATCHING} THEN '{OF_CLASS}'
    WHEN f.specialities <> '{{}}' THEN '{OF_OTHERS}' ELSE ''
END || CASE WHEN {IS_POSTED} THEN '{POSTED}' ELSE '' END)"""
"""The sort of a force as `bounds` names it."""
METRES = "CAST(:metres AS jsonb)"
REACHED = f"CAST(COALESCE({METRES} ->> (f.mode || {SORT}), {METRES} ->> {SORT}) AS float8)"
OTHER_SORT = f"(' ' || %(kind)s || CASE WHEN f.specialities <> '{{}}' THEN '{OF_OTHERS}' ELSE '' END)"
OTHERS_REACHED = f"CAST(COALESCE({METRES} ->> (f.mode || {OTHER_SORT}), {METRES} ->> {OTHER_SORT}) AS float8)"
"""Of a force without a matching speciality that is posted elsewhere."""
SPOT = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
KNOWN = "(f.duty = 'on' OR l.at >= :fresh_since)"
"""Use the fix of a force on duty. On call or off duty it counts as at home, unless the fix is fresh."""

CATEGORY_NEEDED = f"f.kind = ANY(CAST(:category_kinds AS text[])) AND {HAS_CATEGORY}"
CLASS_NEEDED = f"f.kind = ANY(CAST(:class_kinds AS text[])) AND {IS_MATCHING}"
MAY = f"(f.kind = ANY(CAST(:kinds AS text[])) OR {CLASS_NEEDED} OR {CATEGORY_NEEDED})"
"""Whether a force may answer, as `Responders.find` decides it."""
WANTED = """
    (CAST(:like AS text) IS NULL OR f.name ILIKE :like OR f.code ILIKE :like OR f.organisation ILIKE :like)
    AND (CAST(:kind AS text) IS NULL OR f.kind = :kind)
"""
ANYBODY, ANY_KIND = "TRUE", "''"

NEAREST = f"""
SELECT f.id AS force_id, l.geom AS place, l.at AS fix_at, l.accuracy_m
FROM (SELECT force_id, geom, at, accuracy_m FROM latest_fixes ORDER BY geom <-> {SPOT} LIMIT :near) l
JOIN forces f ON f.id = l.force_id
WHERE f.duty <> 'off' AND {KNOWN}
UNION ALL
SELECT f.id, f.home, NULL, NULL
FROM (SELECT id, home, duty FROM forces WHERE duty <> 'off' ORDER BY home <-> {SPOT} LIMIT :near) f
WHERE NOT EXISTS (SELECT FROM latest_fixes l WHERE l.force_id = f.id AND {KNOWN})
UNION ALL
SELECT f.id, f.home, NULL, NULL
FROM (SELECT id, home FROM forces WHERE duty = 'off' ORDER BY home <-> {SPOT} LIMIT :near) f
"""  # noqa: S608
"""Force, place, time and accuracy of its fix. Each limit precedes any join, so that only the nearest are read. A force
off duty is taken from its home alone, whatever its last fix: in two branches it would appear twice."""

NEAREST_AMONG = f"""
(SELECT f.id AS force_id, l.geom AS place, l.at AS fix_at, l.accuracy_m
FROM latest_fixes l JOIN forces f ON f.id = l.force_id
WHERE f.duty <> 'off' AND {KNOWN} AND %(among)s
ORDER BY l.geom <-> {SPOT} LIMIT %(most)s)
UNION ALL
SELECT f.id, f.home, NULL, NULL
FROM (SELECT f.id, f.home, f.duty FROM forces f WHERE f.duty <> 'off' AND %(among)s
    ORDER BY f.home <-> {SPOT} LIMIT %(most)s) f
WHERE NOT EXISTS (SELECT FROM latest_fixes l WHERE l.force_id = f.id AND {KNOWN})
UNION ALL
(SELECT f.id, f.home, NULL, NULL
FROM forces f
WHERE f.duty = 'off' AND %(among)s
ORDER BY f.home <-> {SPOT} LIMIT %(most)s)
"""  # noqa: S608
"""The same columns and branches as NEAREST, for the forces that a condition chooses. Of those at home no limit follows
the look at fixes: where nearly all have one, it would read far more than are near."""

BOX = "ST_MakeEnvelope(:west, :south, :east, :north, 4326)"
CORE = "ST_MakeEnvelope(:core_west, :core_south, :core_east, :core_north, 4326)"
IS_WIDE = f"({IS_MATCHING} OR {IS_POSTED})"
ELIGIBLE = "f.duty <> 'off' AND f.id <> ALL(CAST(:known AS bigint[])) AND %(among)s"
FIX_NEAR = f"ST_Distance(l.geom::geography, {SPOT}::geography) <= %s"
HOME_NEAR = f"ST_Distance(f.home::geography, {SPOT}::geography) <= %s"
NO_FIX = f"NOT EXISTS (SELECT FROM latest_fixes l WHERE l.force_id = f.id AND {KNOWN})"
WITHIN = f"""
WITH wide AS MATERIALIZED (SELECT f.*, {REACHED} AS metres FROM forces f WHERE {IS_WIDE} AND {ELIGIBLE})
SELECT f.id AS force_id, l.geom AS place, l.at AS fix_at, l.accuracy_m
FROM latest_fixes l CROSS JOIN LATERAL (SELECT * FROM forces WHERE id = l.force_id OFFSET 0) f
WHERE l.geom && {CORE} AND NOT {IS_WIDE} AND {ELIGIBLE} AND {KNOWN} AND {FIX_NEAR % OTHERS_REACHED}
UNION ALL
SELECT f.id, l.geom, l.at, l.accuracy_m
FROM wide f CROSS JOIN LATERAL (SELECT * FROM latest_fixes WHERE force_id = f.id OFFSET 0) l
WHERE l.geom && {BOX} AND {KNOWN} AND {FIX_NEAR % "f.metres"}
UNION ALL
SELECT f.id, f.home, NULL, NULL FROM forces f
WHERE f.home && {CORE} AND NOT {IS_WIDE} AND {ELIGIBLE} AND {HOME_NEAR % OTHERS_REACHED} AND {NO_FIX}
UNION ALL
SELECT f.id, f.home, NULL, NULL FROM wide f WHERE f.home && {BOX} AND {HOME_NEAR % "f.metres"} AND {NO_FIX}
"""  # noqa: S608
"""The same columns for all other forces that may rank among the best, by the maximum distance of their sort. Forces of
a matching speciality, grid or village, which are few, are looked for in the whole box: from the forces on, since nearly
all fixes lie in it. All others are looked for in its core, by their fixes. OFFSET 0 makes the planner look up one by
the other, instead of reading all of a table through its policy."""

THESE = f"""
SELECT f.id AS force_id, COALESCE(l.geom, f.home) AS place, l.at AS fix_at, l.accuracy_m
FROM forces f LEFT JOIN latest_fixes l ON l.force_id = f.id AND {KNOWN}
WHERE %s
"""  # noqa: S608
ONE = THESE % "f.id = :force"
EVERYBODY = THESE % "TRUE"
INVOLVED = THESE % "f.id IN (SELECT t.force_id FROM tasks t WHERE t.incident_id = :incident) AND %(among)s"
"""Every force that was sent to the incident, however far: each stands in one of the lists."""

FACTS = f"""
WITH n AS MATERIALIZED (%s), sent AS MATERIALIZED (
    SELECT t.force_id, t.status, t.active FROM tasks t WHERE t.incident_id = :incident
)
SELECT f.id AS force, f.name, f.kind, f.mode, f.duty, f.specialities, f.languages,
       f.division_path::text AS division_path,
       ST_Distance(n.place::geography, {SPOT}::geography) AS distance_m, n.fix_at, n.accuracy_m,
       past.tasks_today, past.free_since, ST_X(n.place) AS lon, ST_Y(n.place) AS lat,
       f.id IN (SELECT busy_among(ARRAY(SELECT force_id FROM n))) AS busy,
       f.id IN (SELECT force_id FROM sent WHERE status = 'declined') AS declined,
       f.id IN (SELECT force_id FROM sent WHERE active) AS sent,
       f.id IN (SELECT force_id FROM sent WHERE status = 'recalled') AS recalled,
       r.attendance AS roster, r.answer_minutes, p.since AS hidden_since
FROM n
JOIN forces f ON f.id = n.force_id
CROSS JOIN LATERAL (
    SELECT count(*)::int AS tasks_today, max(t.ended_at) AS free_since
    FROM tasks t WHERE t.force_id = f.id AND t.assigned_at > :day_ago
) past
LEFT JOIN roster_among(ARRAY(SELECT force_id FROM n), :now) r ON r.force_id = f.id
LEFT JOIN presences p ON p.id = f.id AND p.state = 'background' AND n.fix_at <= p.since
"""  # noqa: S608
PLANNED_ANEW = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
"""For this transaction. One plan for every place and limit costs more than twice as much as planning for these."""


def _facts(forces: str) -> TextClause:
    return text(FACTS % forces)


def _first(may: str, wanted: str) -> TextClause:
    """The nearest, those near that may not answer, and all who were sent before; a force may come twice."""
    involved = INVOLVED % {"among": wanted}
    if may == wanted == ANYBODY:
        return _facts(f"{NEAREST} UNION ALL {involved}")
    able = NEAREST_AMONG % {"among": f"{may} AND {wanted}", "most": ":near"}
    barred = NEAREST_AMONG % {"among": f"NOT {may} AND {wanted}", "most": ":barred"}
    return _facts(
        f"{able} UNION ALL {involved}" if may == ANYBODY else f"{able} UNION ALL {barred} UNION ALL {involved}"
    )


def _within(may: str, wanted: str) -> TextClause:
    kind = ANY_KIND if may == ANYBODY else "f.kind"
    return _facts(WITHIN % {"among": f"{may} AND {wanted}", "kind": kind})


CONDITIONS = {
    (some, few): (MAY if some else ANYBODY, WANTED if few else ANYBODY)
    for some, few in product((False, True), repeat=2)
}
FIRST_OF = {key: _first(*conditions) for key, conditions in CONDITIONS.items()}
WITHIN_OF = {key: _within(*conditions) for key, conditions in CONDITIONS.items()}
"""By whether only some may answer, and whether only a few are wanted; without a condition the indexes alone find the
nearest."""
ONE_FACTS = _facts(ONE)
EVERYBODY_FACTS = _facts(EVERYBODY)

SENT = text("""
SELECT incident_id, force_id, role, status, active FROM tasks
WHERE incident_id = ANY(CAST(:incidents AS bigint[])) AND (active OR status IN ('declined', 'recalled'))
ORDER BY id
""")
DISTANCES = text("""
SELECT array_agg(
    ST_Distance(
        ST_SetSRID(ST_MakePoint(pair.lon, pair.lat), 4326)::geography,
        ST_SetSRID(ST_MakePoint(pair.to_lon, pair.to_lat), 4326)::geography
    ) ORDER BY pair.n
)
FROM unnest(
    CAST(:lons AS float8[]), CAST(:lats AS float8[]), CAST(:to_lons AS float8[]), CAST(:to_lats AS float8[])
) WITH ORDINALITY pair(lon, lat, to_lon, to_lat, n)
""")
"""Metres on the ellipsoid between pairs of points, in their order, as in FACTS."""
