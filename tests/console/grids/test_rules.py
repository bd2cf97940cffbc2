"""Services that may be asked of grid workers, and posts that one worker may hold at a time."""

from datetime import date

import pytest

from console.grids.rules import (
    HeldPost,
    Post,
    PostTaken,
    Service,
    ServiceTwice,
    TooManyPosts,
    Verdict,
    check_list,
    require_free,
    services_in_force,
    shared,
)

ALLOWED, FORBIDDEN = Verdict.ALLOWED, Verdict.FORBIDDEN
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


def held(grid: str, post: Post = Post.WORKER, first: date = MARCH, until: date | None = None) -> HeldPost:
    return HeldPost(1, 7, grid, post, first, until)


def test_what_a_division_above_forbids_no_list_below_allows() -> None:
    county = [Service("催收物业费", FORBIDDEN, "县级清单"), Service("矛盾排查", ALLOWED)]
    village = [Service("催收 物业费", ALLOWED), Service("矛盾排查", FORBIDDEN), Service("防汛巡查", ALLOWED)]
    found = {one.service.title: (one.service.verdict, one.division) for one in services_in_force(
        [("county", county), ("village", village)]
    )}  # fmt: skip
    assert found == {
        "催收物业费": (FORBIDDEN, "county"),
        "矛盾排查": (FORBIDDEN, "village"),
        "防汛巡查": (ALLOWED, "village"),
    }


def test_a_list_names_each_service_once() -> None:
    with pytest.raises(ServiceTwice):
        check_list([Service("防汛巡查", ALLOWED), Service("防汛 巡查", FORBIDDEN)])


@pytest.mark.parametrize(
    ("held_before", "new", "error"),
    [
        ([], held("g1"), None),
        ([held("g1")], held("g2"), None),
        ([held("g1")], held("g1", Post.SECRETARY), None),
        ([held("g1")], held("g1"), PostTaken),
        ([held("g1", until=APRIL)], held("g1", first=APRIL), None),
        ([held("g1"), held("g2")], held("g3"), TooManyPosts),
        ([held("g1"), held("g2", until=APRIL)], held("g3", first=APRIL), None),
        ([held("g1"), held("g2", first=APRIL)], held("g3", until=APRIL), None),
        ([held("g1"), held("g2", first=APRIL)], held("g3", until=MAY), TooManyPosts),
    ],
)
def test_one_worker_holds_two_posts_at_a_time_at_most(
    held_before: list[HeldPost], new: HeldPost, error: type[Exception] | None
) -> None:
    if error is None:
        require_free(held_before, new, most=2)
        return
    with pytest.raises(error):
        require_free(held_before, new, most=2)


def test_workers_with_several_posts_are_told() -> None:
    one, two = held("g1"), held("g2")
    assert shared([one, HeldPost(3, 8, "g1", Post.WORKER, MARCH, None), two]) == {7: [one, two]}
