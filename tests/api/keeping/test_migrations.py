"""The migrated database matches the declared tables, and its policies hold."""

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import make_url

from api.keeping.migrations.history import check, current_version, migrate, newest_version
from api.keeping.migrations.tables import metadata
from api.keeping.postgres.cluster import Cluster
from api.keeping.postgres.roles import APP, Urls, connect, conninfo_of, make_database, urls_of
from geo.cells import point_cells

Connection = psycopg.Connection[tuple[object, ...]]
Names = Callable[[str], set[str]]

WITH_DIVISION = """
    SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE attname = 'division_path' AND relkind IN ('r', 'p') AND NOT relispartition
"""
FORCED = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
WITH_POLICY = "SELECT tablename FROM pg_policies WHERE policyname = 'scope'"
OPEN_PARTITIONS = f"""
    SELECT relname FROM pg_class
    WHERE relispartition AND relkind = 'r'
        AND (NOT relrowsecurity OR has_table_privilege('{APP}', oid, 'SELECT, INSERT, UPDATE, DELETE'))
"""
PARTITIONS_OF = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = '{}'::regclass"

FORCE = """
    INSERT INTO forces (code, name, kind, organisation, specialities, languages, mode, home, duty, division_path,
        version)
    VALUES (%s, 'x', 'x', '', '{}', '{}', 'walk', ST_SetSRID(ST_MakePoint(120.6, 31.1), 4326), 'on', %s, 1) RETURNING id
"""
INCIDENT = """
    INSERT INTO incidents (case_code, source, category, risk, level, title, description, status, geom, raw_x, raw_y,
        datum, cell, division_path, occurred_at, registered_at, first_due_at, version)
    VALUES (%s, 'x', 'x', 'low', 'x', '', '', 'new', ST_SetSRID(ST_MakePoint(120.6, 31.1), 4326), 120.6, 31.1,
        'wgs84', 1, %s, now(), now(), now(), 1) RETURNING id
"""
TASK = """
    INSERT INTO tasks (incident_id, force_id, role, status, active, assigned_at, answer_due_at, note, cost_minutes,
        eta_minutes, division_path, version)
    VALUES (%s, %s, 'lead', 'assigned', true, now(), now(), '', 0, 0, %s, 1)
"""


@pytest.fixture
def app(database: Urls) -> Iterator[Connection]:
    """The app role's connection to a database of the test's own."""
    with psycopg.connect(conninfo_of(database.app), autocommit=True) as connection:
        yield connection


@pytest.fixture
def names(cluster: Cluster, shared_database: Urls) -> Iterator[Names]:
    """Query the catalogues, as the superuser, for a set of names."""
    with connect(cluster.socket, make_url(shared_database.app).database or "") as connection:
        yield lambda query: {row[0] for row in connection.execute(query)}


def see(app: Connection, *, scope: str = "", force: str = "") -> None:
    app.execute(
        "SELECT set_config('maplebridge.scope', %s, false), set_config('maplebridge.force', %s, false)", [scope, force]
    )


def inserted(app: Connection, statement: str, *values: object) -> object:
    row = app.execute(statement, values).fetchone()
    assert row
    return row[0]


def codes_of_incidents(app: Connection) -> list[object]:
    return [row[0] for row in app.execute("SELECT case_code FROM incidents ORDER BY case_code")]


def test_the_migrated_database_matches_the_declared_tables(shared_database: Urls) -> None:
    check(shared_database.owner)


def test_the_app_role_can_read_the_version(shared_database: Urls) -> None:
    assert current_version(shared_database.app) == newest_version()


def test_row_level_security_is_forced_on_every_table_with_a_division(names: Names) -> None:
    guarded = names(WITH_DIVISION)
    assert guarded == {table.name for table in metadata.sorted_tables if table.info.get("scoped")}
    assert guarded <= names(FORCED)
    assert guarded == names(WITH_POLICY)


def test_no_partition_can_be_read_directly(names: Names) -> None:
    assert names(OPEN_PARTITIONS) == set()


