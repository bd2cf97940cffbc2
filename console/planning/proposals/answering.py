"""Measure what a search found: each grouping as one operation, with its figures before and after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from console.planning.counts import Tally, tally_after
from console.planning.drafts import Draft
from console.planning.drawing import homes_parted
from console.planning.figures import Figures, Row
from console.planning.lines import Drawn, draw
from console.planning.proposals.site import Site
from console.planning.touching import codes_touched, touched
from geo.coverage.evening.bottlenecks import Cause
from geo.coverage.measures import compactness
from geo.coverage.refusals import PlanRefused, as_geojson
from geo.travel import TravelTime


@dataclass(frozen=True, slots=True)
class Summary:
    """How even a grouping is: how much more than its even share the group furthest from it has, in mean loads, with its
    code; the root mean square of all; what it moves; and beside these, the minutes to the farthest corner and the mean
    compactness of the groups.
    """

    load_deviation: float
    worst: str
    spread: float
    moved_households: int | None
    moved_pieces: int
    farthest_minutes: float | None
    compactness: float

    @property
    def uneven(self) -> tuple[float, float]:
        """Less is better: the worst group judges, and where it is the same, the spread."""
        return abs(self.load_deviation), self.spread


@dataclass(frozen=True, slots=True)
class Alternative:
    """A grouping that a person may take by posting its operation. Figures are of groups touched, and of all above."""

    summary: Summary
    operation: Mapping[str, Any]
    changed: Sequence[str]
    notices: Sequence[Mapping[str, Any]]
    before: Mapping[str, Row]
    after: Mapping[str, Row]


def better_than(today: Summary, found: Iterable[Alternative]) -> list[Alternative]:
    """Return the alternatives that are more even than today, and than all that move less; the most even one first.

    Counted on their own lines, some may be no better: points on borders change hands.
    """
    kept: list[Alternative] = []
    for one in sorted(found, key=lambda one: (one.summary.moved_households or 0, one.summary.moved_pieces)):
        if one.summary.uneven < min([today.uneven, *(each.summary.uneven for each in kept)]):
            kept.insert(0, one)
    return kept


@dataclass(frozen=True)
class Measuring:
    """Measures groupings of a site over a draft. `base` are the counts on the lines that the draft begins with."""

    draft: Draft
    site: Site
    base: Tally
    travel: TravelTime

    def today(self) -> Summary:
        """Return how even the lines of the draft are now."""
        return self._summary(self.draft, self.site.land.owners)

    def alternative(self, owners: Sequence[int]) -> Alternative:
        """Return a grouping as an operation, with what it changes. Raises a `PlanRefused` where it cannot be drawn."""
        was = self.draft
        drawn = self._drawn(owners)
        after = Draft(was.base, drawn.coverage)
        old, new = codes_touched(was.coverage, after.coverage, touched(was.coverage, after.coverage))
        return Alternative(
            summary=self._summary(after, owners),
            operation=drawn.operation,
            changed=drawn.changed,
            notices=homes_parted(was.coverage, after.coverage, self.base.facts.workers),
            before=self._figures(was).of(self._shown(old)),
            after=self._figures(after).of(self._shown(new)),
        )

    def _drawn(self, owners: Sequence[int]) -> Drawn:
        """Draw the first operation for a grouping that can be drawn. Raises what refused the last one."""
        refused: PlanRefused | None = None
        for operation in self.site.operations(self.draft.coverage, owners):
            try:
                return draw(self.draft.coverage, operation)
            except PlanRefused as why:
                refused = why
        assert refused is not None, "there is one operation at least"
        raise refused

    def _figures(self, draft: Draft) -> Figures:
        return Figures(tally_after(self.base, draft.coverage, draft.change), self.travel)

    def _shown(self, codes: Sequence[str]) -> list[str]:
        """Leave out what lies below the groups: pieces change hands whole."""
        levels = self.draft.coverage.levels
        shown = {*levels[: levels.index(self.site.wish.level) + 1]}
        divisions = self.draft.coverage.divisions
        return [code for code in codes if code not in divisions or divisions[code].level in shown]

    def _summary(self, draft: Draft, owners: Sequence[int]) -> Summary:
        figures = self._figures(draft)
        deviations = self.site.deviations(figures.tally)
        worst = max(range(len(deviations)), key=lambda group: (abs(deviations[group]), deviations[group]))
        plane, groups = draft.coverage.plane, self.site.groups
        shapes = [compactness(draft.coverage.outline(code), plane) for code in groups]
        return Summary(
            load_deviation=round(deviations[worst], 4),
            worst=groups[worst],
            spread=round(float(np.sqrt(np.mean(np.square(deviations)))), 4),
            moved_households=self.site.moved_households(owners),
            moved_pieces=self.site.moved_pieces(owners),
            farthest_minutes=figures.farthest(self.site.wish.division),
            compactness=round(float(np.mean(shapes)), 4),
        )

    def bottleneck(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Return a bottleneck with codes, and its place as GeoJSON."""
        pieces = [self.site.pieces[at] for at in found["pieces"]]
        group = self.site.groups[found["group"]]
        if found["cause"] == Cause.PARENT:
            group = self.site.parent_of(group, self.draft.coverage)
        outline = (self.site.cells if pieces and self.site.cells else self.draft.coverage).outline
        where = shapely.union_all([outline(code) for code in pieces or [group]])
        return {
            "cause": found["cause"],
            "code": group,
            "deviation": round(found["deviation"], 4),
            "share": round(found["share"], 4),
            "codes": pieces,
            "where": as_geojson(where),
        }
