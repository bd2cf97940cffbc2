"""`maplebridge import`: grids, cameras, places, routes, incidents, forces and networks of sectors from files."""

import asyncio
import gc
import hashlib
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from getpass import getuser
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from api.intake.files.importing import import_file
from api.intake.files.jobs import GridOptions, ImportJob, ImportOutcome, Kind, NetworkOptions, OpenRows
from api.intake.import_log import Origin
from api.keeping.commands.database import open_store
from api.keeping.commands.draft_import import draft
from api.keeping.commands.fault_drawing import draw_faults, drawing_beside
from api.keeping.commands.import_listing import log
from api.keeping.commands.import_options import (
    AsJson,
    Crs,
    CutEnclaves,
    DateFormatOption,
    DatumOption,
    Distinct,
    DryRun,
    Encoding,
    Faults,
    File,
    Header,
    Layer,
    Map,
    MergeParts,
    Repair,
    Set,
    SkipBad,
    SwapXy,
    Timezone,
    Value,
    date_format_of,
    only_level,
    options_of,
)
from api.keeping.commands.import_report import (
    keep_rejects,
    refusal_json,
    refusal_text,
    report_json,
    report_text,
    reserved,
    with_good_rows,
)
from api.keeping.commands.progress import progress
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from geo.overlay.disagreements import WIDTH_M
from ingest.files.choices import Choices
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused
from ingest.files.reading import read_table
from ingest.files.table import Table
from layers.divisions.terms import Root

app = typer.Typer(
    no_args_is_help=True,
    help="Grids, cameras, places, incidents, forces and networks of sectors from files: GeoPackage, GeoJSON, Shapefile "
    "(zip), KML, KMZ, CSV, XLSX, Parquet, FlatGeobuf, MapInfo. Checked row by row; stored completely or not at all.",
)
app.command()(draft)
app.command()(log)


@app.command()
def grids(
    file: File,
    datum: DatumOption = None,
    level: Annotated[
        str | None, typer.Option(help="Level of the grids in the county's pack; default the only one below the root.")
    ] = None,
    parent: Annotated[str | None, typer.Option(help="Code of the parent, for rows without one.")] = None,
    valid_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of these boundaries; default today.")
    ] = None,
    end_below: Annotated[
        bool, typer.Option("--end-below", help="End lower divisions that no longer fit into a redrawn boundary.")
    ] = False,
    codes_from_names: Annotated[bool, typer.Option(help="Derive the codes from the names.")] = False,
    repair: Repair = None,
    merge_parts: MergeParts = False,
    cut_enclaves: CutEnclaves = False,
    faults: Faults = None,
    crs: Crs = None,
    swap_xy: SwapXy = False,
    layer: Layer = None,
    encoding: Encoding = None,
    header: Header = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import divisions of one level. The first file of a new county also makes the root, as their union."""
    options = options_of(datum, map_, set_, value, crs=crs, swap_xy=swap_xy, codes_from_names=codes_from_names)
    options = replace(options, repair=repair, merge_parts=merge_parts, cut_enclaves=cut_enclaves)

    def grid_options_for(root: Root, today: date) -> GridOptions:
        first_day = valid_from.date() if valid_from else today
        return GridOptions(level or only_level(root), parent or root.code, first_day, ends_below=end_below)

    choices = Choices(layer, encoding, header)
    _run(
        "grids",
        file,
        options,
        choices,
        grid_options_for=grid_options_for,
        drawing_to=faults or drawing_beside(file),
        dry_run=dry_run,
        as_json=as_json,
    )


LISTS: Mapping[Kind, str] = {
    "cameras": "Import cameras: code, name, owner, heading, fov_deg, range_m, level, ptz, online, said_at, division, "
    "lon, lat. Updates known codes.",
    "key_areas": "Import key areas as polygons: code, kind, name, division. Updates known codes.",
    "places": "Import centres and stations: code, kind, name, name_en, division, lon, lat. Updates known codes.",
    "routes": "Import routes of rounds, a row a point: division (its grid), route, name, lon, lat. Updates known ones.",
}
"""Lists that need no options of their own, with their help."""


def _command_of(kind: Kind, words: str) -> None:
    """Make the command that imports a list."""

    def run(
        file: File,
        datum: DatumOption = None,
        crs: Crs = None,
        swap_xy: SwapXy = False,
        layer: Layer = None,
        encoding: Encoding = None,
        header: Header = None,
        skip_bad: SkipBad = None,
        map_: Map = None,
        set_: Set = None,
        value: Value = None,
        dry_run: DryRun = False,
        as_json: AsJson = False,
    ) -> None:
        options = options_of(datum, map_, set_, value, crs=crs, swap_xy=swap_xy)
        choices = Choices(layer, encoding, header, keep_bad_rows=skip_bad is not None)
        _run(kind, file, options, choices, rejects=skip_bad, dry_run=dry_run, as_json=as_json)

    run.__doc__ = words
    app.command(kind)(run)


for _kind, _words in LISTS.items():
    _command_of(_kind, _words)


@app.command()
def incidents(
    file: File,
    datum: DatumOption = None,
    crs: Crs = None,
    swap_xy: SwapXy = False,
    timezone: Timezone = None,
    distinct: Distinct = None,
    open_: Annotated[
        OpenRows,
        typer.Option(
            "--open",
            help="Incidents without a closing time: close those that are history by their age, "
            "keep all open, or close all.",
        ),
    ] = OpenRows.BY_AGE,
    again: Annotated[
        bool, typer.Option("--again", help="Store incidents without a number though this file was stored before.")
    ] = False,
    layer: Layer = None,
    encoding: Encoding = None,
    header: Header = None,
    date_format: DateFormatOption = None,
    skip_bad: SkipBad = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import incidents: source, external_no, category, title, description, lon, lat, occurred_at, closed_at, risk,
    language."""
    options = options_of(datum, map_, set_, value, crs=crs, swap_xy=swap_xy, timezone=timezone, distinct=distinct)
    options = replace(options, dates=date_format_of(date_format))
    choices = Choices(layer, encoding, header, keep_bad_rows=skip_bad is not None)
    _run(
        "incidents",
        file,
        options,
        choices,
        rejects=skip_bad,
        open_rows=open_,
        again=again,
        dry_run=dry_run,
        as_json=as_json,
    )


