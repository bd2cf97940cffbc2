"""Run one import of the command line: read, check, store, and print the report."""

import asyncio
import gc
import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from getpass import getuser
from pathlib import Path
from typing import NoReturn

import typer

from api.intake.files.importing import import_file
from api.intake.files.jobs import GridOptions, ImportJob, ImportOutcome, Kind, NetworkOptions, OpenRows
from api.intake.import_log import Origin
from api.keeping.commands.database import open_store
from api.keeping.commands.fault_drawing import draw_faults
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
from ingest.files.choices import Choices
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused
from ingest.files.reading import read_table
from ingest.files.table import Table
from layers.divisions.terms import Root


def run(
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
