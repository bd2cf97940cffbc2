"""Checks of `doctor`. Each returns one finding, and a failed one does not stop the others."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from getpass import getuser
from urllib.parse import urlsplit

import psycopg

from api.keeping.commands.broker_check import check_broker
from api.keeping.commands.database import open_database
from api.keeping.commands.database_checks import check_database, check_owner
from api.keeping.commands.finding import Finding
from api.keeping.commands.message_checks import check_hook, check_push
from api.keeping.commands.ports import PortUnusable, require_free
from api.keeping.postgres.programs import PostgresError, find_programs
from api.keeping.postgres.roles import conninfo_of
from api.keeping.words import said
from api.keeping.words.refused import pack_refusal
from api.live.raster_source import source_of
from api.place.problems import PackError
from api.place.reading import load_pack
from api.settings import Settings
from api.watch.calendar import calendar_in
from api.watch.road_server import ServerEngine
from console.clocks.calendar import BadCalendar
from geo.errors import MaplebridgeError
from layers.basemap.archive import Basemaps
from layers.basemap.errors import RasterFailed, RasterTooSlow
from layers.basemap.raster import RasterFiles
from layers.current import CURRENT
from layers.roads.engines import installed
from layers.roads.errors import EngineFault, NoWayKnown
from layers.roads.graph import Roads
from layers.roads.rules import locate_request
from layers.tiles import Tile

FREE_GIGABYTES = 2


CHINA = Tile(4, 13, 6)


def run_checks(settings: Settings) -> list[Finding]:
    """Run all checks, the database's last, since the private cluster may have to be started."""
    findings = [_python(), _pack(settings), _calendar(settings), _disk(settings), _front_end(settings), _port(settings)]
    findings += [_roads(settings), _basemap(settings), _raster(settings), check_push(settings), check_hook(settings)]
    findings.append(check_broker(settings))
    if not settings.database_url:
        findings.append(_programs())
    return [*findings, *_database(settings)]


def _python() -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), found, said("Install Python 3.11 or newer."))


def _pack(settings: Settings) -> Finding:
    try:
        pack = load_pack(settings.county)
    except PackError as error:
        remedy = said(
            "Mend the pack (`maplebridge packs check` looks at it alone), or name another in MAPLEBRIDGE_COUNTY."
        )
        return Finding("county", False, pack_refusal(error), remedy)
    return Finding("county", True, f"{pack.names.en} {pack.names.zh}")


def _calendar(settings: Settings) -> Finding:
    """Check that the notices of days off can be read and that this year's is there; from October on, say whether the
    next year's is: it may not have been issued yet.
    """
    remedy = said(
        "Put the notice of the State Council into MAPLEBRIDGE_CALENDAR_DIR, one TOML file each; see docs/clocks.md."
    )
    try:
        calendar = calendar_in(settings.calendar_dir)
    except BadCalendar as error:
        detail = said("cannot read {file}: {reason}", file=error.params["file"], reason=error.params["reason"])
        return Finding("calendar", False, detail, remedy)
    today = datetime.now(UTC).date()
    missing = calendar.missing(today)
    if missing is not None:
        detail = said("the days off of {year} are missing: due times in it are provisional", year=missing)
        return Finding("calendar", missing > today.year, detail, remedy)
    return Finding("calendar", True, said("days off until {year}", year=max(calendar.years)))


def _disk(settings: Settings) -> Finding:
    """Check free space and write permission in the data folder, or where it would be created."""
    folder = next(place for place in (settings.data_dir, *settings.data_dir.parents) if place.exists())
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        remedy = said("Give {user} write permission there, or change MAPLEBRIDGE_DATA_DIR.", user=getuser())
        detail = said("cannot write in {folder}: {reason}", folder=folder, reason=error.strerror)
        return Finding("disk", False, detail, remedy)
    free = shutil.disk_usage(folder).free / 1e9
    remedy = said("Free at least {gigabytes} GB, or change MAPLEBRIDGE_DATA_DIR.", gigabytes=FREE_GIGABYTES)
    detail = said("{gigabytes:.1f} GB free at {folder}", gigabytes=free, folder=folder)
    return Finding("disk", free >= FREE_GIGABYTES, detail, remedy)


def _front_end(settings: Settings) -> Finding:
    page = settings.static_dir / "index.html"
    built = page.exists()
    detail = said("built in {folder}", folder=settings.static_dir) if built else said("there is no {file}", file=page)
    return Finding("front end", built, detail, said("Run ./maplebridge demo or serve, which build it first."))


def _port(settings: Settings) -> Finding:
    """Check whether the port is free. A running Maplebridge also occupies it, so the remedy mentions that."""
    where = f"{settings.host}:{settings.port}"
    try:
        require_free(settings.host, settings.port)
    except PortUnusable as error:
        ours = said(" Ignore this if Maplebridge itself is running there.") if error.params["taken"] else ""
        remedy = f"{error.params['remedy']}{ours}"
        return Finding("port", False, f"{where}: {error.params['reason']}", remedy)
    return Finding("port", True, said("{where} is free", where=where))


