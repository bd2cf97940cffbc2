"""`maplebridge roads`: build the road graph by which travel times are reckoned."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.intake.basemap import build_basemap
from api.intake.lists import NationalLists
from api.intake.made_roads import make_roads
from api.intake.roads import build_roads
from api.keeping.commands.database import open_store
from api.keeping.words import said
from api.place.reading import load_pack
from api.settings import Settings
from geo.store import Reach
from layers.current import seen_of
from layers.roads.engines import installed
from layers.roads.queries import grid_points
from layers.roads.rules import Place

app = typer.Typer(no_args_is_help=True, help="Build the road graph by which travel times are reckoned.")

File = Annotated[Path, typer.Argument(help="An OpenStreetMap extract: FILE.osm.pbf.", metavar="FILE.osm.pbf")]
STEPS = {
    "making": "making up the county's streets and water",
    "drawing": "drawing the basemap",
    "checking": "checking the file",
    "building": "building the graph",
    "comparing": "comparing it with the county's grids",
}


@app.callback()
def roads() -> None:
    """Build the road graph by which travel times are reckoned."""


@app.command()
def build(file: File) -> None:
    """Build the graph from an OpenStreetMap extract. If it is refused, the old one stays."""
    _build(Settings(), file)


@app.command()
def make() -> None:
    """Make up streets and water along the lines of a generated county, and build basemap and graph from them.

    A basemap or a graph that is there already stays.
    """
    settings = Settings()
    _tell("making")
    make_roads(load_pack(settings.county), settings.made_map, land=NationalLists(settings.names_dir))
    if seen_of(settings.basemap_dir) is None:
        _tell("drawing")
        build_basemap(settings.made_map, settings.basemap_dir, grids=(), now=datetime.now(UTC))
    if seen_of(settings.roads_dir) is None and installed() is not None and not settings.roads_url:
        _build(settings, settings.made_map)


def _build(settings: Settings, file: Path) -> None:
    grids = asyncio.run(county_grids(settings))
    if not grids:
        typer.echo(said("there are no grids yet: the roads are not compared with them"))
    info = build_roads(file, settings.roads_dir, grids=grids, now=datetime.now(UTC), told=_tell)
    typer.echo(said("{ways} roads, graph {version}", ways=info.ways, version=info.version))


def _tell(step: str) -> None:
    typer.echo(said(STEPS[step]))


async def county_grids(settings: Settings) -> list[Place]:
    """Return points of the county's grids, by which a file is compared with it."""
    pack = load_pack(settings.county)
    async with open_store(settings) as store, store.transaction(Reach(scope=pack.root.code)) as session:
        return await grid_points(session, day=datetime.now(pack.zone).date())
