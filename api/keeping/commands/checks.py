"""What `doctor` looks at. Each check answers one finding, and none stops the others."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from getpass import getuser

import psycopg

from api.keeping.commands.database import opened
from api.keeping.commands.database_checks import look_at_owner, look_inside
from api.keeping.commands.finding import Finding
from api.keeping.commands.ports import NoSuchDoor, require_free
from api.keeping.postgres.programs import PostgresError, find_programs
from api.keeping.postgres.roles import conninfo_of
from api.place.pack import PackError, load_pack
from api.settings import Settings

FREE_GIGABYTES = 2


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
    """Room, and the right to write, in the folder of data or where that would be made."""
    folder = next(place for place in (settings.data_dir, *settings.data_dir.parents) if place.exists())
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        remedy = f"Let {getuser()} write there, or move MAPLEBRIDGE_DATA_DIR."
        return Finding("disk", False, f"cannot write in {folder}: {error.strerror}", remedy)
    free = shutil.disk_usage(folder).free / 1e9
    remedy = f"Free at least {FREE_GIGABYTES} GB, or move MAPLEBRIDGE_DATA_DIR."
    return Finding("disk", free >= FREE_GIGABYTES, f"{free:.1f} GB free at {folder}", remedy)


def _front_end(settings: Settings) -> Finding:
    page = settings.static_dir / "index.html"
    built = page.exists()
    detail = f"built in {settings.static_dir}" if built else f"there is no {page}"
    return Finding("front end", built, detail, "Run ./maplebridge demo or serve: either builds it first.")


def _port(settings: Settings) -> Finding:
    """A port that is taken by a Maplebridge already running is no fault of anyone's, but only its keeper knows."""
    where = f"{settings.host}:{settings.port}"
    try:
        require_free(settings.host, settings.port)
    except NoSuchDoor as error:
        ours = " It is right if Maplebridge itself runs there." if error.params["taken"] else ""
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
        with opened(settings) as urls, psycopg.connect(conninfo_of(urls.app), autocommit=True) as app:
            yield Finding("database", True, f"reached as {app.info.user}")
            yield from look_inside(app, has_owner=urls.owner != urls.app)
            if settings.database_url and urls.owner != urls.app:
                yield from look_at_owner(app, conninfo_of(urls.owner))
    except PostgresError as error:
        yield Finding("database", False, error.params["problem"], error.params["remedy"])
    except OSError as error:
        detail = f"the private cluster cannot use {error.filename}: {error.strerror}"
        yield Finding("database", False, detail, "Mend the folder, or move MAPLEBRIDGE_DATA_DIR.")
    except psycopg.OperationalError as error:
        said = " ".join(str(error).split())
        answers = "FATAL" in said
        remedy = "Mend MAPLEBRIDGE_DATABASE_URL." if answers else "Start the server, or mend MAPLEBRIDGE_DATABASE_URL."
        yield Finding("database", False, said, remedy)
