"""The declaration of a kind of entity that the feed carries. Each feature has its own in `events.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, SQLColumnExpression
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

from console.feed.bodies import Body

Row = TypeVar("Row", bound=DeclarativeBase)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long an ended entity stays in a snapshot. `after` is the column, and body field, of when it ended."""

    after: InstrumentedAttribute[datetime | None]
    time: timedelta


@dataclass(frozen=True, slots=True)
class Kind(Generic[Row]):
    """A kind of entity in feed, snapshot and replay. Its table has `id`, `version` and `division_path`.

    - `plural`: its key in a snapshot.
    - `body`: makes the JSON-ready body of a row; `shape` declares it as a TypedDict where no wire schema does.
    - `mask`: makes the body that a wall may show, naming every field that it keeps; None shows a wall nothing.
    - `retention`: None for what stays in a snapshot as long as it exists.
    - `created_at`: when a row came to be; without it, replay shows a row at every moment of which the log holds nothing.
    - `of_force`: selects, by a force's id, the rows of that force's own picture; without it, all within its reach.
    """

    name: str
    plural: str
    table: type[Row]
    body: Callable[[Row], Body]
    mask: Callable[[Body], Body] | None = None
    retention: Retention | None = None
    created_at: SQLColumnExpression[datetime] | None = None
    of_force: Callable[[int], Select[int]] | None = None
    shape: type[Any] | None = None

    def shown(self, body: Body, *, masked: bool) -> Body | None:
        """The body for a masked or an open audience, None where that may see nothing of the kind."""
        if not masked:
            return body
        return self.mask(body) if self.mask else None


Kinds = Mapping[str, Kind[Any]]
"""Kinds by name, in the order in which a snapshot has them."""


def kinds_by_name(*kinds: Kind[Any]) -> Kinds:
    """Compose what features declare. Each name and each plural must be used once."""
    assert len({kind.name for kind in kinds}) == len({kind.plural for kind in kinds}) == len(kinds)
    return MappingProxyType({kind.name: kind for kind in kinds})
