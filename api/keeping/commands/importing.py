"""`maplebridge import`: grids, cameras, places, routes, incidents, forces and networks of sectors from files."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

import typer

from api.intake.files.jobs import GridOptions, Kind, NetworkOptions, OpenRows
from api.keeping.commands.draft_import import draft
from api.keeping.commands.fault_drawing import drawing_beside
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
from api.keeping.commands.import_running import run
from api.keeping.commands.register_import import counts
from geo.overlay.disagreements import WIDTH_M
from ingest.files.choices import Choices
from layers.divisions.terms import Root

app = typer.Typer(
    no_args_is_help=True,
    help="Grids, cameras, places, incidents, forces and networks of sectors from files: GeoPackage, GeoJSON, Shapefile "
    "(zip), KML, KMZ, CSV, XLSX, Parquet, FlatGeobuf, MapInfo. Checked row by row; stored completely or not at all.",
)
app.command()(draft)
app.command()(log)
app.command()(counts)


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
    run(
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
    "units": "Import units of the register: code, kind, name, name_en, division, parent, hours, telephone, services "
    "(a;b), specialities, attendance, running, lon, lat. Updates known codes; a unit without a place is on no map.",
}
"""Lists that need no options of their own, with their help."""


def _command_of(kind: Kind, words: str) -> None:
    """Make the command that imports a list."""

    def import_list(
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
        run(kind, file, options, choices, rejects=skip_bad, dry_run=dry_run, as_json=as_json)

    import_list.__doc__ = words
    app.command(kind)(import_list)


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
    run(
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
    run("forces", file, options, choices, rejects=skip_bad, dry_run=dry_run, as_json=as_json)


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
    run(
        "network",
        file,
        options,
        choices,
        grid_options_for=network_options_for,
        dry_run=dry_run,
        as_json=as_json,
    )
