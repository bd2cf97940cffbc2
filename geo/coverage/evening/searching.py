"""Search groupings with even loads and few moves: simulated annealing, one piece or two exchanged at a time.

Each parent is searched by itself, since no piece crosses its line. What was found is kept as the trade-off of uneven
loads against what is moved: no grouping kept is worse than another in both.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import exp
from random import Random

from geo.coverage.evening.grouping import Grouping, Weights
from geo.coverage.evening.land import Land, Owners

Stop = Callable[[], bool]
"""Asked within the innermost loop: whether time is up, or nobody waits any more."""

EVERY = 64
"""Steps between two looks at the clock: less than a millisecond."""
STEPS_PER_PIECE = 120
"""Steps of one cooling, for each piece of the parent."""
MOVED_WEIGHTS = (6.0, 2.0, 0.6, 0.2, 0.06, 0.0)
"""Weights of what is moved against the squares of deviations, one cooling each: from few changes to many."""
BORDER_WEIGHT = 0.01
"""Keeps borders short where loads do not mind: without it, grids grow arms."""
HOT, COLD = 0.2, 1e-4
"""Temperatures at both ends of a cooling, as squares of deviations."""
QUIET_ROUNDS = 3
"""Rounds after which a parent is done, without a gain of at least `NOTABLE`."""
NOTABLE = 0.01
EXCHANGES = 0.3
"""Share of steps that try to exchange two pieces."""
ROUNDED = 1e-9
OVER = -1


@dataclass(slots=True)
class Front:
    """Groupings of a parent's pieces on the trade-off, by what they move: each is less uneven than all before it."""

    moved: list[float] = field(default_factory=list)
    uneven: list[float] = field(default_factory=list)
    owners: list[Owners] = field(default_factory=list)

    def takes(self, moved: float, uneven: float) -> bool:
        """Return whether a grouping is better than all that move no more."""
        at = bisect_right(self.moved, moved + ROUNDED)
        return not at or uneven < self.uneven[at - 1] - ROUNDED

    def keep(self, moved: float, uneven: float, owners: Sequence[int]) -> None:
        """Keep a grouping, and drop those that it is better than."""
        at = end = bisect_right(self.moved, moved - ROUNDED)
        while end < len(self.uneven) and self.uneven[end] >= uneven - ROUNDED:
            end += 1
        self.moved[at:end], self.uneven[at:end], self.owners[at:end] = [moved], [uneven], [tuple(owners)]


