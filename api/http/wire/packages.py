"""JSON of proposals for many incidents: whom to send, what is missing and why, and the cover after."""

from typing import Literal, Self

from pydantic import Field

from api.http.wire.layers import NamesOut
from api.http.wire.shapes import Id, In, Out
from api.http.wire.tasks import Reason, RoleCode
from console.dispatching.cover import Left, MoveUp
from console.dispatching.packages import FilledSlot
from console.dispatching.proposals import MOST_INCIDENTS
from console.dispatching.proposed import Card, Missing, Proposal, Proposed


class DispatchProposalIn(In):
    """Incidents to propose forces for."""

    incidents: list[Id] = Field(min_length=1, max_length=MOST_INCIDENTS)


class OtherOut(Out):
    """A force that could go instead: it is free, and proposed for nothing."""

    force: int
    name: str
    minutes: float


class AssignmentOut(Out):
    """A force proposed for a slot of an incident's package. The reasons' minutes sum to `minutes`."""

    incident: int
    force: int
    role: RoleCode
    minutes: float
    slot: int = Field(description="Its place in the package's slots.")
    name: str
    kind: str
    eta_minutes: float
    stale: bool
    reasons: list[Reason]
    tied: list[int] = Field(description="Forces that could go at the same sum. The lowest id is proposed.")
    others: list[OtherOut]

    @classmethod
    def of(cls, one: Proposed) -> Self:
        ranked = one.ranked
        return cls(
            incident=one.incident,
            force=ranked.candidate.force,
            role=one.role.value,
            minutes=ranked.cost_minutes,
            slot=one.slot,
            name=ranked.candidate.name,
            kind=ranked.candidate.kind,
            eta_minutes=ranked.eta_minutes,
            stale=ranked.stale,
            reasons=[Reason.model_validate(reason) for reason in ranked.reasons],
            tied=[*one.tied],
            others=[OtherOut(force=of.force, name=of.name, minutes=minutes) for of, minutes in one.others],
        )


class MissingOut(Out):
    """Nobody for a slot. `code` is the reason that is the easiest to mend; `why` counts the forces by reason."""

    incident: int
    slot: int
    role: RoleCode
    code: str
    why: dict[str, int]

    @classmethod
    def of(cls, one: Missing) -> Self:
        return cls(incident=one.incident, slot=one.slot, role=one.role.value, code=one.code, why={**one.why})


class UnassignedOut(Out):
    """An incident to which nobody is proposed, and why."""

    incident: int
    code: str


class SlotOut(Out):
    """So many forces in a role, of these kinds, from divisions of these levels (all, where empty); and who is there."""

    role: RoleCode
    count: int
    kinds: list[str]
    needs: Literal["class", "category"] | None
    levels: list[str]
    held: list[int]

    @classmethod
    def of(cls, one: FilledSlot) -> Self:
        slot = one.slot
        return cls(
            role=slot.role.value,
            count=slot.count,
            kinds=[*slot.kinds],
            needs=slot.needs,
            levels=[*slot.levels],
            held=[*one.held],
        )


class PackageOut(Out):
    """The response package of an incident. Without one, of code null, an incident asks for one force that leads.

    `kept`: it is the incident's own copy, from its first task on.
    """

    incident: int
    code: str | None
    name: NamesOut | None
    kept: bool
    slots: list[SlotOut]

    @classmethod
    def of(cls, card: Card) -> Self:
        package = card.package
        return cls(
            incident=card.incident,
            code=package.code if package else None,
            name=NamesOut.model_validate(package.names) if package else None,
            kept=card.kept,
            slots=[SlotOut.of(one) for one in card.filled],
        )


class TownCoverOut(Out):
    """Forces on duty and free in a division now, and left when those proposed go; `least` 0 where none is asked for."""

    division: str
    name: str
    cover: str | None = Field(description="The roster's minimum that they count for. Null: all forces count.")
    cover_name: NamesOut | None
    least: int
    free: int
    left: int

    @classmethod
    def of(cls, one: Left) -> Self:
        return cls(
            division=one.town.path.rpartition(".")[2],
            name=one.town.name,
            cover=one.cover.code if one.cover else None,
            cover_name=NamesOut.model_validate(one.cover.names) if one.cover else None,
            least=one.least,
            free=one.free,
            left=one.left,
        )


class MoveUpOut(Out):
    """The force that mends the worst gap by waiting in another division, and its minutes to get there."""

    force: int
    name: str
    leaves: str | None = Field(description="Name of the division that it leaves.")
    to: str
    to_name: str
    cover: str | None
    minutes: float

    @classmethod
    def of(cls, one: MoveUp) -> Self:
        return cls(
            force=one.force.force,
            name=one.force.name,
            leaves=one.leaves.name if one.leaves else None,
            to=one.to.town.path.rpartition(".")[2],
            to_name=one.to.town.name,
            cover=one.to.cover.code if one.to.cover else None,
            minutes=one.minutes,
        )


class DispatchProposalOut(Out):
    """The best assignment of forces to all incidents asked for. Nothing is sent.

    `greedy_minutes` is what sending one by one takes, each the cheapest force; `greedy_left` are those for whom it
    would have had nobody without moving others.
    """

    assignments: list[AssignmentOut]
    total_minutes: float
    greedy_minutes: float
    greedy_left: int
    by_road: bool = Field(description="Whether ways by road were looked for.")
    missing: list[MissingOut]
    unassigned: list[UnassignedOut]
    packages: list[PackageOut]
    cover: list[TownCoverOut] = Field(description="Divisions that forces leave, the worst gap first.")
    move_up: MoveUpOut | None

    @classmethod
    def of(cls, found: Proposal) -> Self:
        return cls(
            assignments=[AssignmentOut.of(one) for one in found.proposed],
            total_minutes=found.total_minutes,
            greedy_minutes=found.greedy_minutes,
            greedy_left=found.greedy_left,
            by_road=found.by_road,
            missing=[MissingOut.of(one) for one in found.missing],
            unassigned=[UnassignedOut(incident=one, code=code) for one, code in sorted(found.unassigned.items())],
            packages=[PackageOut.of(card) for card in found.cards],
            cover=[TownCoverOut.of(one) for one in found.cover],
            move_up=MoveUpOut.of(found.move_up) if found.move_up else None,
        )
