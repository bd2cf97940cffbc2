"""Even out loads: alternatives from the most even to the fewest changes, and why they are not more even."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from geo.coverage.evening.bottlenecks import Bottleneck, bottlenecks
from geo.coverage.evening.land import Land, Owners
from geo.coverage.evening.searching import Search, Stop, run, searches
from geo.coverage.evening.tradeoff import alternatives

Tell = Callable[[float, float], None]
"""Told of progress: the share of parents that are done, and the worst deviation of the best grouping so far."""


@dataclass(frozen=True, slots=True)
class Evened:
    """Groupings that are better than now, the most even one first, and the causes of what stays uneven.

    `is_settled`: the search had come to an end by itself, and more time would hardly help.
    """

    alternatives: list[Owners]
    bottlenecks: list[Bottleneck]
    is_settled: bool

    def best(self, land: Land) -> Owners:
        """Return the most even grouping known: that of now where none is better."""
        return self.alternatives[0] if self.alternatives else land.owners


def even_out(
    land: Land,
    stop: Stop,
    *,
    start: Owners | None = None,
    seed: int = 0,
    tell: Tell = lambda share, worst: None,
    stop_asking: Stop | None = None,
) -> Evened:
    """Search until nothing better comes or it is time to stop. The same land and seed give the same, if not stopped.

    Causes are looked for until `stop_asking`, by default the same. Land without any load is even already.
    """
    if land.mean <= 0:
        return Evened([], [], is_settled=True)
    found = searches(land, seed=seed, start=start)
    for share in run(found, stop):
        tell(share, land.worst(_best(land, found)))
    better = alternatives(land, found)
    best = better[0] if better else land.owners
    causes = [*bottlenecks(land, best, stop_asking or stop, seed=seed)]
    return Evened(better, causes, all(one.is_done for one in found))


def _best(land: Land, found: list[Search]) -> Owners:
    owners = [*land.owners]
    for search in found:
        for piece in search.pieces:
            owners[piece] = search.front.owners[-1][piece]
    return tuple(owners)


def counted(most: int) -> Stop:
    """Return a stop after so many looks: for searches that must not depend on a clock."""
    looks = count()
    return lambda: next(looks) >= most