def test_without_a_reach_nothing_can_be_read_or_written(app: Connection) -> None:
    see(app, scope="1")
    inserted(app, INCIDENT, "A", "1.2")
    see(app)
    assert codes_of_incidents(app) == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(INCIDENT, ["B", "1.2"])


def test_a_town_sees_its_own_incidents_only(app: Connection) -> None:
    see(app, scope="1")
    inserted(app, INCIDENT, "A", "1.2.3")
    inserted(app, INCIDENT, "B", "1.20.3")
    see(app, scope="1.2")
    assert codes_of_incidents(app) == ["A"]


def test_a_force_sees_its_incident_in_another_division_and_nothing_else_there(app: Connection) -> None:
    see(app, scope="1")
    force = inserted(app, FORCE, "F", "1.2")
    sent_to = inserted(app, INCIDENT, "A", "1.3")
    inserted(app, INCIDENT, "B", "1.3")
    app.execute(TASK, [sent_to, force, "1.3"])
    see(app, force=str(force))
    assert codes_of_incidents(app) == ["A"]


def test_tasks_there_were_before_roles_lead(cluster: Cluster) -> None:
    """The column is filled without writing a row: what stands on disk is what stood there."""
    make_database(cluster.socket, "before_roles")
    urls = urls_of(cluster.socket, "before_roles")
    migrate(urls.owner, to="0005")
    with psycopg.connect(conninfo_of(urls.owner), autocommit=True) as owner:
        see(owner, scope="1")
        force, incident = inserted(owner, FORCE, "F", "1.2"), inserted(owner, INCIDENT, "A", "1.2")
        owner.execute(TASK.replace(" role,", "").replace(" 'lead',", ""), [incident, force, "1.2"])
        before = owner.execute("SELECT ctid, xmin, pg_relation_filenode('tasks') FROM tasks").fetchone()
        migrate(urls.owner)
        after = owner.execute("SELECT ctid, xmin, pg_relation_filenode('tasks') FROM tasks").fetchone()
        assert before == after
        assert owner.execute("SELECT role FROM tasks").fetchone() == ("lead",)
        with pytest.raises(psycopg.errors.NotNullViolation):
            owner.execute(TASK.replace(" role,", "").replace(" 'lead',", ""), [incident, force, "1.2"])


def test_an_incident_takes_many_forces_and_one_lead(app: Connection) -> None:
    see(app, scope="1")
    incident = inserted(app, INCIDENT, "A", "1.2")
    lead, other, support = (inserted(app, FORCE, code, "1.2") for code in "FGH")
    app.execute(TASK, [incident, lead, "1.2"])
    app.execute(TASK.replace("'lead'", "'support'"), [incident, support, "1.2"])
    with pytest.raises(psycopg.errors.UniqueViolation):
        app.execute(TASK, [incident, other, "1.2"])
    with pytest.raises(psycopg.errors.CheckViolation):
        app.execute(TASK.replace("'lead'", "'chief'"), [incident, other, "1.2"])


def test_the_timeline_is_append_only(app: Connection) -> None:
    see(app, scope="1")
    for statement in ("UPDATE timeline SET kind = 'x'", "DELETE FROM timeline", "TRUNCATE timeline"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement)


def test_partitions_are_added_once_and_dropped_when_expired(app: Connection) -> None:
    for _ in range(2):
        app.execute("SELECT add_partitions('2021-01-30', 2)")
    made = {row[0] for row in app.execute(PARTITIONS_OF.format("fixes"))}
    assert made == {"fixes_default", "fixes_20210130", "fixes_20210131", "fixes_20210201"}
    assert inserted(app, "SELECT drop_partitions('fixes', '2021-02-01')") == 2
    left = {row[0] for row in app.execute(PARTITIONS_OF.format("fixes"))}
    assert left == {"fixes_default", "fixes_20210201"}
    months = {row[0] for row in app.execute(PARTITIONS_OF.format("timeline"))}
    assert months == {"timeline_default", "timeline_202101", "timeline_202102"}


