"""Checks of `doctor`. Each returns one finding, and a failed one does not stop the others."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from getpass import getuser

import psycopg

from api.keeping.commands.database import open_database
from api.keeping.commands.database_checks import check_database, check_owner
from api.keeping.commands.finding import Finding
from api.keeping.commands.ports import PortUnusable, require_free
from api.keeping.postgres.programs import PostgresError, find_programs
from api.keeping.postgres.roles import conninfo_of
from api.place.problems import PackError
from api.place.reading import load_pack
from api.settings import Settings

FREE_GIGABYTES = 2


def run_checks(settings: Settings) -> list[Finding]:
    """Run all checks, the database's last, since the private cluster may have to be started."""
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
        remedy = "Mend the pack (`maplebridge packs check` looks at it alone), or name another in MAPLEBRIDGE_COUNTY."
        return Finding("county", False, str(error), remedy)
    return Finding("county", True, f"{pack.names.en} {pack.names.zh}")


def _disk(settings: Settings) -> Finding:
    """Check free space and write permission in the data folder, or where it would be created."""
    folder = next(place for place in (settings.data_dir, *settings.data_dir.parents) if place.exists())
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        remedy = f"Give {getuser()} write permission there, or change MAPLEBRIDGE_DATA_DIR."
        return Finding("disk", False, f"cannot write in {folder}: {error.strerror}", remedy)
    free = shutil.disk_usage(folder).free / 1e9
    remedy = f"Free at least {FREE_GIGABYTES} GB, or change MAPLEBRIDGE_DATA_DIR."
    return Finding("disk", free >= FREE_GIGABYTES, f"{free:.1f} GB free at {folder}", remedy)


def _front_end(settings: Settings) -> Finding:
    page = settings.static_dir / "index.html"
    built = page.exists()
    detail = f"built in {settings.static_dir}" if built else f"there is no {page}"
    return Finding("front end", built, detail, "Run ./maplebridge demo or serve, which build it first.")


def _port(settings: Settings) -> Finding:
    """Check whether the port is free. A running Maplebridge also occupies it, so the remedy mentions that."""
    where = f"{settings.host}:{settings.port}"
    try:
        require_free(settings.host, settings.port)
    except PortUnusable as error:
        ours = " Ignore this if Maplebridge itself is running there." if error.params["taken"] else ""
        remedy = f"{error.params['remedy']}{ours}"
        return Finding("port", False, f"{where}: {error.params['reason']}", remedy)
    return Finding("port", True, f"{where} is free")


def _programs() -> Finding:
    try:
        found = find_programs()
    except PostgresError as error:
        return Finding("postgresql", False, error.params["problem"], error.params["remedy"])
    return Finding("postgresql", True, f"{found.major} with PostGIS in {found.folder}")


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with open_database(settings) as urls, psycopg.connect(conninfo_of(urls.app), autocommit=True) as app:
            yield Finding("database", True, f"connected as {app.info.user}")
            yield from check_database(app, has_owner=urls.owner != urls.app)
            if settings.database_url and urls.owner != urls.app:
                yield from check_owner(app, conninfo_of(urls.owner))
    except PostgresError as error:
        yield Finding("database", False, error.params["problem"], error.params["remedy"])
    except OSError as error:
        detail = f"the private cluster cannot use {error.filename}: {error.strerror}"
        yield Finding("database", False, detail, "Repair the folder, or change MAPLEBRIDGE_DATA_DIR.")
    except psycopg.OperationalError as error:
        message = " ".join(str(error).split())
        answers = "FATAL" in message
        remedy = "Correct MAPLEBRIDGE_DATABASE_URL."
        if not answers:
            remedy = "Start the database server, or correct MAPLEBRIDGE_DATABASE_URL."
        yield Finding("database", False, message, remedy)