class Search:
    """The search for one parent. `run` can go on for as long as there is time."""

    def __init__(self, land: Land, parent: int, *, rng: Random, start: Owners | None = None) -> None:
        self.land, self.rng = land, rng
        self.groups, self.pieces = land.within(parent)
        self.front = Front()
        for owners in (land.owners, start or land.owners):
            now = self._at(owners)
            if self.front.takes(now.moved, now.unevenness()):
                self.front.keep(now.moved, now.unevenness(), owners)
        self.quiet = 0

    @property
    def is_done(self) -> bool:
        """Return whether nothing better has come for some rounds, or nothing can be moved."""
        return self.quiet >= QUIET_ROUNDS or not self._at(self.land.owners).loose or len(self.groups) < 2

    def _at(self, owners: Owners) -> Grouping:
        return Grouping(self.land, owners, groups=self.groups, pieces=self.pieces)

    def round(self, stop: Stop) -> Iterator[int]:
        """Cool once for each weight, from the best grouping for it, and yield after each. Ends when it is time."""
        before = sum(min(self._scores(moved)) for moved in MOVED_WEIGHTS)
        for moved in MOVED_WEIGHTS:
            scores = self._scores(moved)
            self._cool(Weights(moved, BORDER_WEIGHT), self.front.owners[scores.index(min(scores))], stop)
            yield len(self.front.owners)
            if stop():
                return
        after = sum(min(self._scores(moved)) for moved in MOVED_WEIGHTS)
        self.quiet = 0 if after < (1 - NOTABLE) * before else self.quiet + 1

    def _scores(self, weight: float) -> list[float]:
        """Return what each grouping kept is worth, less being better, where moves have this weight."""
        total = sum(self.land.costs[piece] for piece in self.pieces) or 1.0
        front = self.front
        return [w * w + weight * m / total for m, w in zip(front.moved, front.uneven, strict=True)]

    def _cool(self, weights: Weights, owners: Owners, stop: Stop) -> None:
        now, rng = self._at(owners), self.rng
        steps = STEPS_PER_PIECE * len(self.pieces)
        temperature, falls = HOT, (COLD / HOT) ** (1 / steps)
        for step in range(steps):
            if step % EVERY == 0 and stop():
                return
            temperature *= falls
            exchange = rng.random() < EXCHANGES
            if (self._exchange if exchange else self._step)(now, weights, temperature):
                self._offer(now)

    def _offer(self, now: Grouping) -> None:
        uneven = now.unevenness()
        if self.front.takes(now.moved, uneven):
            self.front.keep(now.moved, uneven, now.owners)

    def _step(self, now: Grouping, weights: Weights, temperature: float) -> bool:
        """Try to move a piece to a group beside it."""
        found = self._draw(now)
        if found is None:
            return False
        piece, group = found
        if not self._accepts(now.worth(piece, group, weights), temperature) or not now.may_go(piece, group):
            return False
        now.move(piece, group)
        return True

    def _exchange(self, now: Grouping, weights: Weights, temperature: float) -> bool:
        """Try to move a piece to a group beside it, and another one from there back, or on to a third group."""
        found = self._draw(now)
        if found is None or not now.may_go(*found):
            return False
        piece, group = found
        was, worth = now.owners[piece], now.worth(piece, group, weights)
        now.move(piece, group)
        for other in self.rng.sample(sorted(now.members[group]), k=min(4, len(now.members[group]))):
            back = was if self.rng.random() < 0.5 else self._beside(now, other)
            if other == piece or back is None or back == group or self.land.fixed[other]:
                continue
            beside = any(now.owners[near] == back for near in self.land.neighbours[other])
            gain = worth + now.worth(other, back, weights)
            if beside and self._accepts(gain, temperature) and now.may_go(other, back):
                now.move(other, back)
                return True
        now.move(piece, was)
        return False

    def _draw(self, now: Grouping) -> tuple[int, int] | None:
        """Draw a piece and a group beside it."""
        piece = self.rng.choice(now.loose)
        group = self._beside(now, piece)
        return None if group is None else (piece, group)

    def _beside(self, now: Grouping, piece: int) -> int | None:
        near = self.land.neighbours[piece]
        if not near:
            return None
        group = now.owners[near[int(self.rng.random() * len(near))]]
        other = group != now.owners[piece] and self.land.parents[group] == self.land.parents[now.owners[piece]]
        return group if other else None

    def _accepts(self, worth: float, temperature: float) -> bool:
        return worth >= 0 or self.rng.random() < exp(max(worth / temperature, -700.0))


def searches(land: Land, *, seed: int, start: Owners | None = None) -> list[Search]:
    """Return a search for each parent."""
    parents = sorted({*land.parents})
    return [Search(land, parent, rng=Random(seed + parent), start=start) for parent in parents]  # noqa: S311


def run(found: Sequence[Search], stop: Stop) -> Iterator[float]:
    """Search all parents, one cooling of each in turn, until all are done or it is time to stop; yields the share that
    is done after each.
    """
    waiting = [one for one in found if not one.is_done]
    while waiting and not stop():
        turns = [one.round(stop) for one in waiting]
        while turns:
            turns = [turn for turn in turns if next(turn, OVER) is not OVER]
            yield 1 - len(waiting) / len(found)
        waiting = [one for one in waiting if not one.is_done]
