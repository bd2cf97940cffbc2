"""The write-ahead log of a GeoPackage: while QGIS has a file open, its edits lie in `NAME.gpkg-wal` beside it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from ingest.files.problems import refuse

LOG = "-wal"
READ_VERSION = 19
"""Place in the header of the byte that says how the file is read: 2 with a write-ahead log."""
WITH_LOG = 2
LOG_HEADER = 32


def with_log(path: Path, scratch: Path) -> Path:
    """Return the file or, where it has a log, a copy in `scratch` with the log written into it.

    Raises FileRefused if the log is not beside it, or not its own: the file alone is older than what its editor sees.
    """
    with path.open("rb") as stream:
        head = stream.read(READ_VERSION + 1)
    if len(head) <= READ_VERSION or head[READ_VERSION] != WITH_LOG:
        return path
    log = path.with_name(path.name + LOG)
    if not log.exists():
        raise refuse("gpkg.wal")
    folder = scratch / "whole"
    folder.mkdir()
    copy = Path(shutil.copy(path, folder / "lines.gpkg"))
    shutil.copy(log, folder / f"lines.gpkg{LOG}")
    _write_back(copy, is_logged=log.stat().st_size > LOG_HEADER)
    return copy


def _write_back(path: Path, *, is_logged: bool) -> None:
    """Write the log back, and leave the mode: the file is then read without looking beside it."""
    try:
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA trusted_schema=OFF")
            _, frames, done = database.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
            (mode,) = database.execute("PRAGMA journal_mode=DELETE").fetchone()
    except sqlite3.DatabaseError as error:
        raise refuse("gpkg.broken") from error
    if mode != "delete" or frames != done:
        raise refuse("gpkg.broken")
    if is_logged and not frames:
        raise refuse("gpkg.wal")


def beside(database: Path, parts: list[Path]) -> None:
    """Move a GeoPackage's log, among the parts of an archive, beside it: each was unpacked into its own folder."""
    for part in parts:
        if part.name.lower() == f"{database.name}{LOG}".lower():
            part.rename(database.with_name(database.name + LOG))
