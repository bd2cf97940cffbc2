"""Response packages: which holds, what an escalation adds, which forces fill it, and the copy an incident keeps."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from console.dispatching.packages import (
    Escalation,
    Package,
    Sent,
    Slot,
    fill,
    kept,
    kept_package,
    package_for,
)
from console.flow.terms import Role
from geo.terms import Names

LEVELS = ("county", "town", "village", "grid")
NAMES = Names(zh="编组", en="Package")
LEAD = Slot(role=Role.LEAD)
PATROLS = Slot(role=Role.SUPPORT, count=2, kinds=("patrol",))
FIRE = Package(
    code="fire",
    names=NAMES,
    to=("hazard.fire",),
    slots=(LEAD, PATROLS),
    escalated=(Escalation(at="county", slots=(Slot(role=Role.SUPPORT, kinds=("grid_worker",)),)),),
)
GRAVE = FIRE.model_copy(update={"code": "grave", "risks": ("high",)})
HAZARD = Package(code="hazard", names=NAMES, to=("hazard",), slots=(LEAD,))


def test_the_most_special_package_holds() -> None:
    def held(category: str, risk: str) -> str | None:
        found = package_for([HAZARD, FIRE, GRAVE], category=category, risk=risk)
        return found.code if found else None

    assert held("hazard.fire", "high") == "grave"
    assert held("hazard.fire", "low") == "fire"
    assert held("hazard.work", "high") == "hazard"
    assert held("errand.care", "high") is None


def test_an_escalation_adds_its_slots_from_its_level_upwards() -> None:
    assert [len(FIRE.slots_at(level, LEVELS)) for level in ("county", "town", "grid", "elsewhere")] == [3, 2, 2, 2]


@pytest.mark.parametrize(
    "slots",
    [
        [{"role": "support"}],
        [{"role": "lead", "count": 2}],
        [{"role": "lead"}, {"role": "lead"}],
        [],
        [{"role": "lead", "count": 0}],
        [{"role": "boss"}],
    ],
)
def test_one_leads(slots: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        Package.model_validate({"code": "a", "names": {"zh": "甲", "en": "A"}, "to": ["hazard"], "slots": slots})


def test_a_force_fills_the_first_slot_that_it_fits() -> None:
    """Whoever leads fills the lead's slot; a kind that no slot asks for fills none."""
    sent = [
        Sent(1, "support", kind="patrol"),
        Sent(2, "lead", kind="mediator"),
        Sent(3, "support", kind="mediator"),
        Sent(4, "support", kind="patrol"),
        Sent(5, "support", kind="patrol"),
    ]
    lead, patrols = fill((LEAD, PATROLS), sent, category="hazard.fire")
    assert (lead.held, patrols.held) == ((2,), (1, 4))
    assert (lead.lacking, patrols.lacking) == (0, 0)
    assert [one.lacking for one in fill((LEAD, PATROLS), sent[:1], category="hazard.fire")] == [1, 1]


def test_a_slot_asks_for_level_and_speciality() -> None:
    slot = Slot(role=Role.SUPPORT, levels=("town",), needs="class")
    fits = {"kind": "patrol", "category": "hazard.fire"}
    assert slot.fits(level="town", specialities=("hazard",), **fits)
    assert slot.fits(level="town", specialities=("hazard.fire",), **fits)
    assert not slot.fits(level="grid", specialities=("hazard",), **fits)
    assert not slot.fits(level="town", specialities=("dispute",), **fits)


def test_a_copy_holds_for_the_same_category_and_risk_only() -> None:
    copy = kept(FIRE, category="hazard.fire", risk="high")
    assert kept_package(copy, category="hazard.fire", risk="high") == FIRE
    assert kept_package(copy, category="hazard.fire", risk="low") is None
    assert kept_package(None, category="hazard.fire", risk="high") is None
    assert kept_package(copy | {"package": {"code": "old"}}, category="hazard.fire", risk="high") is None


roles = st.sampled_from(["lead", "support", "observer"])
sents = st.lists(
    st.builds(Sent, force=st.integers(1, 9), role=roles, kind=st.sampled_from(["patrol", "x"])), max_size=6
)


@given(sents)
def test_a_package_is_never_short_without_saying_so(sent: list[Sent]) -> None:
    """What is lacking and what is held are together what is asked for, and no force is held twice."""
    unique = [*{one.force: one for one in sent}.values()]
    filled = fill(FIRE.slots_at("county", LEVELS), unique, category="hazard.fire")
    held = [force for one in filled for force in one.held]
    assert len(held) == len(set(held))
    assert all(len(one.held) + one.lacking == one.slot.count for one in filled)
