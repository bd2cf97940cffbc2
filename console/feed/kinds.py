"""What a feature declares of a kind of thing that the feed carries. Each stands in its feature's `events.py`."""

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
class Lingering:
    """How long a thing that has ended stays in a snapshot. `after` is the column, and field, of when it ended."""

    after: InstrumentedAttribute[datetime | None]
    time: timedelta


@dataclass(frozen=True, slots=True)
class Kind(Generic[Row]):
    """A kind of thing in feed, snapshot and replay. Its table has `id`, `version` and `division_path`.

    `plural` is its key in a snapshot. `body` makes what is told of a row, and `shape` declares that as a TypedDict,
    where no answer of a route does. `mask` leaves of it what a wall may show, naming every field that it leaves;
    without a mask a wall is told nothing of the kind. `lingers` is None for what is shown as long as it exists.
    `began` is the column of when a row came to be; without it, replay takes every row to have been there always.
    `of_force` selects the ids of those that a force's own picture shows, from its id; without it, all within its reach.
    """

    name: str
    plural: str
    table: type[Row]
    body: Callable[[Row], Body]
    mask: Callable[[Body], Body] | None = None
    lingers: Lingering | None = None
    began: SQLColumnExpression[datetime] | None = None
    of_force: Callable[[int], Select[int]] | None = None
    shape: type[Any] | None = None

    def shown(self, body: Body, *, masked: bool) -> Body | None:
        """The body as a masked or an open audience may read it, None when it may not be told of the kind."""
        if not masked:
            return body
        return self.mask(body) if self.mask else None


Kinds = Mapping[str, Kind[Any]]
"""Kinds by name, in the order in which a snapshot has them."""


def kinds_by_name(*kinds: Kind[Any]) -> Kinds:
    """Compose what features declare. Each name and each plural must be used once."""
    assert len({kind.name for kind in kinds}) == len({kind.plural for kind in kinds}) == len(kinds)
    return MappingProxyType({kind.name: kind for kind in kinds})
