"""Response packages 处置编组: which forces an incident of a category and risk asks for, and what escalating adds. Pure.

A package says how many go and of which kinds; who may go at all stays with the rules of `answering`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from console.dispatching.answering import Need, rules_for
from console.flow.terms import Role
from geo.terms import AtLeastOne, Code, Coded, Part, bad_value
from layers.divisions.terms import LevelName


class Slot(Part):
    """`count` forces in a role: of these `kinds`, posted to divisions of these `levels` (any, where left out).

    `needs`: each must have the incident's `category` among its specialities, or at least its `class`.
    """

    role: Role
    count: AtLeastOne = 1
    kinds: tuple[Code, ...] = ()
    needs: Need | None = None
    levels: tuple[LevelName, ...] = ()

    def fits(self, *, kind: str, specialities: Collection[str], level: str, category: str) -> bool:
        """Return whether such a force can fill the slot for an incident of the category."""
        if (self.kinds and kind not in self.kinds) or (self.levels and level not in self.levels):
            return False
        if self.needs is None or category in specialities:
            return True
        return self.needs == "class" and category.partition(".")[0] in specialities


class Escalation(Part):
    """Slots that are added once the incident is handled `at` this level or above it."""

    at: LevelName
    slots: tuple[Slot, ...] = Field(min_length=1)


class Package(Coded):
    """The forces for the classes or categories `to`, of the `risks` or of all.

    One of them leads. A category's package stands before its class's, and one for some risks before one for all.
    """

    to: tuple[Code, ...] = Field(min_length=1)
    risks: tuple[Code, ...] = ()
    slots: tuple[Slot, ...] = Field(min_length=1)
    escalated: tuple[Escalation, ...] = ()

    @model_validator(mode="after")
    def _one_leads(self) -> Self:
        leads = [slot.count for slot in self.slots if slot.role is Role.LEAD]
        added = [slot for one in self.escalated for slot in one.slots if slot.role is Role.LEAD]
        if leads != [1] or added:
            raise bad_value("one slot of one force leads, and none is added that does")
        return self

    def slots_at(self, level: str, levels: Sequence[str]) -> tuple[Slot, ...]:
        """Return the slots of an incident handled at a level; `levels` are those of the place, the highest first."""
        rank = {name: i for i, name in enumerate(levels)}
        here = rank.get(level, len(levels))
        added = (slot for one in self.escalated if here <= rank.get(one.at, -1) for slot in one.slots)
        return (*self.slots, *added)


ALONE = (Slot(role=Role.LEAD),)
"""What an incident without a package asks for: one that leads."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A force with an active task at an incident. Its kind is empty where the force is beyond the reach."""

    force: int
    role: str
    kind: str = ""
    specialities: tuple[str, ...] = ()
    level: str = ""


@dataclass(frozen=True, slots=True)
class FilledSlot:
    """A slot and the forces that fill it."""

    slot: Slot
    held: tuple[int, ...]

    @property
    def lacking(self) -> int:
        return max(0, self.slot.count - len(self.held))


def package_for(packages: Sequence[Package], *, category: str, risk: str) -> Package | None:
    """Return the package for an incident, or None where the place has none."""
    return next(rules_for(packages, category=category, risk=risk), None)


def fill(slots: Sequence[Slot], sent: Sequence[Sent], *, category: str) -> list[FilledSlot]:
    """Give each force that was sent to the first slot of its role that it fits and that has room.

    The one that leads fills the slot of the lead, whatever its kind: there is no second one.
    """
    held: list[list[int]] = [[] for _ in slots]
    for one in sent:
        for i, slot in enumerate(slots):
            fits = slot.role is Role.LEAD or slot.fits(
                kind=one.kind, specialities=one.specialities, level=one.level, category=category
            )
            if slot.role == one.role and len(held[i]) < slot.count and fits:
                held[i].append(one.force)
                break
    return [FilledSlot(slot, tuple(forces)) for slot, forces in zip(slots, held, strict=True)]


def kept(package: Package, *, category: str, risk: str) -> dict[str, Any]:
    """Return the copy of its package that an incident keeps: what changes in the pack changes nothing for it."""
    return {"category": category, "risk": risk, "package": package.model_dump(mode="json", exclude_defaults=True)}


def kept_package(copy: Mapping[str, Any] | None, *, category: str, risk: str) -> Package | None:
    """Return the package of a copy; None where there is none, or the incident has become another or graver one."""
    if copy is None or (copy.get("category"), copy.get("risk")) != (category, risk):
        return None
    try:
        return Package.model_validate(copy.get("package"))
    except ValidationError:
        return None  # Of a version with other keys: the place's own package holds.
