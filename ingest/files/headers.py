"""Find the row with the column names, and name the columns. Pure.

Lists of offices begin with a title, and often have two rows of names, a group above its columns. A row is not chosen
silently: where the first one has no names, the refusal proposes another for `--header`.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ingest.files.field_names import is_known
from ingest.files.limits import Limits
from ingest.files.problems import refuse

SEARCHED = 20
"""Rows among which the names are looked for."""
LONGEST_NAME = 40

Cells = Sequence[Any]


def plain(cell: Any) -> str:
    """Return a header's cell as text without line breaks."""
    return "" if cell is None else " ".join(str(cell).split())


def find_header(lines: Sequence[Cells]) -> int:
    """Return the index of the line that seems to have the column names: 0 unless a later one clearly does."""
    found = [sum(is_known(plain(cell)) for cell in line) for line in lines[:SEARCHED]]
    first = next((i for i, known in enumerate(found) if known >= 2), None)
    if first is None:
        return _below_title(lines)
    while first + 1 < len(found) and found[first + 1] and _has_only_names(lines[first + 1]):
        first += 1
    return first


def _below_title(lines: Sequence[Cells]) -> int:
    """Return the index of the first line that is wider than a title, which fills one cell of several columns."""
    widths = [sum(bool(plain(cell)) for cell in line) for line in lines[:SEARCHED]]
    if not widths or widths[0] != 1 or max(widths) < 3:
        return 0
    return next(i for i, width in enumerate(widths) if width >= 3)


def _has_only_names(line: Cells) -> bool:
    words = [plain(cell) for cell in line if plain(cell)]
    return all(len(word) <= LONGEST_NAME and not any(map(_is_digit, word)) for word in words)


def _is_digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd"


def column_names(above: Sequence[Cells], line: Cells) -> list[str]:
    """Name the columns by a header's line. An unnamed column takes the name above it; a repeated one its group's, too.

    A group's name stands over its first column only, since the cells of others are merged into it.
    """
    names = [plain(cell) for cell in line]
    upper = [plain(cell) for cell in above[-1]] if above else []
    names += [""] * (len(upper) - len(names))
    upper += [""] * (len(names) - len(upper))
    names = [name or over for name, over in zip(names, upper, strict=True)]
    repeated = {name for name, count in Counter(names).items() if name and count > 1}
    group, found = "", []
    for name, over in zip(names, upper, strict=True):
        group = over or group
        found.append(f"{group} {name}" if name in repeated and group not in ("", name) else name)
    return found


def checked_columns(names: Sequence[str], limits: Limits) -> list[str]:
    """Return the column names up to the last one. Raises FileRefused if there are none, too many, or repeated ones."""
    filled = max((i for i, name in enumerate(names, start=1) if name), default=0)
    if not filled:
        raise refuse("table.empty")
    if filled > limits.columns:
        raise refuse("table.too_many_columns", limit=limits.columns, found=filled)
    found = list(names[:filled])
    doubled = sorted({n for n in found if n and found.count(n) > 1})
    if doubled:
        raise refuse("table.column_twice", columns=doubled)
    return found