def _roads(settings: Settings) -> Finding:
    """Say by which way roads are asked. Without any, times are estimates, which is no fault."""
    if settings.roads_url:
        return _road_server(settings.roads_url)
    library = installed()
    if library is None:
        return Finding("roads", True, said("estimates by straight line: there is no road library for this Python"))
    if not (settings.roads_dir / CURRENT).exists():
        detail = said("estimates by straight line; `maplebridge roads build` makes travel times by road")
        return Finding("roads", True, detail)
    graph = Roads(settings.roads_dir).now()
    if graph is None or graph.info is None:
        remedy = said("Build it again with `maplebridge roads build`; until then, times are estimates.")
        return Finding("roads", False, said("the graph cannot be used"), remedy)
    found = graph.info
    day = (found.data_at or found.built_at).date()
    detail = said(
        "{library}, graph {version} of {day}, {ways} roads",
        library=library,
        version=found.version,
        day=day,
        ways=found.ways,
    )
    return Finding("roads", True, detail)


def _basemap(settings: Settings) -> Finding:
    """Say which basemap there is. Without one, maps show the county's own lines, which is no fault."""
    if not (settings.basemap_dir / CURRENT).exists():
        detail = said("none; `maplebridge basemap build` makes one of roads, water and buildings")
        return Finding("basemap", True, detail)
    basemap = Basemaps(settings.basemap_dir).now()
    if basemap is None:
        remedy = said("Build it again with `maplebridge basemap build`; until then, maps are without it.")
        return Finding("basemap", False, said("the basemap cannot be used"), remedy)
    found = basemap.info
    day = (found.data_at or found.built_at).date()
    if not found.things:
        return Finding("basemap", True, said("{credit}, basemap {version}", credit=found.credit, version=found.version))
    detail = said("version {version} of {day}, {things} things", version=found.version, day=day, things=found.things)
    return Finding("basemap", True, detail)


def _raster(settings: Settings) -> Finding:
    """Say which raster map there is: of a server, by its host alone, since its address holds the key."""
    if settings.raster_urls:
        hosts = ", ".join(dict.fromkeys(str(urlsplit(url).hostname) for url in settings.raster_urls))
        detail = said(
            "{credit}, {layers} layers from {hosts}",
            credit=settings.raster_credit,
            layers=len(settings.raster_urls),
            hosts=hosts,
        )
        fault = asyncio.run(_fault_of_raster(settings))
        if fault is None:
            return Finding("raster map", True, detail)
        remedy = said("Check the settings of raster tiles, the key and the way out; until then, maps are without it.")
        return Finding("raster map", False, f"{detail}: {fault.code} {fault.params}", remedy)
    if not (settings.raster_dir / CURRENT).exists():
        return Finding("raster map", True, said("none; MAPLEBRIDGE_RASTER_URLS or `maplebridge basemap use` gives one"))
    raster = RasterFiles(settings.raster_dir).now()
    if raster is None:
        remedy = said("Give it again with `maplebridge basemap use`; until then, maps are without it.")
        return Finding("raster map", False, said("the raster map cannot be used"), remedy)
    found = raster.info
    zooms = f"{found.min_zoom}–{found.max_zoom}"
    return Finding(
        "raster map",
        True,
        said("{credit}, version {version}, zooms {zooms}", credit=found.credit, version=found.version, zooms=zooms),
    )


async def _fault_of_raster(settings: Settings) -> MaplebridgeError | None:
    """Ask the server of raster tiles for China of each layer."""
    source = source_of(settings)
    assert source is not None
    try:
        for layer in range(source.info.layers):
            await source.tile(layer, CHINA)
    except (RasterFailed, RasterTooSlow) as fault:
        return fault
    finally:
        await source.close()
    return None


def _road_server(url: str) -> Finding:
    try:
        ServerEngine(url).ask("locate", locate_request([(0.0, 0.0)]))
    except EngineFault as error:
        detail = said("the server at {url} does not answer: {reason}", url=url, reason=error.params["fault"])
        remedy = said("Start the Valhalla server, or unset MAPLEBRIDGE_ROADS_URL; until then, times are estimates.")
        return Finding("roads", False, detail, remedy)
    except NoWayKnown:
        pass
    return Finding("roads", True, said("the server at {url}", url=url))


def _programs() -> Finding:
    try:
        found = find_programs()
    except PostgresError as error:
        return Finding("postgresql", False, error.params["problem"], error.params["remedy"])
    return Finding("postgresql", True, said("{major} with PostGIS in {folder}", major=found.major, folder=found.folder))


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with open_database(settings) as urls, psycopg.connect(conninfo_of(urls.app), autocommit=True) as app:
            yield Finding("database", True, said("connected as {user}", user=app.info.user))
            yield from check_database(app, has_owner=urls.owner != urls.app)
            if settings.database_url and urls.owner != urls.app:
                yield from check_owner(app, conninfo_of(urls.owner))
    except PostgresError as error:
        yield Finding("database", False, error.params["problem"], error.params["remedy"])
    except OSError as error:
        detail = said("the private cluster cannot use {file}: {reason}", file=error.filename, reason=error.strerror)
        yield Finding("database", False, detail, said("Repair the folder, or change MAPLEBRIDGE_DATA_DIR."))
    except psycopg.OperationalError as error:
        message = " ".join(str(error).split())
        answers = "FATAL" in message
        remedy = said("Correct MAPLEBRIDGE_DATABASE_URL.")
        if not answers:
            remedy = said("Start the database server, or correct MAPLEBRIDGE_DATABASE_URL.")
        yield Finding("database", False, message, remedy)
