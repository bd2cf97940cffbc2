"""Declaration of the kinds of entities in the feed. Each feature declares its own in `events.py`."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, SQLColumnExpression
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from console.feed.bodies import Body

Row = TypeVar("Row", bound=DeclarativeBase)


@dataclass(frozen=True, slots=True)
class Retention:
    """Time for which an ended entity stays in a snapshot. `after` is the column, and body field, of its end."""

    after: InstrumentedAttribute[datetime | None]
    time: timedelta


@dataclass(frozen=True, slots=True)
class Kind(Generic[Row]):
    """A kind of entity in feed, snapshot and replay. Its table has `id`, `version` and `division_path`.

    - `plural`: its key in a snapshot.
    - `body`: makes the JSON-ready body of a row; `shape` declares it as a TypedDict where no wire schema does.
    - `mask`: masks a body for those who may not read it openly, with an explicit list of fields; None hides the kind
      from them.
    - `retention`: None for entities that stay in a snapshot as long as they exist.
    - `created_at`: time of creation; without it, replay shows a row at every moment before its first logged event,
      unless that is of its first version.
    - `before_record`: reads the bodies, as of a moment before the record began, of entities that were imported later.
    - `seen_below`: audiences within the entity's division see it, too. A policy of the database has to say the same.
    - `in_beats`: beats number its changes, under its plural: forces, whose feed has none of it, fetch it anew.
    - `of_force`: selects, by a force's id, the rows of that force's own snapshot; without it, all within its reach.
    """

    name: str
    plural: str
    table: type[Row]
    body: Callable[[Row], Body]
    mask: Callable[[Body], Body] | None = None
    retention: Retention | None = None
    created_at: SQLColumnExpression[datetime] | None = None
    before_record: Callable[[AsyncSession, datetime], Awaitable[list[Body]]] | None = None
    of_force: Callable[[int], Select[int]] | None = None
    shape: type[Any] | None = None
    seen_below: bool = False
    in_beats: bool = False

    def shown(self, body: Body, *, masked: bool) -> Body | None:
        """Return the body for a masked or an open audience, or None if the kind is hidden from it."""
        if not masked:
            return body
        return self.mask(body) if self.mask else None


Kinds = Mapping[str, Kind[Any]]
"""Kinds by name, in the order of a snapshot."""


def kinds_by_name(*kinds: Kind[Any]) -> Kinds:
    """Collect the kinds that features declare. Names and plurals must be unique."""
    assert len({kind.name for kind in kinds}) == len({kind.plural for kind in kinds}) == len(kinds)
    return MappingProxyType({kind.name: kind for kind in kinds})
