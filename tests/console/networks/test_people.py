"""Who serves several areas: by staff number for certain, by name alone with a doubt."""

from dataclasses import dataclass

import pytest

from console.networks.people import keys_by_post, people_of, work_in
from console.networks.rules import common_path


@dataclass(frozen=True)
class Area:
    id: int
    sector: str
    code: str
    worker: str = ""
    worker_code: str = ""


def told(*areas: Area) -> list[tuple[str, int, bool]]:
    return [(person.code or person.name, len(person.posts), person.is_certain) for person in people_of(areas)]


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        ([Area(1, "party", "a", "李芳", "W1"), Area(2, "safety", "b", "李芳", "W1")], [("W1", 2, True)]),
        ([Area(1, "party", "a", "李芳", "W1"), Area(2, "safety", "b", "李芳", "W2")],
         [("W1", 1, True), ("W2", 1, True)]),
        ([Area(1, "party", "a", "李芳"), Area(2, "safety", "b", "李芳")], [("李芳", 2, False)]),
        ([Area(1, "party", "a", "李芳", "W1"), Area(2, "safety", "b", "李芳")], [("W1", 2, False)]),
        ([Area(1, "party", "a", "李芳", "W1"), Area(2, "party", "b", "李芳", "W2"), Area(3, "safety", "c", "李芳")],
         [("W1", 1, True), ("W2", 1, True), ("李芳", 1, True)]),
        ([Area(1, "party", "a"), Area(2, "safety", "b")], []),
        ([Area(1, "party", "a", "李芳"), Area(2, "safety", "b", "王伟")], [("李芳", 1, True), ("王伟", 1, True)]),
    ],
)  # fmt: skip
def test_a_number_tells_a_person_and_a_name_leaves_a_doubt(
    areas: list[Area], expected: list[tuple[str, int, bool]]
) -> None:
    assert told(*areas) == expected


def test_a_grid_has_each_worker_once() -> None:
    people = people_of(
        [Area(1, "party", "a", "李芳", "W1"), Area(2, "safety", "b", "李芳", "W1"), Area(3, "safety", "c", "王")]
    )
    assert [person.key for person in people] == [1, 3]
    served = {"party": {"g1": ("a",)}, "safety": {"g1": ("b", "c"), "g2": ("c",)}}
    first, second = work_in(["g1", "g2"], served, keys_by_post(people))
    assert (first.people, second.people, dict(second.areas)) == ((1, 3), (3,), {"safety": ("c",)})


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], "1"),
        (["1.2.3"], "1.2.3"),
        (["1.2.3", "1.2.4"], "1.2"),
        (["1.2.3", "1.20.4"], "1"),
        (["1.2", "1.2.4"], "1.2"),
    ],
)
def test_an_area_belongs_to_the_smallest_division_around_it(paths: list[str], expected: str) -> None:
    assert common_path(paths, root="1") == expected
