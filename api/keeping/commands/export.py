"""`maplebridge export`: write a layer to a file."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from api.keeping.commands.database import open_store
from api.keeping.commands.import_messages import message_of
from api.keeping.commands.progress import progress
from api.keeping.words.language import is_chinese
from api.place.catalogue import ALL
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from geo.datum import Datum
from geo.errors import MaplebridgeError
from geo.store import Reach, Store
from ingest.files.problems import Problem
from layers.catalogue import Layer
from layers.divisions.queries import find_by_code
from layers.exports.actions import Order
from layers.exports.actions import export as export_layer
from layers.exports.apart import Written
from layers.exports.errors import CannotHold, NotDated, TooDemanding
from layers.exports.queries import Selection
from layers.exports.rules import ENDINGS, Format, format_of
from layers.hotspots.cell_sets import CellSets
from layers.hotspots.rules import EARLIEST_DAY, LATEST_DAY, View


class Exported(StrEnum):
    GRIDS = "grids"
    CAMERAS = "cameras"
    KEY_AREAS = "key_areas"
    PLACES = "places"
    INCIDENTS = "incidents"
    FORCES = "forces"
    HOTSPOTS = "hotspots"
    NETWORKS = "networks"


def export(
    layer: Annotated[Exported, typer.Argument(help="Layer to export.")],
    file: Annotated[
        Path, typer.Argument(help=f"File to write; its extension chooses the format: {' '.join(ENDINGS)}.")
    ],
    datum: Annotated[Datum, typer.Option(help="Datum of the file's coordinates.")] = Datum.WGS84,
    division: Annotated[str | None, typer.Option(metavar="CODE", help="Export only this division's rows.")] = None,
    day: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Boundaries and hotspots as of this day; incidents that occurred on it."
        ),
    ] = None,
    level: Annotated[str, typer.Option(help="Level of grids in the county's pack.")] = "grid",
) -> None:
    """Write a layer to a file that `maplebridge import` reads again: GeoPackage, GeoJSON, Shapefile (zip), KML,
    FlatGeobuf, CSV or XLSX."""
    chosen = format_of(file.name)
    if chosen is None:
        raise typer.BadParameter(_message("export.ending", endings=list(ENDINGS)), param_hint="FILE")
    settings = Settings()
    pack = load_pack(settings.county)
    if level not in {known.level for known in pack.root.levels}:
        raise typer.BadParameter(
            _message("grids.level_unknown", level=level, levels=[k.level for k in pack.root.levels])
        )
    if day is not None and not EARLIEST_DAY <= day.date() <= LATEST_DAY:
        raise typer.BadParameter(f"{EARLIEST_DAY} … {LATEST_DAY}", param_hint="--day")
    found = ALL.get(layer.value)
    assert found is not None
    if layer is Exported.GRIDS:
        found = replace(found, levels=(level,))
    try:
        with progress() as shown:
            shown.step("write")
            written = asyncio.run(_export(settings, pack, found, chosen, datum, division, day and day.date(), file))
    except (CannotHold, NotDated, TooDemanding) as refused:
        raise typer.Exit(_refused(file, refused)) from refused
    notes = [f"  {_message(note['code'], **note)}" for note in written.notes]
    typer.echo("\n".join([f"{file}: {_message('export.written', rows=written.rows, datum=datum.value)}", *notes]))


def _refused(file: Path, refused: MaplebridgeError) -> int:
    """Print why nothing was written; return the exit code."""
    typer.echo(f"{file}: {_message(refused.code, **refused.params)}")
    return 1


def _message(code: str, **params: object) -> str:
    return message_of(Problem(code, params=params), chinese=is_chinese())


async def _export(
    settings: Settings,
    pack: Pack,
    layer: Layer,
    chosen: Format,
    datum: Datum,
    division: str | None,
    day: date | None,
    file: Path,
) -> Written:
    """Write to a temporary file beside the target and replace the target when complete."""
    now = datetime.now(UTC)
    today = now.astimezone(pack.zone).date()
    async with open_store(settings) as store:
        order = Order(
            layer=layer,
            format=chosen,
            datum=datum,
            wanted=Selection(zone=pack.zone, today=today, within=await _path(store, pack, division, today), day=day),
            reach=Reach(scope=pack.root.code),
            now=now,
            view=View(res=pack.hotspots.resolution, window=pack.hotspots.window),
            cell_sets=CellSets(),
            least_hot=pack.hotspots.least_incidents,
            complete=True,
        )
        with TemporaryDirectory(dir=file.parent, prefix=".maplebridge-") as folder:
            target = Path(folder) / file.name
            written = await export_layer(store, order, target)
            target.replace(file)
    return written


async def _path(store: Store, pack: Pack, code: str | None, day: date) -> str | None:
    if code is None:
        return None
    async with store.transaction(Reach(scope=pack.root.code)) as session:
        found = await find_by_code(session, code, day=day)
    if found is None:
        raise typer.BadParameter(_message("division.unknown", value=code), param_hint="--division")
    return found.division_path
