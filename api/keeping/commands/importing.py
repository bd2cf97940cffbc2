"""`maplebridge import`: grids, cameras, places, incidents and forces from files."""

import asyncio
import hashlib
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from getpass import getuser
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

import typer

from api.intake.files.jobs import Drawing, Import, Kind, Outcome
from api.intake.files.taking import take
from api.intake.import_log import ImportEntry, Origin, list_imports
from api.keeping.commands.database import open_store
from api.keeping.commands.import_messages import counts_text, message_of, printable
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from geo.datum import Datum
from geo.store import Reach
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused, Problem
from ingest.files.reading import read_table
from ingest.files.table import Table

app = typer.Typer(
    no_args_is_help=True,
    help="Grids, cameras, places, incidents and forces from files: GeoPackage, GeoJSON, Shapefile (zip), KML, KMZ, "
    "CSV, XLSX, Parquet, FlatGeobuf, MapInfo. Checked row by row; kept whole or not at all.",
)
SHOWN = 200
SHOWN_OF_DIGEST = 16

File = Annotated[Path, typer.Argument(help="The file.", exists=True, dir_okay=False)]
DatumOption = Annotated[
    str | None,
    typer.Option("--datum", help="What its coordinates are measured against: wgs84 (also CGCS2000), gcj02 or bd09."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything, tell of it, and keep nothing.")]
Layer = Annotated[str | None, typer.Option(help="The layer or sheet, where the file has several.")]
Map = Annotated[list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="The column that a field is in.")]
Set = Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="One value for all rows.")]
Value = Annotated[
    list[str] | None, typer.Option("--value", metavar="FIELD:OLD=NEW", help="What a value of the file means.")
]
Distinct = Annotated[
    str | None, typer.Option(metavar="COLUMN", help="One row for each value of it, at its rows' median place.")
]
Timezone = Annotated[
    str | None, typer.Option(help="Where times without a zone were written down, such as Asia/Shanghai.")
]
AsJson = Annotated[bool, typer.Option("--json", help="The report as JSON.")]


@app.command()
def grids(
    file: File,
    level: Annotated[str, typer.Option(help="Which of the county's levels these are.")],
    datum: DatumOption = None,
    parent: Annotated[str | None, typer.Option(help="Code of what they lie in, for rows that do not say.")] = None,
    valid_from: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day of these lines; today if left out.")
    ] = None,
    end_below: Annotated[
        bool, typer.Option("--end-below", help="Let what lies below a redrawn line and no longer fits into it end.")
    ] = False,
    codes_from_names: Annotated[bool, typer.Option(help="Make the codes out of the names.")] = False,
    layer: Layer = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Lines of one level. Before there is a county, the first file's lines together make it."""
    options = options_of(datum, map_, set_, value, codes_from_names=codes_from_names)

    def drawn(root: str, today: date) -> Drawing:
        first_day = valid_from.date() if valid_from else today
        return Drawing(level, parent or root, first_day, ends_below=end_below)

    _run("grids", file, options, layer=layer, drawn=drawn, dry_run=dry_run, as_json=as_json)


