"""Chicago's aggravated assaults of ten years: by day, kind of place and district, and by day and cell."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from geo.cells import cells_of, centre
from geo.plane import Plane
from tests.shared import shared_data

FIRST, LAST = pd.Timestamp("2010-01-04"), pd.Timestamp("2019-12-30")
"""A Monday each; the last is left out."""


@dataclass(frozen=True, slots=True)
class Chicago:
    """`counts` has shape (series, days); `kinds` and `districts` name each series' own."""

    counts: np.ndarray
    kinds: np.ndarray
    districts: np.ndarray

    @property
    def working(self) -> np.ndarray:
        return (np.arange(self.counts.shape[1]) % 7) < 5

    def shuffled(self, draws: np.random.Generator, *, weeks: int, block: int) -> np.ndarray:
        """Deal blocks of `block` weeks anew over a past of `weeks`, all series alike."""
        blocks = self.counts.shape[1] // (block * 7)
        chosen = draws.permutation(blocks)[: weeks // block]
        parted = self.counts[:, : blocks * block * 7].reshape(len(self.counts), blocks, block * 7)
        return parted[:, chosen].reshape(len(self.counts), -1)


def chicago(*, kinds: int) -> Chicago:
    """Read the series of the `kinds` most frequent kinds of place; skips the calling test without the data."""
    records = pd.read_parquet(shared_data("chicago_aggravated_assaults.parquet"))
    day = (pd.to_datetime(records["date"]) - FIRST).dt.days
    frequent = records["loc_cat"].value_counts().index[:kinds]
    kept = (day >= 0) & (day < (LAST - FIRST).days) & records["loc_cat"].isin(frequent)
    districts, district = np.unique(records["district"][kept], return_inverse=True)
    counts = np.zeros((kinds, len(districts), (LAST - FIRST).days), dtype=np.int64)
    np.add.at(counts, (frequent.get_indexer(records["loc_cat"][kept]), district, day[kept].to_numpy()), 1)
    return Chicago(
        counts.reshape(-1, counts.shape[2]), np.repeat(np.arange(kinds), len(districts)), np.tile(districts, kinds)
    )


@dataclass(frozen=True, slots=True)
class Places:
    """Counts of `days` days by H3 cell of 0.7 km², shape (cells, days), and the cells' places in metres on a plane."""

    counts: np.ndarray
    metres: np.ndarray


def places_of_chicago(*, days: int, until: str) -> Places:
    """The assaults of the days up to a day, by cell; skips the calling test without the data."""
    records = pd.read_parquet(shared_data("chicago_aggravated_assaults.parquet"))
    back = (pd.Timestamp(until) - pd.to_datetime(records["date"])).dt.days
    kept = records[(back >= 0) & (back < days)]
    cells, where = np.unique(cells_of(kept["longitude"], kept["latitude"], 8), return_inverse=True)
    counts = np.zeros((len(cells), days), dtype=np.int64)
    np.add.at(counts, (where, days - 1 - back[kept.index].to_numpy()), 1)
    lonlat = np.array([centre(int(cell)) for cell in cells])
    return Places(counts, Plane.at(shapely.MultiPoint(lonlat)).to_metres(lonlat))
