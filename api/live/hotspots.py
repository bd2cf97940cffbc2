"""Hotspots for screens: the requested view, its reader, and its JSON."""

from datetime import datetime
from typing import Any

from api.place.pack import Pack
from geo.cells import to_hex
from layers.hotspots.cell_sets import CellSets
from layers.hotspots.queries import HotspotReader
from layers.hotspots.rules import HotCell, Hotspots, View, masked_view


def view_of(
    pack: Pack, *, res: int | None = None, window: str | None = None, category: str | None = None, masked: bool
) -> View:
    """Return the requested view, by default with the pack's resolution and window. Raises `BadView`.

    `masked` for those who may not read incidents: see `masked_view`.
    """
    view = View(res=res or pack.hotspots.resolution, window=window or pack.hotspots.window, category=category)
    return masked_view(view, least=pack.hotspots.masked_least) if masked else view


def hotspot_reader(scope: str, *, at: datetime, pack: Pack, cell_sets: CellSets) -> HotspotReader:
    """Return the reader of the division with the path `scope` at one moment."""
    return HotspotReader(
        scope=scope,
        now=at,
        day=at.astimezone(pack.zone).date(),
        least_hot=pack.hotspots.least_incidents,
        cell_sets=cell_sets,
    )


def hotspots_body(found: Hotspots) -> dict[str, Any]:
    """Build the body of `HotspotsOut`."""
    return {
        "res": found.view.res,
        "window": found.view.window,
        "category": found.view.category,
        "as_of": found.as_of,
        "total": found.total,
        "past_known": found.past_known,
        "cells": [cell_body(cell) for cell in found.cells],
    }


def cell_body(cell: HotCell) -> dict[str, Any]:
    """Build the body of `HotCellOut`."""
    return {
        "cell": to_hex(cell.cell),
        "count": cell.count,
        "expected": cell.expected,
        "z": cell.z,
        "q": cell.q,
        "class": cell.klass,
        "exposure": cell.exposure,
        "rate": cell.rate,
    }
