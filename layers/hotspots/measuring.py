"""Read what the measure of hotspots needs, and keep results: a measure reads sixteen weeks and changes by the day."""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from layers.hotspots.accuracy import Accuracy, measure, week_spans
from layers.hotspots.cell_sets import CellSet
from layers.hotspots.queries import HotspotReader, find_cell_set, read_spans
from layers.hotspots.rating import Counts, by_span
from layers.hotspots.rules import View


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """Counts from the database for a measurement."""

    cell_set: CellSet
    counts: Counts
    least_hot: int

    async def measured(self) -> Accuracy:
        """Measure in a thread. Needs no connection: hold none meanwhile."""
        return await asyncio.to_thread(self._measure)

    def _measure(self) -> Accuracy:
        weekly, around = by_span(self.cell_set, self.counts), self.cell_set.neighbourhoods
        known = self.counts.known + 1  # Counts know the latest span, and tell of those before it.
        return measure(weekly, known=known, neighbourhoods=around, least_hot=self.least_hot)


async def read_unmeasured(session: AsyncSession, reader: HotspotReader, view: View, *, end: datetime) -> Unmeasured:
    """Read the whole weeks up to `end` of what the session may see, which must be `reader.scope`."""
    counts = await read_spans(session, view, week_spans(end))
    cell_set = await find_cell_set(session, reader, res=view.res, also=counts.cells)
    return Unmeasured(cell_set, counts, reader.least_hot)


@dataclass(slots=True)
class Accuracies:
    """Cache of measures by division, view and hour. One per process."""

    limit: int = 64
    _kept: dict[Hashable, Accuracy] = field(default_factory=dict)

    def get(self, key: Hashable) -> Accuracy | None:
        return self._kept.get(key)

    def put(self, key: Hashable, accuracy: Accuracy) -> None:
        self._kept[key] = accuracy
        while len(self._kept) > self.limit:
            self._kept.pop(next(iter(self._kept)))
