"""Options of `maplebridge import` and `replay`, and what they mean."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

import typer

from api.keeping.commands.import_messages import message_of
from api.keeping.commands.option_texts import pair, replacements
from api.keeping.words import is_chinese, said
from geo.datum import Datum
from ingest.files.dates import DateFormat
from ingest.files.grid_coverage import WIDEST_REPAIR_M
from ingest.files.mapping import Options
from ingest.files.problems import Problem
from layers.divisions.terms import Root

File = Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)]
DatumOption = Annotated[
    str | None,
    typer.Option("--datum", help="Datum of its coordinates: wgs84 (also CGCS2000), gcj02 or bd09."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and report everything, and store nothing.")]
Layer = Annotated[str | None, typer.Option("--layer", "--sheet", help="Layer or sheet, if the file has several.")]
Encoding = Annotated[
    str | None, typer.Option(help="Encoding of the text, if the file does not tell: utf-8, gb18030, big5, …")
]
Header = Annotated[
    int | None, typer.Option(min=1, metavar="ROW", help="Row with the column names, below a title; default the first.")
]
DateFormatOption = Annotated[
    str | None,
    typer.Option("--date-format", help="Order of dates that leave it open: dmy, mdy, ymd, or a pattern as %d.%m.%Y."),
]
SkipBad = Annotated[
    Path | None,
    typer.Option(
        metavar="REJECTS.csv",
        dir_okay=False,
        help="Store the good rows, and write the others with their problems to this new file.",
    ),
]
Map = Annotated[list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Column of a field.")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="Value of a field for all rows.")]
Value = Annotated[
    list[str] | None, typer.Option("--value", metavar="FIELD:OLD=NEW", help="Replace a value of the file.")
]
Distinct = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="Import one row for each value of this column, at its rows' median point."),
]
Timezone = Annotated[str | None, typer.Option(help="Time zone of times without one, such as Asia/Shanghai.")]
Crs = Annotated[
    str | None,
    typer.Option("--crs", metavar="EPSG:CODE", help="Coordinate system of a file that declares none, or a wrong one."),
]
SwapXy = Annotated[bool, typer.Option("--swap-xy", help="Exchange x and y: the file has latitude, or northing, first.")]
Repair = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=WIDEST_REPAIR_M,
        metavar="METRES",
        help="Mend gaps and overlaps up to this width, and invalid polygons; no border moves further.",
    ),
]
MergeParts = Annotated[bool, typer.Option("--merge-parts", help="Join rows of the same code into one grid.")]
CutEnclaves = Annotated[
    bool, typer.Option("--cut-enclaves", help="Cut grids that are drawn over another one out of it.")
]
Faults = Annotated[
    Path | None,
    typer.Option(metavar="PATH", help="Where to draw faults of borders; default FILE.faults.geojson.", dir_okay=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


def options_of(
    datum: str | None,
    map_: list[str] | None,
    set_: list[str] | None,
    value: list[str] | None,
    *,
    crs: str | None = None,
    timezone: str | None = None,
    distinct: str | None = None,
    codes_from_names: bool = False,
    date_format: str | None = None,
    swap_xy: bool = False,
) -> Options:
    if datum not in list(Datum):
        code = "datum.missing" if datum is None else "datum.unknown"
        raise typer.BadParameter(message_of(Problem(code), chinese=is_chinese()), param_hint="--datum")
    if timezone is not None and timezone not in available_timezones():
        raise typer.BadParameter(said("{timezone}: no such time zone", timezone=timezone), param_hint="--timezone")
    return Options(
        datum=Datum(datum),
        columns=dict(pair(text, "--map") for text in map_ or ()),
        constants=dict(pair(text, "--set") for text in set_ or ()),
        values=replacements(value or []),
        zone=ZoneInfo(timezone) if timezone else None,
        distinct=distinct,
        codes_from_names=codes_from_names,
        dates=date_format_of(date_format),
        crs=crs,
        swap_xy=swap_xy,
    )


def date_format_of(text: str | None) -> DateFormat:
    try:
        return DateFormat() if text is None else DateFormat.of(text)
    except ValueError as error:
        message = message_of(Problem("date_format.unknown", params={"value": text}), chinese=is_chinese())
        raise typer.BadParameter(message, param_hint="--date-format") from error


def only_level(root: Root) -> str:
    """Return the level below the root, if the pack has only one. Raises BadParameter with the levels to choose from."""
    below = [level.level for level in root.levels[1:]]
    if len(below) != 1:
        problem = Problem("level.which", params={"levels": below})
        raise typer.BadParameter(message_of(problem, chinese=is_chinese()), param_hint="--level")
    return below[0]
