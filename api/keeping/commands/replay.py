"""`maplebridge replay`: send a recording through the HTTP interface."""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from api.intake.files.reference import vocabulary_of
from api.keeping.commands.import_options import (
    DatumOption,
    Distinct,
    Layer,
    Map,
    Set,
    Timezone,
    Value,
    options_of,
)
from api.keeping.commands.import_report import refusal_text
from api.keeping.commands.server_messages import print_trouble
from api.keeping.words import said
from api.place.reading import load_pack
from api.settings import Settings
from ingest.files.checked_rows import Checked
from ingest.files.choices import Choices
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused, Problem
from ingest.files.reading import read_table
from ingest.files.table import Table
from ingest.replay.recording import Record, Times, fixes_of, reports_of
from ingest.replay.sending import Target, send_fixes, send_reports

PATIENCE_S = 120.0
POSITION_COLUMNS = frozenset({"force", "device", "force_id", "device_id"})


def replay(
    file: Annotated[Path, typer.Argument(help="The recording.", exists=True, dir_okay=False)],
    token: Annotated[str, typer.Option(envvar="MAPLEBRIDGE_TOKEN", help="Token of a user of role source or gateway.")],
    speed: Annotated[float, typer.Option(min=0.01, help="Speed relative to the recording.")] = 1.0,
    url: Annotated[str, typer.Option(help="Address of the server.")] = "http://127.0.0.1:8000",
    patience: Annotated[
        float, typer.Option(min=0, help="Give up after this many seconds without a response.")
    ] = PATIENCE_S,
    times: Annotated[Times, typer.Option(help="`now`: the time of sending; `keep`: the recorded time.")] = Times.NOW,
    positions: Annotated[
        bool | None, typer.Option("--positions/--incidents", help="Content of the file, if its columns do not show it.")
    ] = None,
    datum: DatumOption = "wgs84",
    timezone: Timezone = None,
    distinct: Distinct = None,
    layer: Layer = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
) -> None:
    """Send recorded incidents or positions through the HTTP interface, at the recorded pace times --speed.

    Incidents: source, external_no, category, title, description, lon, lat, occurred_at, risk. Positions: force or
    device, at, lon, lat, speed_mps, heading. CSV, Parquet, NDJSON, XLSX and GIS files.
    """
    options = options_of(datum, map_, set_, value, timezone=timezone, distinct=distinct)
    try:
        table = read_table(file, Choices(layer=layer))
        are_positions = positions if positions is not None else holds_positions(table, options)
        checked = fixes_of(table, options) if are_positions else _reports(table, options)
    except FileRefused as refused:
        typer.echo(refusal_text(file, refused))
        sys.exit(1)
    _print_left_out(checked)
    if not checked.rows:
        sys.exit(1)
    send = send_fixes if are_positions else send_reports
    try:
        target = Target(url=url, token=token, patience_s=patience, on_trouble=print_trouble)
        outcomes = asyncio.run(
            send(checked.rows, target, speed=speed, times=times, progress=Progress(len(checked.rows)))
        )
    except KeyboardInterrupt:
        sys.exit(130)
    typer.echo(f"{file}: {summary_of(outcomes)}")


def holds_positions(table: Table, options: Options) -> bool:
    """Return whether a field of the file names a force or device."""
    return bool(POSITION_COLUMNS & {*map(str.casefold, table.columns), *options.columns, *options.constants})


def _reports(table: Table, options: Options) -> Checked[Record]:
    vocabulary = vocabulary_of(load_pack(Settings().county))
    return reports_of(table, options, categories=vocabulary.categories, risks=vocabulary.risks)


def _print_left_out(checked: Checked[Any]) -> None:
    """Report rows that cannot be sent, by fault. Real recordings have some; the others are sent."""
    faults: Sequence[Problem] = checked.problems
    if faults:
        counts = Counter(f"{fault.field or ''} {fault.code}".strip() for fault in faults)
        rows = len({fault.row for fault in faults})
        typer.echo(said("left out {rows} rows: {faults}", rows=rows, faults=summary_of(counts)), err=True)


def summary_of(counts: Counter[str]) -> str:
    """List names with counts, most frequent first."""
    return ", ".join(f"{name} {number}" for name, number in counts.most_common())


class Progress:
    """Progress line, on a terminal only."""

    def __init__(self, total: int) -> None:
        self.total = total

    def __call__(self, done: int) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r{done} / {self.total}", nl=done == self.total, err=True)
