"""`maplebridge basemap`: build the basemap that maps are drawn on."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.intake.basemap import build_basemap
from api.keeping.commands.roads import county_grids
from api.keeping.words import said
from api.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Build the basemap that maps are drawn on.")

File = Annotated[Path, typer.Argument(help="An OpenStreetMap extract: FILE.osm.pbf.", metavar="FILE.osm.pbf")]
STEPS = {"checking": "checking the file", "drawing": "drawing the basemap"}


@app.callback()
def basemap() -> None:
    """Build the basemap that maps are drawn on."""


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
