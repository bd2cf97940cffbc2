"""JSON of what other weights of dispatching would have done."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Self, get_args

from pydantic import Field

from api.http.wire.shapes import Day, In, Out
from console.dispatching.terms import DispatchTerms, WeightCode
from console.weighing.queries import ChangedDispatch, RankedForce, WhatIf
from geo.terms import DivisionCode

Factor = Annotated[float, Field(ge=0, le=10, description="So many times the weight of then; 1 changes nothing.")]


class WhatIfIn(In):
    """Weights to try on the dispatches of some days. A weight left out stays as it was."""

    weights: dict[WeightCode, Factor] = Field(default_factory=dict)
    from_: Day | None = Field(None, alias="from", description="The first day; 30 days ago if left out.")
    to: Day | None = Field(None, description="The last day; today if left out.")
    scope: DivisionCode | None = Field(None, description="A division's code; the account's own if left out.")


class WeightOut(Out):
    """A weight of the place, and the terms of its pack that make it, in minutes."""

    code: WeightCode
    terms: dict[str, float]

    @classmethod
    def all_of(cls, terms: DispatchTerms) -> list[Self]:
        return [cls.model_validate({"code": code, "terms": terms.weight(code)}) for code in get_args(WeightCode)]


class WhatIfSideOut(Out):
    """Who stood first, with the weights of then or with others. Minutes are those until the first is there."""

    chosen: int = Field(description="Dispatches of which the force that was sent stood first.")
    tied: int = Field(description="Dispatches of which others cost as much as the first.")
    total_minutes: float
    median_minutes: float


class KindChangeOut(Out):
    """How often a force of a kind stood first. The kind is null for forces beyond the caller's reach."""

    kind: str | None
    before: int
    after: int


class DivisionChangeOut(Out):
    """Dispatches of the next division below the scope, or of the scope itself, and how many firsts changed."""

    code: str
    name: str
    looked_at: int
    changed: int


class WeighedForceOut(Out):
    """A force of a ranking. Name and kind are null beyond the caller's reach."""

    id: int
    name: str | None
    kind: str | None

    @classmethod
    def of(cls, force: RankedForce) -> Self:
        return cls.model_validate(force)


class ChangedDispatchOut(Out):
    """A dispatch whose first would have been another, and who was sent. Minutes are those until each is there."""

    task: int
    incident: int
    case_code: str
    at: datetime
    chosen: WeighedForceOut
    before: WeighedForceOut
    before_minutes: float
    after: WeighedForceOut
    after_minutes: float

    @classmethod
    def of(cls, example: ChangedDispatch) -> Self:
        return cls.model_validate(example)


class WhatIfOut(Out):
    """What other weights would have done, from the ten best that were known when each force was sent."""

    scope: str = Field(description="The division's code.")
    from_: date = Field(serialization_alias="from")
    to: date
    weights: list[WeightOut] = Field(description="The weights as they are now.")
    looked_at: int
    unrecorded: int = Field(description="Dispatches of these days without a kept ranking: not looked at.")
    left_out: int = Field(description="Dispatches beyond the latest 60,000: not looked at.")
    changed: int = Field(description="Dispatches whose first would have been another.")
    before: WhatIfSideOut
    after: WhatIfSideOut
    kinds: list[KindChangeOut]
    divisions: list[DivisionChangeOut] = Field(description="The most changed first.")
    examples: list[ChangedDispatchOut] = Field(description="The latest 50 that changed.")

    @classmethod
    def of(
        cls, answer: WhatIf, *, scope: str, days: tuple[date, date], terms: DispatchTerms, names: Mapping[str, str]
    ) -> Self:
        return cls(
            scope=scope,
            from_=days[0],
            to=days[1],
            weights=WeightOut.all_of(terms),
            looked_at=answer.looked_at,
            unrecorded=answer.unrecorded,
            left_out=answer.left_out,
            changed=answer.changed,
            before=WhatIfSideOut.model_validate(answer.before),
            after=WhatIfSideOut.model_validate(answer.after),
            kinds=[KindChangeOut(kind=kind, before=was, after=now) for kind, (was, now) in answer.kinds.items()],
            divisions=[
                DivisionChangeOut(code=path.rpartition(".")[2], name=names.get(path, ""), looked_at=n, changed=changed)
                for path, n, changed in answer.divisions
            ],
            examples=[ChangedDispatchOut.of(example) for example in answer.examples],
        )
