"""SQL that finds the forces near an incident and the facts that rank them. No value is ever part of it."""

from sqlalchemy import text

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
ELIGIBLE = (
    f"f.duty <> 'off' AND f.id <> ALL(CAST(:known AS bigint[])) AND (%s && {CORE} OR {IS_MATCHING} OR {IS_POSTED})"
)
WITHIN = f"""
SELECT f.id AS force_id, l.geom AS place, l.at AS fix_at, l.accuracy_m
FROM latest_fixes l CROSS JOIN LATERAL (SELECT * FROM forces WHERE id = l.force_id OFFSET 0) f
WHERE l.geom && {BOX} AND {ELIGIBLE % "l.geom"} AND {KNOWN} AND %(among)s
    AND ST_Distance(l.geom::geography, {SPOT}::geography) <= {REACHED}
UNION ALL
SELECT f.id, f.home, NULL, NULL
FROM forces f
WHERE f.home && {BOX} AND {ELIGIBLE % "f.home"} AND %(among)s
    AND ST_Distance(f.home::geography, {SPOT}::geography) <= {REACHED}
    AND NOT EXISTS (SELECT FROM latest_fixes l WHERE l.force_id = f.id AND {KNOWN})
"""  # noqa: S608
"""The same columns for all other forces that may rank among the best, by the maximum distance of their sort. Outside
the core box only forces of a matching speciality, grid or village are examined: a distance costs as much as the rest
together. OFFSET 0 makes the planner look up a force by its fix, instead of reading all forces through their policy."""

THESE = f"""
SELECT f.id AS force_id, COALESCE(l.geom, f.home) AS place, l.at AS fix_at, l.accuracy_m
FROM forces f LEFT JOIN latest_fixes l ON l.force_id = f.id AND {KNOWN}
WHERE %s
"""  # noqa: S608
ONE = THESE % "f.id = :force"
EVERYBODY = THESE % "TRUE"
INVOLVED = THESE % f"f.id IN (SELECT t.force_id FROM tasks t WHERE t.incident_id = :incident) AND {WANTED}"  # noqa: S608
"""Every force that was sent to the incident, however far: each stands in one of the lists."""

FACTS = f"""
WITH n AS MATERIALIZED (%s)
SELECT f.id AS force, f.name, f.kind, f.mode, f.duty, f.specialities, f.languages,
       f.division_path::text AS division_path,
       ST_Distance(n.place::geography, {SPOT}::geography) AS distance_m, n.fix_at, n.accuracy_m,
       past.tasks_today, past.free_since, ST_X(n.place) AS lon, ST_Y(n.place) AS lat,
       f.id IN (SELECT busy_among(ARRAY(SELECT force_id FROM n))) AS busy,
       f.id IN (SELECT t.force_id FROM tasks t WHERE t.incident_id = :incident AND t.status = 'declined') AS declined,
       f.id IN (SELECT t.force_id FROM tasks t WHERE t.incident_id = :incident AND t.active) AS sent,
       f.id IN (SELECT t.force_id FROM tasks t WHERE t.incident_id = :incident AND t.status = 'recalled') AS recalled,
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
MAY_WANTED = f"{MAY} AND {WANTED}"
ABLE = NEAREST_AMONG % {"among": MAY_WANTED, "most": ":near"}
BARRED = NEAREST_AMONG % {"among": f"NOT {MAY} AND {WANTED}", "most": ":barred"}
PLANNED_ANEW = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
"""For this transaction. One plan for every place and limit costs more than twice as much as planning for these."""
FIRST_FACTS = text(FACTS % f"{NEAREST} UNION ALL {INVOLVED}")
FIRST_WANTED = text(FACTS % f"{NEAREST_AMONG % {'among': WANTED, 'most': ':near'}} UNION ALL {INVOLVED}")
FIRST_ABLE = text(FACTS % f"{ABLE} UNION ALL {BARRED} UNION ALL {INVOLVED}")
"""The nearest, those near that may not answer, and all who were sent before; a force may come twice."""
WITHIN_FACTS = text(FACTS % (WITHIN % {"among": ANYBODY, "kind": ANY_KIND}))
WITHIN_WANTED = text(FACTS % (WITHIN % {"among": WANTED, "kind": ANY_KIND}))
WITHIN_ABLE = text(FACTS % (WITHIN % {"among": MAY_WANTED, "kind": "f.kind"}))
ONE_FACTS = text(FACTS % ONE)
EVERYBODY_FACTS = text(FACTS % EVERYBODY)

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
