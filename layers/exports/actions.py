"""Exporting a layer: its rows to a scratch file while a connection is held, the file from them when it is not."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from geo.datum import Datum
from geo.store import Reach, Store
from layers.catalogue import Layer, Property
from layers.exports.apart import Written, render_apart
from layers.exports.queries import Selection, copy_rows, day_end, write_cells
from layers.exports.rules import Format
from layers.hotspots.cell_sets import CellSets
from layers.hotspots.features import HOTSPOTS
from layers.hotspots.queries import HotspotReader, read_unrated
from layers.hotspots.rules import View, moment_before


@dataclass(frozen=True, slots=True)
class Order:
    """A file to be made. `reach`: what whoever asks may see. `complete`: columns that are kept back over HTTP, too.

    `view`, `cell_sets`, `least_hot` and `now` are for hotspots, which are rated as they are asked for.
    """

    layer: Layer
    format: Format
    datum: Datum
    wanted: Selection
    reach: Reach
    now: datetime
    view: View
    cell_sets: CellSets
    least_hot: int
    complete: bool = False

    @property
    def columns(self) -> list[Property]:
        return [column for column in self.layer.exported if self.complete or not column.kept_back]


async def export(store: Store, order: Order, target: Path) -> Written:
    """Write a layer to `target`, which must not be there yet.

    Raises NotDated, CannotHold or TooDemanding. Scratch files lie beside `target`.
    """
    rows = target.with_name(f"{target.name}.rows")
    try:
        await _write_rows(store, order, rows)
        return await render_apart(
            {
                "rows": str(rows),
                "target": str(target),
                "layer": order.layer.code,
                "format": order.format.value,
                "datum": order.datum.value,
                "kinds": {column.name: column.kind for column in order.columns},
                "points": order.layer.geometry == "point",
            }
        )
    finally:
        rows.unlink(missing_ok=True)


async def _write_rows(store: Store, order: Order, rows: Path) -> None:
    if order.layer is not HOTSPOTS:
        async with store.transaction(order.reach, snapshot=True) as session:
            await copy_rows(session, order.layer, order.columns, order.wanted, rows)
        return
    wanted = order.wanted
    scope = wanted.within or order.reach.scope or ""
    moment = order.now if wanted.day is None else moment_before(day_end(wanted.day, wanted.zone), now=order.now)
    day = wanted.day or wanted.today
    reader = HotspotReader(scope=scope, now=moment, day=day, least_hot=order.least_hot, cell_sets=order.cell_sets)
    async with store.transaction(Reach(scope=scope), snapshot=True) as session:
        unrated = await read_unrated(session, reader, order.view)
    await asyncio.to_thread(write_cells, await unrated.rated(), order.columns, rows)
