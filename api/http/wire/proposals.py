"""JSON of proposals."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from pydantic import Field

from api.http.wire.plans import FiguresOut, LineProblemOut, figures_out
from api.http.wire.shapes import In, Latitude, Longitude, Out
from console.planning.proposals.answering import Alternative, Summary
from console.planning.proposals.asked import Proposal, Proposals
from console.planning.proposals.rules import ProposalState
from console.planning.rules import MONTHS
from geo.terms import DivisionCode

Share = Annotated[float, Field(ge=0, le=100)]
Place = tuple[Longitude, Latitude]
MOST_SEEDS = 2_000


class WeightsIn(In):
    """What makes up a load: shares of the sum of each figure, by weight."""

    workload_minutes: Share = 1.0
    incidents: Share = 0.0
    households: Share = 0.0
    enterprises: Share = 0.0


class ProposalIn(In):
    """Even the load of divisions of `level` below `division`.

    No piece crosses a line of the level `within` or above: by default, the level above. With `seeds`, one place for
    each division of the level, the search begins there instead of from today's lines. `keep_homes`: each worker's home
    stays in the grid.
    """

    level: str = Field(max_length=32)
    division: DivisionCode
    within: str | None = Field(None, max_length=32)
    weights: WeightsIn = WeightsIn()
    seeds: list[Place] = Field([], max_length=MOST_SEEDS)
    keep_homes: bool = True
    seconds: float = Field(15.0, ge=1, le=60, description="When the search ends, if it has not come to an end before.")
    months: int = Field(MONTHS, ge=1, le=60, description="Incidents of so many months up to now count.")


class ProposalStartedOut(Out):
    """A proposal that was begun."""

    id: str
    state: ProposalState
    ahead: int | None = Field(description="How many proposals come first.")


class SummaryOut(Out):
    """How even loads are. `load_deviation`: how much more than its even share the division furthest from it has,
    `worst`, in loads of an average one: 0.42 is 42 % of that. The even share is that of all within the same lines.
    `spread`: the root mean square of all deviations. `moved_pieces` are the divisions below, or cells, that change
    hands. Beside these, the minutes to the farthest corner and the mean `compactness` of the level.
    """

    load_deviation: float
    worst: str
    spread: float
    moved_households: int | None
    moved_pieces: int
    farthest_minutes: float | None
    compactness: float

    @classmethod
    def of(cls, summary: Summary) -> Self:
        return cls(**asdict(summary))


class AlternativeOut(SummaryOut):
    """An alternative. To take it, post its `operation` to `/operations`, with the proposal's `version` as `If-Match`:
    one step, undone at once. Figures are of all divisions of the level that it touches, and of those above.
    """

    operation: dict[str, Any]
    changed: list[str]
    notices: list[LineProblemOut]
    before: dict[str, FiguresOut]
    after: dict[str, FiguresOut]

    @classmethod
    def told(cls, one: Alternative) -> Self:
        return cls(
            **asdict(one.summary),
            operation=dict(one.operation),
            changed=list(one.changed),
            notices=[LineProblemOut(**notice) for notice in one.notices],
            before=figures_out(one.before),
            after=figures_out(one.after),
        )


class BottleneckOut(Out):
    """Why the load of the division `code` stays uneven by `deviation`, with the place as GeoJSON.

    `piece`: what is in `codes` has so much alone; `locked`: the division may not change; `fixed`: `codes` must stay, as
    they are locked or have the worker's home; `parent`: `code`, whose lines stay, ought to have more divisions of the
    level, or fewer; `pinned`: what is locked, or homes that stay, are in the way; `narrow`: ways lead through `codes`
    alone; `coarse`: the divisions below are too large. `share`: of the load within the same lines, that of `codes`, or
    of the division; of a `parent`, that of all.
    """

    cause: Literal["piece", "locked", "fixed", "parent", "pinned", "narrow", "coarse"]
    code: str
    deviation: float
    share: float
    codes: list[str] = Field(description="Divisions below; cells that were cut for the search have codes of their own.")
    where: dict[str, Any] | None


class ProposalOut(ProposalStartedOut):
    """A proposal for a `version` of a plan: how far the search is, and what it found, the most even alternative first.

    `done` without an alternative: nothing better than `today` was found; `bottlenecks` say why. `settled`: the search
    came to an end before its time. `failed`: the search was ended, for memory. `progress` is a share; `best_deviation`
    that of the best grouping so far.
    """

    plan: int
    version: int
    progress: float
    best_deviation: float | None
    level: str
    division: str
    within: str
    weights: dict[str, float]
    months: int
    masked: bool = Field(description="Incidents are counted at their masked places.")
    groups: int = Field(description="Divisions of the level that are evened.")
    pieces: int = Field(description="Divisions below that may change hands.")
    piece_level: str
    settled: bool
    today: SummaryOut | None
    alternatives: list[AlternativeOut]
    bottlenecks: list[BottleneckOut]

    @classmethod
    def told(cls, one: Proposal, proposals: Proposals) -> Self:
        wish = one.wish
        return cls(
            id=one.id,
            state=one.state,
            ahead=proposals.ahead_of(one),
            plan=one.plan,
            version=one.version,
            progress=one.share,
            best_deviation=one.best,
            level=wish.level,
            division=wish.division,
            within=wish.within,
            weights=weights_of(wish.weights),
            months=one.months,
            masked=one.masked[0],
            groups=one.groups,
            pieces=one.pieces,
            piece_level=one.piece_level,
            settled=one.settled,
            today=None if one.today is None else SummaryOut.of(one.today),
            alternatives=[AlternativeOut.told(each) for each in one.alternatives],
            bottlenecks=[BottleneckOut(**each) for each in one.bottlenecks],
        )


def weights_of(weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weights that count."""
    return {name: weight for name, weight in weights.items() if weight}
