"""JSON of what merging networks proposes, and of their indicators on grids."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

from pydantic import Field

from api.http.wire.overlays import DisagreeingOut, disagreeing
from api.http.wire.shapes import Out
from console.networks.merging import Mapped, Proposed
from console.networks.overlays import Merged
from console.networks.terms import NetworkTerms
from geo.overlay.carrying import Carried, Rate


class ProposedOut(Out):
    """Divisions that most sectors have with another grid: `sectors` agree, of `voting` that serve them.

    `operation` is the body for `POST /api/plans/{id}/operations`. `refusal` is why the lines do not allow it, or null.
    """

    operation: dict[str, Any]
    of: str
    to: str
    sectors: list[str]
    voting: int
    refusal: str | None

    @classmethod
    def of_proposed(cls, one: Proposed) -> Self:
        return cls(
            operation=one.operation,
            of=one.of,
            to=one.to,
            sectors=list(one.sectors),
            voting=one.voting,
            refusal=one.refusal,
        )


class ShareOut(Out):
    """A share of an area. An empty `grid` stands for land beyond the division."""

    grid: str
    share: float


class MappedOut(Out):
    """Which grids an area becomes, the largest share first."""

    sector: str
    area: str
    grids: list[ShareOut]

    @classmethod
    def of(cls, one: Mapped) -> Self:
        shares = [ShareOut(grid=grid, share=share) for grid, share in one.shares]
        return cls(sector=one.sector, area=one.area, grids=shares)


class CarriedOut(Out):
    """A count on a grid. The true one lies from `least` to `most`, and `error` is the greater distance to either.

    `estimate` is the value before it was rounded so that the total stays. `is_small`: rounded to 0, though there may be
    some. `is_complete` is false where some land of the grid has no area, or an area no count.
    """

    value: int
    estimate: float
    least: int
    most: int
    error: int
    is_small: bool
    is_complete: bool


class RateOut(Out):
    """A rate on a grid: carried count by carried count. Null without anything to divide by."""

    value: float | None
    least: float | None
    most: float | None
    is_complete: bool


class IndicatorsOut(Out):
    """A sector's indicators on the grids, by code and grid. An empty code of a grid stands for land beyond."""

    sector: str
    totals: dict[str, int]
    counts: dict[str, dict[str, CarriedOut]]
    rates: dict[str, dict[str, RateOut]]

    @classmethod
    def of(cls, sector: str, carried: Mapping[str, Mapping[str, Carried]], terms: NetworkTerms) -> Self:
        rates = {
            rate.code: {
                grid: RateOut.model_validate(Rate.of(above, carried[rate.denominator][grid]))
                for grid, above in carried[rate.numerator].items()
            }
            for rate in terms.rates
            if rate.numerator in carried and rate.denominator in carried
        }
        counts = {
            name: {grid: CarriedOut.model_validate(one) for grid, one in by_grid.items()}
            for name, by_grid in carried.items()
        }
        totals = {name: sum(one.value for one in by_grid.values()) for name, by_grid in carried.items()}
        return cls(sector=sector, totals=totals, counts=counts, rates=rates)


class MergedOut(Out):
    """What merging the networks of a division proposes. `stands`: the county's grids need no change.

    `mapping` and `indicators` are on the grids as proposed; counts were split by households where `by_households`, else
    by land. `before` and `after` tell how the sectors disagree with today's grids and with the proposed ones.
    """

    division: str
    day: date
    width_m: float
    stands: bool
    proposed: list[ProposedOut]
    before: list[DisagreeingOut]
    after: list[DisagreeingOut]
    mapping: list[MappedOut]
    by_households: bool
    indicators: list[IndicatorsOut] = Field(description="By sector.")

    @classmethod
    def of(cls, merged: Merged, terms: NetworkTerms, *, division: str, day: date) -> Self:
        return cls(
            division=division,
            day=day,
            width_m=merged.before.width,
            stands=all(one.refusal is not None for one in merged.proposed),
            proposed=[ProposedOut.of_proposed(one) for one in merged.proposed],
            before=disagreeing(merged.before),
            after=disagreeing(merged.after),
            mapping=[MappedOut.of(one) for one in merged.mapped],
            by_households=merged.by_households,
            indicators=indicators(merged.carried, terms),
        )


class OnPlanOut(Out):
    """Networks on the lines of a plan: how they disagree with its grids, and their indicators on these."""

    version: int
    day: date
    width_m: float
    sectors: list[DisagreeingOut]
    mapping: list[MappedOut]
    by_households: bool
    indicators: list[IndicatorsOut]


def indicators(carried: Mapping[str, Mapping[str, Mapping[str, Carried]]], terms: NetworkTerms) -> list[IndicatorsOut]:
    """Return the indicators of all sectors on grids."""
    return [IndicatorsOut.of(sector, counts, terms) for sector, counts in sorted(carried.items())]
