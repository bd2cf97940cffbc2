"""Checks of `doctor` inside a database: as the app role, and as its owner."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg

from api.keeping.commands.finding import Finding
from api.keeping.migrations.history import is_known, newest_version
from api.keeping.postgres.programs import OLDEST
from api.keeping.postgres.roles import EXTENSIONS, LEAKPROOF

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
    return Finding("server", major >= OLDEST, f"PostgreSQL {major}", f"Upgrade it to {OLDEST} or newer.")


def _encoding(app: psycopg.Connection) -> Finding:
    found = app.info.parameter_status("server_encoding") or "unknown"
    remedy = "Create the database again with ENCODING 'UTF8' (docs/settings.md): names are Chinese."
    return Finding("encoding", found == "UTF8", found, remedy)


def _extensions(app: psycopg.Connection) -> Iterator[Finding]:
    versions: dict[str, str] = dict(app.execute(VERSIONS).fetchall())
    for name in EXTENSIONS:
        remedy = f"As a superuser of this database: CREATE EXTENSION {name};"
        yield Finding(name, name in versions, versions.get(name, "missing"), remedy)
    found = tuple(int(part) for part in versions.get("postgis", "0.0").split(".")[:2])
    if "postgis" in versions and found < OLDEST_POSTGIS:
        yield Finding("postgis version", False, versions["postgis"], "Upgrade PostGIS to 3.3 or newer.")


def _clock(app: psycopg.Connection) -> Finding:
    """Compare this machine's clock with the database's, and with the release date of this program."""
    row = app.execute("SELECT clock_timestamp()").fetchone()
    here = datetime.now(UTC)
    apart = abs((here - row[0]).total_seconds()) if row else 0.0
    detail = f"{here:%Y-%m-%d %H:%M:%S} UTC, {apart:.1f} s from the database's"
    return Finding("clock", apart < CLOCK_SECONDS and here > RELEASED, detail, "Set the clocks by NTP (chrony).")


def _migrations(app: psycopg.Connection) -> Finding:
    wanted = newest_version()
    known = app.execute("SELECT to_regclass('public.alembic_version') IS NOT NULL").fetchone() == (True,)
    row = app.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
    found = row[0] if row else None
    is_newer = found is not None and not is_known(found)
    remedy = (
        "Install the newer program that migrated this database."
        if is_newer
        else "Run ./maplebridge migrate; demo migrates by itself."
    )
    return Finding("migrations", found == wanted, f"at {found or 'none'}, wanted {wanted}", remedy)


def _role(app: psycopg.Connection, *, separate: bool) -> Finding:
    row = app.execute(ROLE).fetchone()
    remedy = "Set MAPLEBRIDGE_DATABASE_URL to a role that is no superuser, has no BYPASSRLS and owns no table."
    if not row or any(row):
        return Finding("role", False, f"{app.info.user} bypasses row-level security or owns the tables", remedy)
    if not separate:
        return Finding("role", True, f"{app.info.user}; MAPLEBRIDGE_MIGRATION_DATABASE_URL is not set here")
    return Finding("role", True, f"{app.info.user} owns no table and is bound by row-level security")


def _security(app: psycopg.Connection) -> Finding:
    bare = [name for (name,) in app.execute(UNGUARDED)]
    detail = f"not forced on {', '.join(bare)}" if bare else "forced on every table with a division"
    remedy = "As their owner: " + " ".join(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY;" for name in bare)
    return Finding("row-level security", not bare, detail, remedy)


def _leakproof(app: psycopg.Connection) -> Finding:
    """Check that spatial operators are leakproof: otherwise results are right, but row-level security prevents index
    scans.
    """
    leaky = [name for (name,) in app.execute(LEAKY, [list(LEAKPROOF)])]
    remedy = "As a superuser of this database: " + " ".join(f"ALTER FUNCTION {name} LEAKPROOF;" for name in leaky)
    detail = f"not for {', '.join(leaky)}" if leaky else "behind row-level security"
    return Finding("spatial indexes", not leaky, detail, remedy)


def check_owner(app: psycopg.Connection, conninfo: str) -> Iterator[Finding]:
    """Check that the owner's URL leads to the same database, and that its role can migrate and back up."""
    try:
        with psycopg.connect(conninfo, autocommit=True) as owner:
            same = app.execute(WHICH).fetchone() == owner.execute(WHICH).fetchone()
            detail = f"connected as {owner.info.user}" if same else "the two URLs lead to different databases"
            yield Finding("owner", same, detail, "Correct MAPLEBRIDGE_MIGRATION_DATABASE_URL.")
            yield _backup(owner)
    except psycopg.OperationalError as error:
        yield Finding("owner", False, " ".join(str(error).split()), "Correct MAPLEBRIDGE_MIGRATION_DATABASE_URL.")


def _backup(owner: psycopg.Connection) -> Finding:
    """Check that the owner sees every row: row-level security is forced on it too, and a backup must be complete."""
    can = owner.execute(SEES_ALL).fetchone() == (True,)
    detail = "its role sees every row" if can else f"{owner.info.user} does not see every row, so `backup` refuses"
    return Finding("backup", can, detail, f"As a superuser: ALTER ROLE {owner.info.user} BYPASSRLS;")