def test_a_day_that_has_begun_in_the_default_partition_stays_there(app: Connection) -> None:
    see(app, scope="1")
    event = "INSERT INTO feed_log VALUES (1, '2021-01-30 12:00Z', 'incident', 1, 1, '{}', '1', '{}')"
    app.execute(event)
    app.execute("SELECT add_partitions('2021-01-30', 1)")
    assert {row[0] for row in app.execute(PARTITIONS_OF.format("feed_log"))} == {
        "feed_log_default",
        "feed_log_20210131",
    }
    app.execute("SELECT drop_partitions('feed_log', '2021-01-31')")
    assert app.execute("SELECT count(*) FROM feed_log").fetchone() == (0,)


OLD_EVENT = """
    INSERT INTO {} VALUES (1, '2031-01-30 12:00Z', 'task', 7, 1, {}, '1.2', '{{"id": 7}}')
"""


def test_the_feeds_history_is_kept_when_forces_become_sets(cluster: Cluster) -> None:
    """Waiting and stamped events of before the change, with a force and without one."""
    make_database(cluster.socket, "of_before_sets")
    urls = urls_of(cluster.socket, "of_before_sets")
    migrate(urls.owner, to="0004")
    with connect(cluster.socket, "of_before_sets") as superuser:
        for table, force in (("feed_log", "3"), ("feed_outbox", "NULL")):
            statement = OLD_EVENT.format(f"{table} OVERRIDING SYSTEM VALUE" if table == "feed_outbox" else table, force)
            superuser.execute(statement)
    migrate(urls.owner)
    with psycopg.connect(conninfo_of(urls.app), autocommit=True) as app:
        see(app, force="3")
        assert app.execute("SELECT force_ids, body FROM feed_log").fetchall() == [([3], {"id": 7})]
        see(app, scope="1")
        assert app.execute("SELECT force_ids, left_force_ids FROM feed_outbox").fetchall() == [([], [])]
    with connect(cluster.socket) as superuser:
        superuser.execute("DROP DATABASE of_before_sets WITH (FORCE)")


@pytest.mark.parametrize("table", ["timeline", "incidents"])
def test_the_app_role_cannot_drop_what_is_kept(app: Connection, table: str) -> None:
    see(app, scope="1")
    incident = inserted(app, INCIDENT, "A", "1.2")
    app.execute(
        "INSERT INTO timeline (at, incident_id, kind, data, division_path) VALUES ('2021-01-30', %s, 'x', '{}', '1.2')",
        [incident],
    )
    with pytest.raises(psycopg.errors.RaiseException, match="kept"):
        app.execute(f"SELECT drop_partitions('{table}', '2100-01-01')")
    assert app.execute("SELECT count(*) FROM timeline").fetchone() == (1,)


@pytest.mark.parametrize("call", ["drop_partitions('fixes', '2100-01-01')", "add_partitions('2021-01-01', 32)"])
def test_partitions_are_dropped_after_their_days_and_added_a_month_ahead_at_most(app: Connection, call: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException):
        app.execute(f"SELECT {call}")


@pytest.mark.parametrize("column", ["case_code", "source", "external_no", "registered_at", "occurred_at"])
def test_what_was_registered_cannot_be_overwritten(app: Connection, column: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(f"UPDATE incidents SET {column} = {column}")


@pytest.mark.parametrize("field", ["category", "risk", "title", "description", "address"])
def test_no_words_change_without_the_old_ones_in_the_timeline(app: Connection, field: str) -> None:
    see(app, scope="1")
    incident = inserted(app, INCIDENT, "A", "1.2")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=field):
        app.execute(f"UPDATE incidents SET {field} = 'rewritten', closed_at = now() WHERE id = %s", [incident])
    with app.transaction():
        app.execute(f"UPDATE incidents SET {field} = 'corrected' WHERE id = %s", [incident])
        app.execute(
            """
            INSERT INTO timeline (at, incident_id, kind, data, division_path)
            SELECT now(), id, 'corrected', jsonb_build_object(%s::text, jsonb_build_array(%s::text, 'corrected')), '1.2'
            FROM incidents WHERE id = %s
            """,
            [field, {"category": "x", "risk": "low"}.get(field, ""), incident],
        )


