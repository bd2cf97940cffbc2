"""`maplebridge basemap`: build or bring the map that the county's lines stand on."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.intake.basemap import build_basemap
from api.intake.given_map import use_file
from api.keeping.commands.roads import county_grids
from api.keeping.words import said
from api.settings import Settings
from layers.basemap.raster import RasterInfo

app = typer.Typer(no_args_is_help=True, help="Build or bring the map that the county's lines stand on.")

File = Annotated[Path, typer.Argument(help="An OpenStreetMap extract: FILE.osm.pbf.", metavar="FILE.osm.pbf")]
Tiles = Annotated[Path, typer.Argument(help="Tiles: FILE.mbtiles or FILE.pmtiles.", metavar="FILE")]
DatumName = Annotated[str, typer.Option("--datum", help="Datum of the tiles: wgs84 or cgcs2000.")]
Credit = Annotated[str | None, typer.Option(help="Who made them, as it stands on maps; by default, as the file says.")]
STEPS = {"checking": "checking the file", "drawing": "drawing the basemap"}


@app.callback()
def basemap() -> None:
    """Build or bring the map that the county's lines stand on."""


@app.command()
def build(file: File) -> None:
    """Build the basemap from an OpenStreetMap extract. If it is refused, the old one stays."""
    settings = Settings()
    grids = asyncio.run(county_grids(settings))
    if not grids:
        typer.echo(said("there are no grids yet: the roads are not compared with them"))
    told = lambda step: typer.echo(said(STEPS[step]))  # noqa: E731
    info = build_basemap(file, settings.basemap_dir, grids=grids, now=datetime.now(UTC), told=told)
    if info.incomplete:
        typer.echo(
            said(
                "cut off by the extract's border: {incomplete}, of which water closed along it: {closed}",
                incomplete=info.incomplete,
                closed=info.closed,
            )
        )
    typer.echo(said("{things} things drawn, basemap {version}", things=info.things, version=info.version))


@app.command()
def use(file: Tiles, datum: DatumName, credit: Credit = None) -> None:
    """Use a file of finished tiles: pictures as the raster map, layers as `build` makes them as the basemap."""
    settings = Settings()
    info = use_file(
        file,
        datum=datum,
        credit=credit,
        basemaps=settings.basemap_dir,
        rasters=settings.raster_dir,
        grids=asyncio.run(county_grids(settings)),
        now=datetime.now(UTC),
    )
    if isinstance(info, RasterInfo):
        zooms = f"{info.min_zoom}–{info.max_zoom}"
        words = "{credit}, version {version}, zooms {zooms}"
        typer.echo(said(words, credit=info.credit, version=info.version, zooms=zooms))
        if settings.raster_urls:
            typer.echo(said("MAPLEBRIDGE_RASTER_URLS comes before it: unset it to see the file's"))
    else:
        typer.echo(said("{credit}, basemap {version}", credit=info.credit, version=info.version))
