"""Propose the options that give each grid of a file its code, where no column is named for it."""

import re
from collections.abc import Sequence
from shlex import quote

from ingest.files.checking import code_from_name
from ingest.files.table import Record, Table

_LABEL = re.compile(r"[A-Za-z0-9_]{1,32}")
_NAMED_FOR_CODES = re.compile(r"code|编码|代码|编号|\bid\b", re.IGNORECASE)
_PLAIN = re.compile(r"[\w.-]+")


def likely_codes(table: Table) -> str:
    """Return the options by which every row gets a code of its own; empty if no column does that.

    A column that is named for codes comes before others, and a column of codes before one of names.
    """
    columns = sorted(table.columns, key=lambda column: not _NAMED_FOR_CODES.search(column))
    written = {column: [_written(record, column) for record in table.records] for column in columns}
    for column, values in written.items():
        if _are_distinct(values) and all(map(_LABEL.fullmatch, values)):
            return f"--map code={_quoted(column)}"
    for column, values in written.items():
        if _are_distinct([code_from_name(value) for value in values]):
            return f"--codes-from-names --map name={_quoted(column)}"
    return ""


def _are_distinct(values: Sequence[str]) -> bool:
    return all(values) and len({*values}) == len(values)


def _written(record: Record, column: str) -> str:
    value = record.values.get(column)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def _quoted(column: str) -> str:
    return column if _PLAIN.fullmatch(column) else quote(column)