@app.command()
def cameras(
    file: File,
    datum: DatumOption = None,
    layer: Layer = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Cameras: code, name, owner, heading, fov_deg, range_m, online, division, lon, lat. Known codes are updated."""
    options = options_of(datum, map_, set_, value)
    _run("cameras", file, options, layer=layer, dry_run=dry_run, as_json=as_json)


@app.command()
def places(
    file: File,
    datum: DatumOption = None,
    layer: Layer = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Centres and stations: code, kind, name, name_en, division, lon, lat. Known codes are brought up to date."""
    options = options_of(datum, map_, set_, value)
    _run("places", file, options, layer=layer, dry_run=dry_run, as_json=as_json)


@app.command()
def incidents(
    file: File,
    datum: DatumOption = None,
    timezone: Timezone = None,
    distinct: Distinct = None,
    layer: Layer = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Records: source, external_no, category, title, description, lon, lat, occurred_at, closed_at, risk."""
    options = options_of(datum, map_, set_, value, timezone=timezone, distinct=distinct)
    _run("incidents", file, options, layer=layer, dry_run=dry_run, as_json=as_json)


@app.command()
def forces(
    file: File,
    datum: DatumOption = None,
    distinct: Distinct = None,
    outside: Annotated[
        str | None, typer.Option(metavar="CODE", help="Post those whose home lies beyond the county to this division.")
    ] = None,
    layer: Layer = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Staff: code, name, kind, organisation, specialities (a;b), languages, mode, duty, device, division, lon, lat."""
    options = replace(options_of(datum, map_, set_, value, distinct=distinct), outside=outside)
    _run("forces", file, options, layer=layer, dry_run=dry_run, as_json=as_json)


@app.command()
def log(limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the newest first.")] = 20) -> None:
    """What came in by files: when, by whom, which file (with the beginning of its SHA-256), and what became of it."""
    for entry in asyncio.run(_logged(Settings(), limit=limit)):
        counts = counts_text(entry.counts, chinese=is_chinese())
        when = entry.at.astimezone(UTC).isoformat(timespec="seconds")
        said = (when, entry.keeper, entry.kind, entry.datum, entry.file, entry.digest.hex()[:SHOWN_OF_DIGEST], counts)
        typer.echo("\t".join(said))


async def _logged(settings: Settings, *, limit: int) -> Sequence[ImportEntry]:
    root = load_pack(settings.county).root.code
    async with open_store(settings) as store, store.transaction(Reach(scope=root)) as session:
        return await list_imports(session, limit=limit)


def options_of(
    datum: str | None,
    map_: list[str] | None,
    set_: list[str] | None,
    value: list[str] | None,
    *,
    timezone: str | None = None,
    distinct: str | None = None,
    codes_from_names: bool = False,
) -> Options:
    if datum not in list(Datum):
        code = "datum.missing" if datum is None else "datum.unknown"
        raise typer.BadParameter(message_of(Problem(code), chinese=is_chinese()), param_hint="--datum")
    if timezone is not None and timezone not in available_timezones():
        raise typer.BadParameter(f"{timezone}: no such time zone", param_hint="--timezone")
    return Options(
        datum=Datum(datum),
        columns=dict(pair(text, "--map") for text in map_ or ()),
        constants=dict(pair(text, "--set") for text in set_ or ()),
        values=replacements(value or []),
        zone=ZoneInfo(timezone) if timezone else None,
        distinct=distinct,
        codes_from_names=codes_from_names,
    )


def pair(text: str, option: str) -> tuple[str, str]:
    """`a=b` as (a, b)."""
    left, equals, right = text.partition("=")
    if not equals or not left.strip():
        raise typer.BadParameter(f"{text!r} should be A=B", param_hint=option)
    return left.strip(), right.strip()


def replacements(texts: list[str]) -> dict[str, dict[str, str]]:
    """`field:old=new`, by field. The old value may hold colons and the new one may not be empty."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for text in texts:
        field, colon, rest = text.partition(":")
        old, equals, new = rest.rpartition("=")
        if not colon or not equals or not old:
            raise typer.BadParameter(f"{text!r} should be FIELD:OLD=NEW", param_hint="--value")
        found[field.strip()][old.strip()] = new.strip()
    return dict(found)


def _run(
    kind: Kind,
    file: Path,
    options: Options,
    *,
    layer: str | None,
    dry_run: bool,
    as_json: bool,
    drawn: Callable[[str, date], Drawing] | None = None,
) -> None:
    """Read, check and keep; print what happened. Exit code 1 when the file is refused.

    `drawn` answers, for the root's code and the day it is there, how lines are to be read.
    """
    settings = Settings()
    pack = load_pack(settings.county)
    now = datetime.now(UTC)
    today = now.astimezone(pack.zone).date()
    try:
        table = read_table(file, layer=layer)
        origin = origin_of(file)  # Only now: a pipe has no end, and a device may have none.
        job = Import(
            kind=kind,
            table=table,
            options=options,
            now=now,
            day=today,
            drawing=drawn and drawn(pack.root.code, today),
            dry_run=dry_run,
            origin=origin,
        )
        outcome = asyncio.run(_take(settings, pack, job))
    except FileRefused as refused:
        report = {"file": str(file), "kept": False, "problems": [p.as_json() for p in refused.problems]}
        typer.echo(json.dumps(report, ensure_ascii=False) if as_json else refusal_text(file, refused))
        sys.exit(1)
    typer.echo(_report(file, table, outcome, dry_run=dry_run, as_json=as_json))


def origin_of(file: Path) -> Origin:
    """What the log is to say of a file. Behind sudo, the keeper is whoever called it."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").digest()
    return Origin(keeper=os.environ.get("SUDO_USER") or getuser(), file=file.name, digest=digest)


async def _take(settings: Settings, pack: Pack, job: Import) -> Outcome:
    async with open_store(settings) as store:
        return await take(store, pack, job)


def _report(file: Path, table: Table, outcome: Outcome, *, dry_run: bool, as_json: bool) -> str:
    if as_json:
        report: dict[str, Any] = {"file": str(file), "kept": not dry_run, "counts": outcome.counts}
        return json.dumps({**report, "notes": list(outcome.notes)}, ensure_ascii=False)
    counts = counts_text(outcome.counts, chinese=is_chinese())
    kept = message_of(Problem("report.rehearsed" if dry_run else "report.kept"), chinese=is_chinese())
    notes = [f"  {message_of(Problem(n['code'], params=n), chinese=is_chinese())}" for n in outcome.notes]
    return "\n".join([f"{file}: {kept} ({counts})", *notes])


def refusal_text(file: Path, refused: FileRefused) -> str:
    """The report for reading: one line for each problem, the first 200 of them."""
    chinese = is_chinese()
    lines = [f"{_where(p):<24} {message_of(p, chinese=chinese)}" for p in refused.problems[:SHOWN]]
    more = len(refused.problems) - SHOWN
    if more > 0:
        lines.append(message_of(Problem("report.more", params={"more": more}), chinese=chinese))
    refusal = message_of(Problem("report.refused", params={"count": len(refused.problems)}), chinese=chinese)
    return "\n".join([f"{file}: {refusal}", *lines])


def _where(problem: Problem) -> str:
    place = problem.cell or ("" if problem.row is None else str(problem.row))
    return printable(f"{place} {problem.field or ''}".strip())


def is_chinese() -> bool:
    """Whether the terminal's user reads Chinese, by the usual variables."""
    words = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((word for word in words if word), "").lower().startswith("zh")
