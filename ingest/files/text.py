"""Read CSV and other text in columns: by its content, whatever the file is called."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ingest.files.choices import Choices
from ingest.files.encodings import decide_file
from ingest.files.headed import HeadedTable, Line
from ingest.files.problems import FileRefused, Problem
from ingest.files.rows import RowWriter
from ingest.files.table import TableHeader

DELIMITERS = ",\t;|，"
SAMPLED_LINES = 40
SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?,*;*\s*$', re.IGNORECASE)
"""A first line by which Excel tells the separator."""
KEPT_TEXT = re.compile(r'="([^"]*)"')


def read_csv(path: Path, rows: RowWriter, choices: Choices) -> TableHeader:
    """Read the rows of a text in columns. `Record.row` is the line a row begins on."""
    encoding = decide_file(path, given=choices.encoding)
    head = sample_of(path, encoding.name, rows.limits.cell_chars)
    stated = SEPARATOR_LINE.match(head[0]) if head else None
    delimiter = stated[1] if stated else delimiter_of(head) or ","
    table = HeadedTable(rows, header=choices.header, value_of=_plain, strict=True)
    with path.open(encoding=encoding.name, newline="") as text:
        if stated:
            text.readline()
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        csv.field_size_limit(rows.limits.cell_chars)
        try:
            columns = table.read(_lines(reader, before=1 if stated else 0))
        except csv.Error as error:
            line = reader.line_num + (1 if stated else 0)
            raise FileRefused([Problem("csv.broken", row=line)]) from error
    return TableHeader(columns=columns, notes=[*encoding.notes, *table.notes])


def _lines(reader: Any, *, before: int) -> Iterator[Line]:
    line = 0
    for cells in reader:
        begins, line = line + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            yield begins + before, cells


def _plain(cell: Any) -> Any:
    """Strip text, and take it out of `="00123"`, by which programs keep Excel from reading it as a number."""
    text = cell.strip()
    found = KEPT_TEXT.fullmatch(text) if text[:1] == "=" else None
    return (found[1].strip() if found else text) or None


def sample_of(path: Path, encoding: str, longest: int) -> list[str]:
    """Return the first lines of a text."""
    with path.open(encoding=encoding, newline="") as text:
        return list(islice(iter(lambda: text.readline(longest), ""), SAMPLED_LINES))


def delimiter_of(lines: Sequence[str]) -> str | None:
    """Return the separator that divides most lines into the same number of columns; None if none divides any.

    Commas within numbers and titles divide fewer lines alike than the separator does.
    """
    best = max(DELIMITERS, key=lambda mark: _agreement(lines, mark))
    return best if _agreement(lines, best) > (0, 0) else None


def _agreement(lines: Sequence[str], mark: str) -> tuple[int, int]:
    """Return how many lines a separator divides alike, and into how many columns."""
    try:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=mark) if any(cells))
    except csv.Error:
        return 0, 0
    width, count = max(widths.items(), key=lambda item: (item[0] > 1, item[1], item[0]), default=(0, 0))
    return (count, width) if width > 1 else (0, 0)