def test_no_place_changes_without_the_old_one_in_the_timeline(app: Connection) -> None:
    see(app, scope="1")
    incident = inserted(app, INCIDENT, "A", "1.2")
    move = "UPDATE incidents SET geom = ST_SetSRID(ST_MakePoint(120, 31.000000000000004), 4326) WHERE id = %s"
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="place"):
        app.execute(move, [incident])
    entry = "INSERT INTO timeline (at, incident_id, kind, data, division_path) VALUES (now(), %s, 'edited', %s, '1.2')"
    with app.transaction():
        app.execute(move, [incident])
        app.execute(entry, [incident, json.dumps({"place": [[120.6, 31.1], [120.0, 31.000000000000004]]})])


def test_a_temporary_timeline_is_not_asked_for_the_old_words(app: Connection) -> None:
    see(app, scope="1")
    incident = inserted(app, INCIDENT, "A", "1.2")
    app.execute("CREATE TEMPORARY TABLE timeline (incident_id bigint, data jsonb)")
    app.execute("INSERT INTO timeline VALUES (%s, %s)", [incident, '{"title": ["", "rewritten"]}'])
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="title"):
        app.execute("UPDATE incidents SET title = 'rewritten' WHERE id = %s", [incident])
    app.execute("DROP TABLE pg_temp.timeline")


USER = """
    INSERT INTO users (username, display_name, role, scope_path, failed_attempts, created_at)
    VALUES (%s, 'x', 'source', '1', 0, now()) RETURNING id
"""


def test_an_account_keeps_the_sources_that_it_has_reported_under(cluster: Cluster) -> None:
    make_database(cluster.socket, "before_sources")
    urls = urls_of(cluster.socket, "before_sources")
    migrate(urls.owner, to="0008")
    registered = """
        INSERT INTO timeline (at, incident_id, kind, actor_id, data, division_path)
        VALUES (now(), %s, 'registered', %s, jsonb_build_object('source', %s::text), '1.2')
    """
    with psycopg.connect(conninfo_of(urls.app), autocommit=True) as app:
        see(app, scope="1")
        bureau, silent = inserted(app, USER, "bureau"), inserted(app, USER, "silent")
        incident = inserted(app, INCIDENT, "A", "1.2")
        for source in ("police", "hotline", "police"):
            app.execute(registered, [incident, bureau, source])
        migrate(urls.owner)
        found: dict[object, object] = dict(app.execute("SELECT id, sources FROM users").fetchall())
    assert found == {bureau: ["hotline", "police"], silent: []}


RIGHTS = f"""
    SELECT c.relname, string_agg(left(p, 1), '' ORDER BY p)
    FROM pg_class AS c CROSS JOIN unnest(ARRAY['DELETE', 'INSERT', 'SELECT', 'TRUNCATE', 'UPDATE']) AS p
    WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace = 'public'::regnamespace
        AND has_table_privilege('{APP}', c.oid, p)
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype = 'e')
    GROUP BY relname
"""
KEPT = {
    "alarms": "IS",
    "alembic_version": "S",
    "earlier_states": "IS",
    "feed_log": "IS",
    "fixes": "IS",
    "imports": "IS",
    "incidents": "IS",
    "timeline": "IS",
}
"""What is only ever added to; of incidents and alarms some columns can be updated. All else is state, which changes."""
DEFINERS = """
    SELECT proname FROM pg_proc AS p WHERE prosecdef AND pronamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
"""


def test_the_app_role_can_only_add_to_history(app: Connection, names: Names) -> None:
    rights: dict[str, str] = dict(app.execute(RIGHTS).fetchall())
    assert {name: rights[name] for name in KEPT} == KEPT
    assert not [name for name, letters in rights.items() if "T" in letters]
    assert names(DEFINERS) == {"add_partitions", "drop_partitions"}


