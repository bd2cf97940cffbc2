"""From a file that somebody sends to the rows that a draft is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.intake.sent_files import FileUnusable, SentFile, read_sent
from geo.coverage.comparing.rows import EditedRow
from ingest.files.checked_rows import Checked
from ingest.files.edited_lines import DrawnRow, read_drawn
from ingest.files.mapping import Options
from ingest.files.problems import FileRefused


@dataclass(frozen=True, slots=True)
class ReadFile:
    """The rows of a file in WGS-84, and what the reader decided."""

    rows: Sequence[EditedRow]
    notes: Sequence[Mapping[str, Any]]


def read_edited(file: SentFile) -> ReadFile:
    """Parse a file in a sandboxed process. Raises `FileUnusable`."""
    options = Options(file.datum, crs=file.crs, swap_xy=file.swap_xy)
    try:
        checked = read_drawn(read_sent(file), options)
    except FileRefused as refused:
        raise FileUnusable.of(refused) from refused
    return ReadFile(edited_rows(checked), checked.notes)


def edited_rows(checked: Checked[DrawnRow]) -> list[EditedRow]:
    """Return rows that were read as those that a draft is compared with."""
    return [
        EditedRow(row.code or None, row.shape, row.name or None, row.parent or None, row.kind or None)
        for row in checked.rows
    ]
