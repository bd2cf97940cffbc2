"""Pages of lists ordered by id, in which rows added or removed meanwhile do not shift others."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from geo.errors import BadCursor


class Numbered(Protocol):
    """A row with an id."""

    @property
    def id(self) -> int: ...


Row = TypeVar("Row", bound=Numbered)


def id_of(cursor: str) -> int:
    """Return the id of a cursor. Raises BadCursor for a malformed one."""
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadCursor(cursor=cursor[:40])
    return int(cursor)


def page_of(found: Sequence[Row], *, limit: int) -> tuple[Sequence[Row], str | None]:
    """Cut a page from up to `limit + 1` rows; also return the cursor of the next page, None on the last."""
    page = found[:limit]
    return page, str(page[-1].id) if len(found) > limit else None
