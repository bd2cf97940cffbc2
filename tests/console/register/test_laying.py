"""A register is laid out by rules: units in their divisions, posts with people, exactly as many as the pack says."""

from collections import Counter

import pytest
from pydantic import ValidationError

from console.register.laying import lay_register, lay_units
from console.register.rules import Shortfall, shortfalls
from console.register.terms import Hours, Staffing
from tests.console.register.registers import GROUNDS, SOUTH, TERMS, names
from tests.worlds import EAST, ROOT, WEST

LAID = lay_register(TERMS, GROUNDS, names=names())
UNITS = {unit.code: unit for unit in LAID.units}


def test_each_division_of_a_level_has_its_unit_below_the_centre_of_the_division_above() -> None:
    assert [UNITS[code].name for code in (f"C{ROOT}", f"C{WEST[-9:]}")] == ["某区中心", "西镇中心"]
    assert UNITS[f"C{ROOT}"].parent is None
    assert UNITS[f"C{WEST[-9:]}"].parent == f"C{ROOT}"
    assert UNITS[f"C{SOUTH[-12:]}"].parent == f"C{WEST[-9:]}"
    assert UNITS[f"C{ROOT}.court"].parent == f"C{ROOT}"
    assert UNITS[f"C{SOUTH[-12:]}.helpers"].parent == f"C{SOUTH[-12:]}"
    assert lay_units(TERMS, GROUNDS) == list(LAID.units)


def test_a_share_of_the_sites_runs() -> None:
    assert sum(unit.running for unit in LAID.units if unit.rule == "village_centre") == 2


def test_a_total_is_shared_out_exactly() -> None:
    held = Counter(post.unit for post in LAID.posts if post.attendance == "resident" and post.role == "clerk")
    assert held == {f"C{WEST[-9:]}": 2, f"C{EAST[-9:]}": 3}
    helpers = Counter(post.unit for post in LAID.posts if post.title == "helper")
    assert sorted(helpers.values()) == [2, 2, 3]


def test_a_pool_draws_on_people_of_other_units_first_and_recruits_the_rest() -> None:
    pool = [post for post in LAID.posts if post.unit == f"C{ROOT}.pool"]
    court = {post.person for post in LAID.posts if post.unit == f"C{ROOT}.court"}
    assert len({post.person for post in pool}) == 3
    assert len(court & {post.person for post in pool}) == 2
    assert [post.specialities for post in pool] == [("dispute.family",), ("dispute.land",), ("dispute.family",)]


def test_people_above_serve_several_divisions_in_turn() -> None:
    paired = [post for post in LAID.posts if post.title == "expert" and post.unit.endswith(".helpers")]
    pool = [post.person for post in LAID.posts if post.unit == f"C{ROOT}.pool"]
    assert sorted(post.person for post in paired) == sorted(pool)


def test_seconded_staff_are_under_two_managements() -> None:
    seconded = [post for post in LAID.posts if post.duty == "seconded"]
    assert {post.managed_by for post in seconded} == {(f"C{ROOT}.court", f"C{ROOT}")}


def test_everybody_has_one_entry_however_many_posts() -> None:
    assert len({person.code for person in LAID.staff}) == len(LAID.staff) == len({post.person for post in LAID.posts})
    assert len(LAID.posts) > len(LAID.staff)


def test_a_unit_with_too_few_of_a_title_is_found() -> None:
    found = shortfalls("experts", units=["a", "b", "c"], held=["a", "a", "b", "elsewhere"], least=2)
    assert found == [Shortfall("experts", "b", 2, 1), Shortfall("experts", "c", 2, 0)]


@pytest.mark.parametrize("counts", [{}, {"each": 1, "total": 1}])
def test_staff_are_counted_in_one_way(counts: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="either each or total"):
        Staffing(**counts)


@pytest.mark.parametrize("spans", [[[540, 1441]], [[720, 540]], [[540, 720], [700, 800]]])
def test_opening_hours_are_in_order(spans: list[list[int]]) -> None:
    names = {"zh": "x", "en": "x"}
    with pytest.raises(ValidationError, match="in order"):
        Hours.model_validate({"code": "x", "names": names, "week": [spans, *[[]] * 6]})
    round_the_clock = Hours.model_validate({"code": "x", "names": names, "week": [[[0, 1440]]] * 7})
    assert round_the_clock.week[6] == ((0, 1440),)
