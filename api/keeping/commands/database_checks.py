"""Checks of `doctor` inside a database: as the app role, and as its owner."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg

from api.keeping.commands.finding import Finding
from api.keeping.migrations.history import is_known, newest_version
from api.keeping.postgres.programs import OLDEST
from api.keeping.postgres.roles import EXTENSIONS, LEAKPROOF
from api.keeping.words import said

CLOCK_SECONDS = 2
RELEASED = datetime(2026, 1, 1, tzinfo=UTC)
OLDEST_POSTGIS = (3, 3)

VERSIONS = "SELECT extname, extversion FROM pg_extension"
UNGUARDED = """
    SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE attname = 'division_path' AND relkind IN ('r', 'p') AND NOT relispartition AND NOT relforcerowsecurity
        AND pg_table_is_visible(pg_class.oid)
"""
LEAKY = """
    SELECT name FROM unnest(%s::text[]) AS name
    WHERE NOT (SELECT proleakproof FROM pg_proc WHERE oid = name::regprocedure)
"""
ROLE = "SELECT rolsuper OR rolbypassrls, pg_has_role(current_user, tableowner, 'MEMBER') FROM pg_roles, pg_tables \
WHERE rolname = current_user AND tablename = 'incidents' AND schemaname = 'public'"
WHICH = "SELECT oid, pg_postmaster_start_time() FROM pg_database WHERE datname = current_database()"
SEES_ALL = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def check_database(app: psycopg.Connection, *, has_owner: bool) -> Iterator[Finding]:
    """Check the database as the app role. `has_owner`: the owner has a URL of its own."""
    yield _server_version(app)
    yield _encoding(app)
    yield from _extensions(app)
    yield _clock(app)
    migrations = _migrations(app)
    yield migrations
    if migrations.good:
        yield _role(app, separate=has_owner)
        yield _security(app)
        yield _leakproof(app)


def _server_version(app: psycopg.Connection) -> Finding:
    major = app.info.server_version // 10000
    return Finding(
        "server", major >= OLDEST, f"PostgreSQL {major}", said("Upgrade it to {major} or newer.", major=OLDEST)
    )


def _encoding(app: psycopg.Connection) -> Finding:
    found = app.info.parameter_status("server_encoding") or said("unknown")
    remedy = said("Create the database again with ENCODING 'UTF8' (docs/settings.md): names are Chinese.")
    return Finding("encoding", found == "UTF8", found, remedy)


def _extensions(app: psycopg.Connection) -> Iterator[Finding]:
    versions: dict[str, str] = dict(app.execute(VERSIONS).fetchall())
    for name in EXTENSIONS:
        remedy = said("As a superuser of this database: {statements}", statements=f"CREATE EXTENSION {name};")
        yield Finding(name, name in versions, versions.get(name, said("missing")), remedy)
    found = tuple(int(part) for part in versions.get("postgis", "0.0").split(".")[:2])
    if "postgis" in versions and found < OLDEST_POSTGIS:
        yield Finding("postgis version", False, versions["postgis"], said("Upgrade PostGIS to 3.3 or newer."))


def _clock(app: psycopg.Connection) -> Finding:
    """Compare this machine's clock with the database's, and with the release date of this program."""
    row = app.execute("SELECT clock_timestamp()").fetchone()
    here = datetime.now(UTC)
    apart = abs((here - row[0]).total_seconds()) if row else 0.0
    detail = said("{here:%Y-%m-%d %H:%M:%S} UTC, {seconds:.1f} s from the database's", here=here, seconds=apart)
    return Finding("clock", apart < CLOCK_SECONDS and here > RELEASED, detail, said("Set the clocks by NTP (chrony)."))


def _migrations(app: psycopg.Connection) -> Finding:
    wanted = newest_version()
    known = app.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone() == (True,)
    row = app.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    found = row[0] if row else None
    is_newer = found is not None and not is_known(found)
    remedy = (
        said("Install the newer program that migrated this database.")
        if is_newer
        else said("Run ./maplebridge migrate; demo migrates by itself.")
    )
    detail = said("at {found}, wanted {wanted}", found=found or "–", wanted=wanted)
    return Finding("migrations", found == wanted, detail, remedy)


def _role(app: psycopg.Connection, *, separate: bool) -> Finding:
    row = app.execute(ROLE).fetchone()
    user = app.info.user
    remedy = said("Set MAPLEBRIDGE_DATABASE_URL to a role that is no superuser, has no BYPASSRLS and owns no table.")
    if not row or any(row):
        return Finding("role", False, said("{user} bypasses row-level security or owns the tables", user=user), remedy)
    if not separate:
        return Finding("role", True, said("{user}; MAPLEBRIDGE_MIGRATION_DATABASE_URL is not set here", user=user))
    return Finding("role", True, said("{user} owns no table and is bound by row-level security", user=user))


def _security(app: psycopg.Connection) -> Finding:
    bare = [name for (name,) in app.execute(UNGUARDED)]
    detail = (
        said("not forced on {tables}", tables=", ".join(bare))
        if bare
        else said("forced on every table with a division")
    )
    statements = " ".join(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY;" for name in bare)
    remedy = said("As their owner: {statements}", statements=statements)
    return Finding("row-level security", not bare, detail, remedy)


def _leakproof(app: psycopg.Connection) -> Finding:
    """Check that spatial operators are leakproof: otherwise results are right, but row-level security prevents index
    scans.
    """
    leaky = [name for (name,) in app.execute(LEAKY, [list(LEAKPROOF)])]
    statements = " ".join(f"ALTER FUNCTION {name} LEAKPROOF;" for name in leaky)
    remedy = said("As a superuser of this database: {statements}", statements=statements)
    detail = said("not for {functions}", functions=", ".join(leaky)) if leaky else said("behind row-level security")
    return Finding("spatial indexes", not leaky, detail, remedy)


def check_owner(app: psycopg.Connection, conninfo: str) -> Iterator[Finding]:
    """Check that the owner's URL leads to the same database, and that its role can migrate and back up."""
    try:
        with psycopg.connect(conninfo, autocommit=True) as owner:
            same = app.execute(WHICH).fetchone() == owner.execute(WHICH).fetchone()
            connected = said("connected as {user}", user=owner.info.user)
            detail = connected if same else said("the two URLs lead to different databases")
            yield Finding("owner", same, detail, said("Correct MAPLEBRIDGE_MIGRATION_DATABASE_URL."))
            yield _backup(owner)
    except psycopg.OperationalError as error:
        yield Finding("owner", False, " ".join(str(error).split()), said("Correct MAPLEBRIDGE_MIGRATION_DATABASE_URL."))


def _backup(owner: psycopg.Connection) -> Finding:
    """Check that the owner sees every row: row-level security is forced on it too, and a backup must be complete."""
    can = owner.execute(SEES_ALL).fetchone() == (True,)
    user = owner.info.user
    refuses = said("{user} does not see every row, so `backup` refuses", user=user)
    detail = said("its role sees every row") if can else refuses
    return Finding(
        "backup", can, detail, said("As a superuser: {statements}", statements=f"ALTER ROLE {user} BYPASSRLS;")
    )
