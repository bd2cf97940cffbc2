"""Pages of lists that are ordered by id. What comes or goes while someone turns them moves no other row."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from geo.errors import BadCursor


class Numbered(Protocol):
    """A row with an id."""

    @property
    def id(self) -> int: ...


Row = TypeVar("Row", bound=Numbered)


def id_of(cursor: str) -> int:
    """The id that a cursor stands for. Raises BadCursor for what no list gave out."""
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadCursor(cursor=cursor[:40])
    return int(cursor)


def page_of(found: Sequence[Row], *, limit: int) -> tuple[Sequence[Row], str | None]:
    """The page within `limit + 1` rows that were asked for, and the cursor of the next, None on the last."""
    page = found[:limit]
    return page, str(page[-1].id) if len(found) > limit else None
