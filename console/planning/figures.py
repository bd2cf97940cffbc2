"""Figures of each division on the lines of a draft, from what was counted there. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from console.planning.counts import CAMERAS, MINUTES, OPEN, Ints, Tally
from console.planning.homes import Ways
from geo.travel import TravelTime
from layers.divisions.terms import GRID

Row = dict[str, Any]


@dataclass(frozen=True)
class Figures:
    """Rows of figures for divisions of a tally. `travel` gives the minutes of a way by its length and mode."""

    tally: Tally
    travel: TravelTime

    def of(self, codes: Iterable[str]) -> dict[str, Row]:
        """Return the figures of divisions by code."""
        known, found = self.tally.figured.setdefault(self.travel, {}), dict[str, Row]()
        for code in codes:
            if code not in known:
                known[code] = self._row(code)
            found[code] = known[code]
        return found

    def _row(self, code: str) -> Row:
        counts, rows = self.tally, self.tally.rows_of(code)
        split = counts.communities_split
        sums = counts.sums[rows].sum(axis=0).tolist()
        work = None if counts.facts.minutes is None else sums[MINUTES]
        return {
            "incidents": sum(sums[:MINUTES]),
            "by_class": {name: n for name, n in zip(counts.facts.classes, sums[:MINUTES], strict=True) if n},
            "workload_minutes": work,
            "households": _sum_of_known(counts.households[rows]),
            "enterprises": _sum_of_known(counts.enterprises[rows]),
            "farthest_minutes": self._ways.farthest(code),
            "cameras": sums[CAMERAS],
            "open_incidents": sums[OPEN],
            "communities_split": None if split is None else int(split[rows].sum()),
            "compactness": round(counts.compactness(code), 4),
            "load_deviation": self._deviation(code, work),
            "estimated": bool(counts.is_carried[rows].any()),
        }

    def farthest(self, code: str) -> float | None:
        """Return the minutes to the farthest corner, as in a division's figures."""
        return self._ways.farthest(code)

    def _deviation(self, code: str, work: int | None) -> float | None:
        """Return by which share of the mean of its level a division's work is above it; of the whole, that of the grid
        that is furthest from it, above or below; above, where two are as far. None where no work is known.
        """
        divisions, levels = self.tally.coverage.divisions, self.tally.coverage.levels
        level = divisions[code].level
        if work is None or level != levels[0]:
            return None if work is None else _share(work, among=self.tally.work[level])
        among = self.tally.work[GRID if GRID in levels[1:] else levels[1]]
        return _furthest_share(among)

    @cached_property
    def _ways(self) -> Ways:
        facts = self.tally.facts
        return Ways(self.tally.coverage, facts.workers_of, self.travel, facts.known_ways)


def _share(work: int, *, among: Mapping[str, int]) -> float | None:
    total = sum(among.values())
    return round(work * len(among) / total - 1, 4) if total else None


def _furthest_share(among: Mapping[str, int]) -> float | None:
    """Return the share that is furthest from none."""
    total = sum(among.values())
    if not total:
        return None
    least, most = min(among.values()), max(among.values())
    shares = [round(work * len(among) / total - 1, 4) for work in (most, least)]
    return max(shares, key=abs)


def _sum_of_known(counts: Ints) -> int | None:
    known = counts[counts >= 0]
    return int(known.sum()) if len(known) else None
