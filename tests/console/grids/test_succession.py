"""What follows a split or a merge: each thing lands once, by its rule."""

from datetime import date

import pytest
import shapely

from console.grids.rules import HeldPost, Post, Service, Verdict
from console.grids.succession import Choice, ChoiceKind, Holding, shares_of_grids, succession_of

DAY = date(2026, 3, 2)
WASTE, TAXES = Service("垃圾分类宣传", Verdict.ALLOWED), Service("催缴税费", Verdict.FORBIDDEN)


def post(number: int, force: int, grid: str, kind: Post = Post.WORKER) -> HeldPost:
    return HeldPost(number, force, grid, kind, DAY, None)


SPLIT = shares_of_grids(
    {"g1": shapely.box(0, 0, 10, 10)}, {"g1": shapely.box(0, 0, 7, 10), "g2": shapely.box(7, 0, 10, 10)}
)
MERGED = shares_of_grids(
    {"g1": shapely.box(0, 0, 10, 10), "g2": shapely.box(10, 0, 30, 10)}, {"g2": shapely.box(0, 0, 30, 10)}
)


def test_land_is_shared_out_by_what_it_became() -> None:
    assert SPLIT == {"g1": {"g1": pytest.approx(0.7), "g2": pytest.approx(0.3)}}
    assert MERGED == {"g1": {"g2": 1.0}, "g2": {"g2": 1.0}}


def test_of_a_split_grid_each_thing_lands_once() -> None:
    held = {
        "g1": Holding(
            branch="第一党支部",
            services=[WASTE, TAXES],
            posts=[post(1, 11, "g1"), post(2, 12, "g1"), post(3, 13, "g1", Post.LEADER)],
            counts={"budget": 1001},
        )
    }
    found = succession_of(held, SPLIT, homes={11: "g2", 12: "g1", 13: "elsewhere"})
    assert found.branches == {"g1": "第一党支部"}
    assert {*found.services} == {"g1"} and {*found.services["g1"]} == {WASTE, TAXES}
    assert found.posts == {1: "g2", 2: "g1", 3: "g1"} and found.ended == ()
    assert found.counts == {"g1": {"budget": 701}, "g2": {"budget": 300}}
    assert found.choices == (Choice(ChoiceKind.NO_BRANCH, "g2"),)


def test_grids_that_are_merged_bring_each_thing_once() -> None:
    both = post(1, 11, "g1"), post(2, 11, "g2")
    held = {
        "g1": Holding(
            "甲支部", [WASTE, Service("催缴 税费", Verdict.ALLOWED)], [both[0], post(3, 12, "g1", Post.LEADER)]
        ),
        "g2": Holding("乙支部", [TAXES], [both[1], post(4, 13, "g2", Post.LEADER)], {"budget": 500}),
    }
    found = succession_of(held, MERGED, homes={})
    assert found.branches == {"g2": "乙支部"}
    assert {(one.title, one.verdict) for one in found.services["g2"]} == {
        ("垃圾分类宣传", Verdict.ALLOWED),
        ("催缴税费", Verdict.FORBIDDEN),
    }
    assert {*found.posts.values()} == {"g2"} and len(found.posts) == 3 and len(found.ended) == 1
    assert found.counts == {"g2": {"budget": 500}}
    assert found.choices == (
        Choice(ChoiceKind.BRANCH, "g2", ("乙支部", "甲支部")),
        Choice(ChoiceKind.LEADER, "g2", (3, 4)),
    )


def test_what_has_nothing_is_left_alone() -> None:
    assert succession_of({}, SPLIT, homes={}).choices == ()


@pytest.mark.parametrize("number", [0, 1, 7, 1000])
def test_numbers_keep_their_total(number: int) -> None:
    found = succession_of({"g1": Holding(counts={"budget": number})}, SPLIT, homes={})
    assert sum(counts["budget"] for counts in found.counts.values()) == number