DEADLINES = """
    SELECT kind, subject_id, amount, fired_at IS NOT NULL FROM deadlines ORDER BY subject_id, kind
"""


def test_what_is_open_already_gets_its_deadlines(cluster: Cluster) -> None:
    make_database(cluster.socket, "before_deadlines")
    urls = urls_of(cluster.socket, "before_deadlines")
    migrate(urls.owner, to="0006")
    with psycopg.connect(conninfo_of(urls.app), autocommit=True) as app:
        see(app, scope="1")
        force = inserted(app, FORCE, "F", "1.2")
        overdue, waiting, served, closed = (inserted(app, INCIDENT, code, "1.2") for code in "ABCD")
        app.execute(TASK, [served, force, "1.2"])
        app.execute("UPDATE tasks SET answer_due_at = assigned_at + interval '2 minutes'")
        app.execute("UPDATE incidents SET status = 'registered' WHERE id = ANY (%s)", [[overdue, waiting]])
        app.execute("UPDATE incidents SET first_due_at = now() + interval '1 hour' WHERE id = %s", [waiting])
        app.execute("UPDATE incidents SET registered_at = first_due_at - interval '2 hours'")
        app.execute("UPDATE incidents SET status = 'closed' WHERE id = %s", [closed])
        migrate(urls.owner)
        [task] = [row[0] for row in app.execute("SELECT id FROM tasks")]
        found = app.execute(DEADLINES).fetchall()
    assert sorted(found) == sorted(
        [
            ("incident.first_response", overdue, 7200, True),
            ("incident.first_response", waiting, 7200, False),
            ("task.answer", task, 120, False),
        ]
    )


BARE = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND NOT relrowsecurity AND \
relnamespace = 'public'::regnamespace"
WITHOUT_POLICY = {
    "alembic_version": "one row: the version of the schema",
    "calendar_years": "the State Council's days off, which are public",
    "clock_contents": "limits and hours of the pack, which are public",
    "feed_head": "one row: the feed's position, which every client gets",
    "follow_up_counts": "how many cases each draw has counted, of no division; told to the whole place alone",
    "packs": "versions of the place's flow, which every client may read",
    "push_subscriptions": "a session's own, read before any reach is known; no route tells its address and keys",
    "sessions": "read before any reach is known; holds digests of secrets, and no division",
    "spatial_ref_sys": "PostGIS's own list of coordinate systems",
    "task_messages": "what the server's own loop sends of tasks by id, read before any reach is known",
    "users": "read before any reach is known, and names the actors of timelines",
}
"""Tables without row-level security, with the reason. A new table has a policy, or an entry here."""


def test_hotspots_are_counted_anew_in_the_hexagons_that_hold_them(cluster: Cluster) -> None:
    """The database before counted by parents of the finest cell."""
    make_database(cluster.socket, "counted")
    urls = urls_of(cluster.socket, "counted")
    migrate(urls.owner, to="0008")
    with connect(cluster.socket, "counted") as superuser:
        for code, path in (("A", "1.2"), ("B", "1.2"), ("C", "1.3")):
            inserted(superuser, INCIDENT, code, path)
        superuser.execute("INSERT INTO cell_counts VALUES ('1.2', 1, 'x', now(), 7)")
    migrate(urls.owner)
    with connect(cluster.socket, "counted") as superuser:
        counted = superuser.execute(
            "SELECT division_path::text, cell_7, cell_8, cell_9, cell_10, category, n FROM cell_counts ORDER BY 1"
        ).fetchall()
        quarters = superuser.execute(
            "SELECT bool_and(occurred_at - bucket BETWEEN '0' AND interval '15 minutes') FROM incidents, cell_counts"
        ).fetchone()
    assert counted == [(path, *point_cells(120.6, 31.1), "x", n) for path, n in (("1.2", 2), ("1.3", 1))]
    assert quarters == (True,)


def test_every_table_without_a_policy_has_its_reason(names: Names) -> None:
    assert names(BARE) == set(WITHOUT_POLICY)
