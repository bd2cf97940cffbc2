"""An old snapshot and the events after it make the new snapshot, for every action and every viewer."""

import pytest
from fastapi import FastAPI

from geo.store import Store
from tests.live.stories import (
    ROUTES,
    STORIES,
    Stage,
    Step,
    leave_it_unanswered,
    leave_it_waiting,
    let_the_time_of_the_other_end,
)
from tests.live.viewing import Viewer, caught_up, disagreements, live_of, swept
from tests.worlds import ClientAs, Clock, World

VIEWERS = [
    ("operator", False),
    ("operator", True),
    ("operator_west", False),
    ("operator_east", False),
    ("supervisor", False),
    ("gateway", False),
    ("wall", False),
    ("planner", False),
    ("patrol_west", False),
    ("patrol_east", False),
]

NO_ENTITY_CHANGES = {
    ("POST", "/api/session"),
    ("DELETE", "/api/session"),
    ("POST", "/api/forces/{force_id}/telephone"),
    ("PUT", "/api/duty-leader"),
    ("POST", "/api/positions"),
    ("POST", "/api/positions/osmand"),
    ("POST", "/api/positions/owntracks"),
    ("POST", "/api/positions/overland"),
    ("POST", "/api/positions/background-geolocation"),
    ("POST", "/api/dispatch/proposals"),
    ("POST", "/api/dispatch/what-if"),
    ("POST", "/api/plans"),
    ("POST", "/api/networks/import"),
    ("POST", "/api/plans/{plan_id}/import"),
    ("POST", "/api/plans/{plan_id}/proposals"),
    ("DELETE", "/api/plans/{plan_id}/proposals/{proposal_id}"),
    ("POST", "/api/grids/{code}/posts"),
    ("POST", "/api/grid-posts/{post_id}/end"),
    ("PUT", "/api/grids/{code}/branch"),
    ("PUT", "/api/divisions/{code}/services"),
    ("POST", "/api/notices/{notice_id}/answer"),
    ("POST", "/api/notices/{notice_id}/read"),
    ("POST", "/api/lists/{list_code}"),
    ("POST", "/api/lists/{list_code}/gather"),
    ("POST", "/api/list-entries/{entry_id}/hand-over"),
    ("POST", "/api/list-entries/{entry_id}/answer"),
    ("POST", "/api/checklists/{unit}/marks"),
    ("POST", "/api/board/circulars"),
    ("POST", "/api/posts"),
    ("POST", "/api/posts/{staff_post_id}/end"),
    ("POST", "/api/patrol-routes"),
    ("PUT", "/api/patrol-routes/{route_id}"),
    ("POST", "/api/patrol-routes/{route_id}/retire"),
    ("POST", "/api/early-warnings/{warning_id}/answer"),
    ("POST", "/api/units"),
    ("PATCH", "/api/units/{unit}"),
    ("POST", "/api/units/{unit}/close"),
    ("PUT", "/api/users/{username}/person"),
    ("POST", "/api/users"),
    ("PATCH", "/api/users/{username}"),
    *(
        ("POST", f"/api/users/{{username}}/{step}")
        for step in ("disable", "enable", "sign-out", "password", "tokens", "tokens/{token_id}/revoke")
    ),
    ("POST", "/api/rosters/lay"),
    ("POST", "/api/rosters/import"),
    ("PUT", "/api/push"),
    ("DELETE", "/api/push"),
    ("POST", "/api/push/test"),
    ("POST", "/api/rosters/feed"),
    ("DELETE", "/api/rosters/feed"),
    ("POST", "/api/rosters/shifts/{shift_id}/swap"),
    *(
        (method, f"/api/rosters/{one}")
        for method in ("PUT", "DELETE")
        for one in ("shifts/{shift_id}", "leaves/{leave_id}")
    ),
    *(
        ("POST", f"/api/plans/{{plan_id}}/{step}")
        for step in (
            "operations",
            "preview",
            "undo",
            "redo",
            "rebase",
            "comments",
            "submit",
            "review",
            "publish",
            "withdraw",
        )
    ),
}
"""Routes that write, but nothing that a snapshot holds as a versioned entity, unless a position is an SOS.

A plan is a draft: no screen's lines follow from it before its day. A circular is a move of each of its cases, and moves
have a story. How a post that ends hands over its cases is tried
in `tests/console/cases/test_history.py`.
"""


@pytest.mark.parametrize("story", STORIES, ids=lambda name: name.replace(" ", "_"))
async def test_a_snapshot_and_the_events_after_it_make_a_fresh_snapshot(
    story: str, app: FastAPI, client_as: ClientAs, world: World, clock: Clock, store: Store
) -> None:
    live = live_of(app)
    stage = Stage(client_as, world, clock, store, push=app.state.services.push.key)
    viewers = [Viewer(username, wall, client_as, live) for username, wall in VIEWERS]
    for viewer in viewers:
        await viewer.begin()
    for step in STORIES[story]:
        await step(stage)
        if step in (leave_it_unanswered, leave_it_waiting, let_the_time_of_the_other_end):
            await swept(live, clock)
        assert await disagreements(viewers) == [], f"after {step.__name__}"


async def test_the_check_finds_a_lost_event(
    app: FastAPI, client_as: ClientAs, world: World, clock: Clock, store: Store
) -> None:
    """Planted: a viewer that skips an event disagrees with the snapshot."""
    viewer = Viewer("operator", False, client_as, live_of(app))
    await viewer.begin()
    await STORIES["an incident is served"][0](Stage(client_as, world, clock, store))
    await caught_up(viewer.live)
    viewer.live.hub.beat(clock())
    viewer.state.pos = viewer.live.hub.head.pos
    viewer.member.mailbox.remaining_frames()
    found = [one.partition("\n")[0] for one in await disagreements([viewer])]
    assert found == ["operator: incidents", "operator: cases"]


def test_every_writing_route_has_its_step(app_without_store: FastAPI) -> None:
    changing = {
        (method.upper(), path)
        for path, operations in app_without_store.openapi()["paths"].items()
        for method in operations
        if method in ("post", "put", "patch", "delete")
    }
    covered: set[Step] = {step for steps in STORIES.values() for step in steps}
    assert changing - NO_ENTITY_CHANGES == {ROUTES[step] for step in covered if step in ROUTES}