@app.command()
def forces(
    file: File,
    datum: DatumOption = None,
    crs: Crs = None,
    swap_xy: SwapXy = False,
    distinct: Distinct = None,
    outside: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="Assign forces whose home is outside the county to this division."),
    ] = None,
    layer: Layer = None,
    encoding: Encoding = None,
    header: Header = None,
    skip_bad: SkipBad = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import forces: code, name, kind, organisation, specialities (a;b), languages, mode, duty, device, division,
    lon, lat. Updates known codes."""
    options = replace(
        options_of(datum, map_, set_, value, crs=crs, swap_xy=swap_xy, distinct=distinct), outside=outside
    )
    choices = Choices(layer, encoding, header, keep_bad_rows=skip_bad is not None)
    _run("forces", file, options, choices, rejects=skip_bad, dry_run=dry_run, as_json=as_json)


@app.command()
def network(
    file: File,
    datum: DatumOption = None,
    sector: Annotated[str | None, typer.Option(help="Sector of rows that name none, by code or name.")] = None,
    valid_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of this network; default today.")
    ] = None,
    width: Annotated[
        float, typer.Option(min=0.1, max=50, help="Width in metres from which on borders are reported to disagree.")
    ] = WIDTH_M,
    repair: Repair = None,
    crs: Crs = None,
    swap_xy: SwapXy = False,
    layer: Layer = None,
    encoding: Encoding = None,
    header: Header = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import the areas of sectors' networks: sector, code, name, organisation, worker, worker_code, the pack's counts,
    polygons. Replaces the whole network of each sector in the file."""
    options = replace(options_of(datum, map_, set_, value, crs=crs, swap_xy=swap_xy), repair=repair)

    def network_options_for(_: Root, today: date) -> NetworkOptions:
        return NetworkOptions(sector, valid_from.date() if valid_from else today, width)

    choices = Choices(layer, encoding, header)
    _run(
        "network",
        file,
        options,
        choices,
        grid_options_for=network_options_for,
        dry_run=dry_run,
        as_json=as_json,
    )


def _run(
    kind: Kind,
    file: Path,
    options: Options,
    choices: Choices,
    *,
    dry_run: bool,
    as_json: bool,
    rejects: Path | None = None,
    grid_options_for: Callable[[Root, date], GridOptions | NetworkOptions] | None = None,
    drawing_to: Path | None = None,
    open_rows: OpenRows = OpenRows.BY_AGE,
    again: bool = False,
) -> None:
    """Read, check and store a file; print the report. Exits with 1 if the file is refused.

    Without `rejects`, a file for the rows that have problems, one such row refuses the file. Faults of borders are
    drawn to `drawing_to`. `grid_options_for` returns, for the root and today in the county, how grids are read.
    """
    gc.disable()  # Searching rows for cycles, which they have none of, takes a fifth of the time of checking them.
    settings = Settings()
    pack = load_pack(settings.county)
    now = datetime.now(UTC)
    today = now.astimezone(pack.zone).date()
    table: Table | None = None
    try:
        with progress() as shown, reserved(rejects):
            shown.step("read")
            table = read_table(file, choices)
            shown.step("check", total=len(table.records))
            job = ImportJob(
                kind=kind,
                table=table,
                options=options,
                now=now,
                day=today,
                grid_options=grid_options_for and grid_options_for(pack.root, today),
                open_rows=open_rows,
                again=again,
                dry_run=dry_run,
                skip_bad=rejects is not None,
                origin=origin_of(file),  # After reading, which refuses pipes and devices: hashing one may never end.
                on_progress=shown.step,
            )
            outcome = asyncio.run(_import(settings, pack, job))
    except FileRefused as refused:
        can_skip = kind not in ("grids", "network") and rejects is None and options.distinct is None
        _end_refused(file, with_good_rows(refused, table if can_skip else None), drawing_to, as_json=as_json)
    outcome = keep_rejects(rejects, table, _with_drawing(outcome, drawing_to), dry_run=dry_run)
    typer.echo(report_json(file, outcome, dry_run=dry_run) if as_json else report_text(file, outcome, dry_run=dry_run))


def _end_refused(file: Path, refused: FileRefused, drawing_to: Path | None, *, as_json: bool) -> NoReturn:
    """Draw faults of borders, print why the file is refused, and exit with 1."""
    refused = FileRefused([*draw_faults(refused.drawing, drawing_to), *refused.problems])
    typer.echo(refusal_json(file, refused) if as_json else refusal_text(file, refused))
    sys.exit(1)


def _with_drawing(outcome: ImportOutcome, drawing_to: Path | None) -> ImportOutcome:
    """Draw faults of borders, and tell where."""
    notes = [{"code": p.code, **p.params} for p in draw_faults(outcome.drawing, drawing_to)]
    return replace(outcome, notes=[*outcome.notes, *notes])


def origin_of(file: Path) -> Origin:
    """Return a file's origin for the log. Under sudo, the keeper is the calling account."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").digest()
    return Origin(keeper=os.environ.get("SUDO_USER") or getuser(), file=file.name, digest=digest)


async def _import(settings: Settings, pack: Pack, job: ImportJob) -> ImportOutcome:
    async with open_store(settings) as store:
        return await import_file(store, pack, job)
