"""What a pack says of response packages is checked when it is read."""

from typing import Any

import pytest

from api.place.pack import Pack
from api.place.package_checks import package_problems
from api.place.problems import Key
from console.dispatching.packages import Package
from tests.worlds import PACK

LEAD = {"role": "lead"}


def with_packages(*given: dict[str, Any]) -> Pack:
    names = {"zh": "编组", "en": "Package"}
    base = {"code": "a", "names": names, "to": ["hazard.fire"], "slots": [LEAD]}
    return PACK.model_copy(update={"packages": tuple(Package.model_validate(base | one) for one in given)})


def problems(*given: dict[str, Any]) -> list[tuple[Key, str]]:
    return [(found.key, found.code) for found in package_problems(with_packages(*given))]


def test_the_shipped_packages_are_sound() -> None:
    assert [*package_problems(PACK)] == []
    assert PACK.packages


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"to": ["hazard.fires"]}, ("packages", 0, "to", 0)),
        ({"risks": ["grave"]}, ("packages", 0, "risks", 0)),
        ({"slots": [LEAD | {"kinds": ["fireman"]}]}, ("packages", 0, "slots", 0, "kinds", 0)),
        ({"slots": [LEAD | {"levels": ["city"]}]}, ("packages", 0, "slots", 0, "levels", 0)),
        ({"escalated": [{"at": "city", "slots": [{"role": "support"}]}]}, ("packages", 0, "escalated", 0, "at")),
    ],
)
def test_an_undefined_code_is_named_with_its_place(given: dict[str, Any], key: Key) -> None:
    assert (key, "undefined") in problems(given)


def test_a_slot_that_no_answer_allows_is_refused() -> None:
    """Mediators may not lead on a grave fire."""
    found = problems({"risks": ["high"], "slots": [LEAD | {"kinds": ["town_unit", "mediator"]}]})
    assert found == [(("packages", 0, "slots", 0, "kinds", 1), "unfillable")]


def test_two_packages_for_the_same_incidents_are_refused() -> None:
    assert [code for _, code in problems({}, {"code": "b"})] == ["repeated"]
    assert [code for _, code in problems({}, {"code": "a", "risks": ["high"]})] == ["repeated"]
    assert problems({}, {"code": "b", "risks": ["high"]}) == []
