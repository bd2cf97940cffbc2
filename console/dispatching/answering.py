"""Responders by category: which kinds of forces may lead on an incident, support or observe it. Pure.

A place says it in its pack, by class, category and risk. Who answers is a rule that no minutes outweigh; `minutes` is
only a preference among those who may.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Protocol, TypeVar

from pydantic import Field

from console.flow.terms import Role
from geo.terms import Code, Part

Need = Literal["class", "category"]
SERVES: Mapping[Role, tuple[Role, ...]] = MappingProxyType(
    {
        Role.LEAD: (Role.LEAD,),
        Role.SUPPORT: (Role.SUPPORT, Role.LEAD),
        Role.OBSERVER: (Role.OBSERVER, Role.SUPPORT, Role.LEAD),
    }
)
"""By role, the lists of a rule that may take it: who may lead may support, and who may support may observe."""


class Responder(Part):
    """A kind of force that may be sent, at a preference of `minutes`.

    `needs`: it must have the incident's `category` among its specialities, or at least its `class`; neither if left
    out.
    """

    kind: Code
    needs: Need | None = None
    minutes: float = 0.0


class Answer(Part):
    """Responders to the classes or categories `to`, of the `risks` or of all.

    A category's rule stands before its class's, and one for some risks before one for all. `support` and `observer` are
    those of the next rule if left out.
    """

    to: tuple[Code, ...] = Field(min_length=1)
    risks: tuple[Code, ...] = ()
    lead: tuple[Responder, ...] = Field(min_length=1)
    support: tuple[Responder, ...] | None = None
    observer: tuple[Responder, ...] | None = None

    def listed(self, role: Role) -> tuple[Responder, ...] | None:
        """Return the list of this role itself."""
        return {Role.LEAD: self.lead, Role.SUPPORT: self.support, Role.OBSERVER: self.observer}[role]


@dataclass(frozen=True, slots=True)
class Responders:
    """Responders to one incident in `role`, and in the other roles. Without lists, every force in any role."""

    category: str
    role: Role = Role.LEAD
    lists: Mapping[Role, tuple[Responder, ...]] | None = None
    _known: dict[tuple[str, tuple[str, ...], Role], Responder | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """By kind, specialities and role: a ranking asks for each of hundreds of forces, which are of a few sorts."""
    _roles: dict[tuple[str, tuple[str, ...]], tuple[Role, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def find(self, kind: str, specialities: Sequence[str], role: Role | None = None) -> Responder | None:
        """Return the entry by which such a force may take the role, or None if it may not."""
        key = kind, tuple(specialities), role or self.role
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, kind: str, specialities: Sequence[str], role: Role) -> Responder | None:
        if self.lists is None:
            return Responder(kind=kind)
        listed = (one for name in SERVES[role] for one in self.lists[name])
        return next((one for one in listed if one.kind == kind and self._has(one.needs, specialities)), None)

    def roles(self, kind: str, specialities: Sequence[str]) -> tuple[Role, ...]:
        """Return the roles in which such a force may be sent."""
        key = kind, tuple(specialities)
        if key not in self._roles:
            self._roles[key] = tuple(role for role in Role if self.find(*key, role))
        return self._roles[key]

    def bar(self, kind: str, specialities: Sequence[str]) -> str | None:
        """Return the code of the reason why such a force may not be sent in the role, or None if it may.

        It may only take a lesser role, it lacks the speciality, or its kind does not answer the category.
        """
        roles = self.roles(kind, specialities)
        if self.role in roles:
            return None
        if roles:
            return f"{roles[0]}_only"
        return "not_specialised" if any(one.kind == kind for one in self.listed()) else "not_responsible"

    def listed(self) -> Iterator[Responder]:
        """Yield every entry for the role."""
        for name in SERVES[self.role]:
            yield from (self.lists or {}).get(name, ())

    def kinds(self, needs: Need | None) -> list[str]:
        """List the kinds that may take the role with that need."""
        return sorted({one.kind for one in self.listed() if one.needs == needs})

    @property
    def class_code(self) -> str:
        return self.category.split(".", 1)[0]

    @property
    def least_minutes(self) -> float:
        """The least that a preference for the role costs, below zero if it saves."""
        return min((one.minutes for one in self.listed()), default=0.0)

    def _has(self, needs: Need | None, specialities: Sequence[str]) -> bool:
        if needs is None or self.category in specialities:
            return True
        return needs == "class" and self.class_code in specialities


def responders_to(rules: Sequence[Answer], *, category: str, risk: str, role: Role = Role.LEAD) -> Responders:
    """Choose who may be sent to an incident. Without a rule for its category or class, everybody may."""
    found = [*rules_for(rules, category=category, risk=risk)]
    if not found:
        return Responders(category, role)
    lists = {name: next((some for rule in found if (some := rule.listed(name)) is not None), ()) for name in Role}
    return Responders(category, role, lists)


class Addressed(Protocol):
    """What a pack says of classes or categories `to`, for some `risks` or all."""

    @property
    def to(self) -> tuple[str, ...]: ...
    @property
    def risks(self) -> tuple[str, ...]: ...


Rule = TypeVar("Rule", bound=Addressed)


def rules_for(rules: Sequence[Rule], *, category: str, risk: str) -> Iterator[Rule]:
    """Yield the rules for an incident, the most special first."""
    for code in (category, category.split(".", 1)[0]):
        named = [rule for rule in rules if code in rule.to]
        yield from (rule for rule in named if risk in rule.risks)
        yield from (rule for rule in named if not rule.risks)
