"""What `doctor` looks at. Each check answers one finding, and none stops the others."""

import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from api.commands.database import opened
from api.migrations.history import newest_version
from api.pack import PackError, load_pack
from api.postgres.programs import OLDEST, PostgresError, find_programs
from api.postgres.roles import EXTENSIONS, LEAKPROOF, Urls, conninfo_of
from api.settings import Settings

FREE_GIGABYTES = 2
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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it is good, what it is like, and how to mend it."""

    name: str
    good: bool
    detail: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything, the database last, since it may have to be started."""
    findings = [_python(), _pack(settings), _disk(settings), _front_end(settings), _port(settings)]
    if not settings.database_url:
        findings.append(_programs())
    return [*findings, *_database(settings)]


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), found, "Install Python 3.11 or newer.")


def _pack(settings: Settings) -> Finding:
    try:
        pack = load_pack(settings.county)
    except PackError as error:
        return Finding("county", False, str(error), "Set MAPLEBRIDGE_COUNTY to a pack's name or file.")
    return Finding("county", True, f"{pack.names.en} {pack.names.zh}")


def _disk(settings: Settings) -> Finding:
    folder = next(place for place in (settings.data_dir, *settings.data_dir.parents) if place.exists())
    free = shutil.disk_usage(folder).free / 1e9
    remedy = f"Free at least {FREE_GIGABYTES} GB, or move MAPLEBRIDGE_DATA_DIR."
    return Finding("disk", free >= FREE_GIGABYTES, f"{free:.1f} GB free at {folder}", remedy)


def _front_end(settings: Settings) -> Finding:
    page = settings.static_dir / "index.html"
    built = page.exists()
    detail = f"built in {settings.static_dir}" if built else f"there is no {page}"
    return Finding("front end", built, detail, "Run ./maplebridge serve once, or npm ci && npm run build in static/.")


def _port(settings: Settings) -> Finding:
    """A port that is taken by a Maplebridge already running is no fault of anyone's, but only its keeper knows."""
    where = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((settings.host, settings.port))
        except OSError as error:
            remedy = "Stop what uses it, or set MAPLEBRIDGE_PORT. It is right if Maplebridge itself runs there."
            return Finding("port", False, f"{where}: {error.strerror}", remedy)
    return Finding("port", True, f"{where} is free")


def _programs() -> Finding:
    try:
        found = find_programs()
    except PostgresError as error:
        return Finding("postgresql", False, error.params["problem"], error.params["remedy"])
    return Finding("postgresql", True, f"{found.major} with PostGIS in {found.folder}")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with opened(settings) as urls, psycopg.connect(conninfo_of(urls.app), autocommit=True) as app:
            yield Finding("database", True, f"reached as {app.info.user}")
            yield from _inside(app, urls)
    except PostgresError as error:
        yield Finding("database", False, error.params["problem"], error.params["remedy"])
    except psycopg.OperationalError as error:
        yield Finding("database", False, str(error).strip(), "Start the server, or mend MAPLEBRIDGE_DATABASE_URL.")


def _inside(app: psycopg.Connection, urls: Urls) -> Iterator[Finding]:
    yield _server_version(app)
    yield from _extensions(app)
    yield _clock(app)
    migrations = _migrations(app)
    yield migrations
    if migrations.good:
        yield _role(app, separate=urls.owner != urls.app)
        yield _security(app)
        yield _leakproof(app)


def _server_version(app: psycopg.Connection) -> Finding:
    major = app.info.server_version // 10000
    return Finding("server", major >= OLDEST, f"PostgreSQL {major}", f"Upgrade it to {OLDEST} or newer.")


def _extensions(app: psycopg.Connection) -> Iterator[Finding]:
    versions: dict[str, str] = dict(app.execute(VERSIONS).fetchall())
    for name in EXTENSIONS:
        remedy = f"As a superuser of this database: CREATE EXTENSION {name};"
        yield Finding(name, name in versions, versions.get(name, "missing"), remedy)
    found = tuple(int(part) for part in versions.get("postgis", "0.0").split(".")[:2])
    if "postgis" in versions and found < OLDEST_POSTGIS:
        yield Finding("postgis version", False, versions["postgis"], "Upgrade PostGIS to 3.3 or newer.")


def _clock(app: psycopg.Connection) -> Finding:
    """This machine's clock against the database's, and against the day this was written."""
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
    return Finding("migrations", found == wanted, f"at {found or 'none'}, wanted {wanted}", "Run maplebridge migrate.")


def _role(app: psycopg.Connection, *, separate: bool) -> Finding:
    row = app.execute(ROLE).fetchone()
    remedy = "Let MAPLEBRIDGE_DATABASE_URL name a role that is no superuser, has no BYPASSRLS and owns no table."
    if not row or any(row):
        return Finding("role", False, f"{app.info.user} is above row-level security or owns the tables", remedy)
    if not separate:
        return Finding("role", True, f"{app.info.user}; MAPLEBRIDGE_MIGRATION_DATABASE_URL is not set here")
    return Finding("role", True, f"{app.info.user} owns nothing and is bound by row-level security")


def _security(app: psycopg.Connection) -> Finding:
    bare = [name for (name,) in app.execute(UNGUARDED)]
    detail = f"not forced on {', '.join(bare)}" if bare else "forced on every table with a division"
    return Finding(
        "row-level security", not bare, detail, "Restore the schema: maplebridge migrate on an empty database."
    )


def _leakproof(app: psycopg.Connection) -> Finding:
    """Without it everything is right and slow: behind row-level security no spatial index would be used."""
    leaky = [name for (name,) in app.execute(LEAKY, [list(LEAKPROOF)])]
    remedy = "As a superuser of this database: " + " ".join(f"ALTER FUNCTION {name} LEAKPROOF;" for name in leaky)
    detail = f"not for {', '.join(leaky)}" if leaky else "behind row-level security"
    return Finding("spatial indexes", not leaky, detail, remedy)
