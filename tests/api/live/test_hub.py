"""The hub: every audience gets what it may see, once, in order, with contiguous positions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.wire.frames import FRAME, FixesFrame
from api.live.force_positions import ForcePositions
from api.live.hub import Hub, Member
from api.live.mailbox import RESYNC
from console.access.rules import Actor
from console.feed.rules import Audience, Cursor, Event, Visibility
from console.positions.rules import Position
from console.situation.kinds import KINDS
from geo.cells import cell_of, centre
from geo.masking import MASK_RESOLUTION
from tests.console.feed.test_rules import INCIDENT
from tests.live.reducer import State
from tests.worlds import EAST, ROOT, WEST

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
AUDIENCES = [Audience(ROOT), Audience(WEST), Audience(EAST), Audience(ROOT, masked=True), Audience(ROOT, force_id=1)]


def event(pos: int, *, path: str = WEST, force: int | None = None, entity: int | None = None) -> Event:
    body = INCIDENT | {"id": entity or pos, "version": pos}
    visibility = Visibility(path, frozenset() if force is None else frozenset({force}))
    return Event(pos, NOW, "incident", entity or pos, pos, visibility, body)


def hub_at(pos: int, *, ring: int = 100) -> Hub:
    hub = Hub(ForcePositions(), kinds=KINDS, ring=ring)
    hub.restart(Cursor("e", pos))
    return hub


def member(audience: Audience) -> Member:
    return Member(audience, Actor(1, "a", "operator", audience.scope), 1)


def received(someone: Member) -> list[dict[str, Any]]:
    sent = someone.mailbox.remaining_frames()
    for frame in sent:
        FRAME.validate_json(frame)
    return [orjson.loads(frame) for frame in sent]


def state_at(pos: int) -> State:
    return State({"pos": pos, "incidents": [], "tasks": [], "forces": []})


def test_one_encoding_serves_all_of_an_audience() -> None:
    hub = hub_at(0)
    one, other = member(Audience(WEST)), member(Audience(WEST))
    for someone in (one, other):
        hub.join(someone, 0)
    hub.publish([event(1)], 1)
    (frame,), (same,) = one.mailbox.remaining_frames(), other.mailbox.remaining_frames()
    assert frame is same


def test_events_invisible_to_all_members_advance_positions_with_the_next_beat() -> None:
    hub = hub_at(0)
    east = member(Audience(EAST))
    hub.join(east, 0)
    hub.publish([event(1, path=WEST)], 1)
    assert received(east) == []
    hub.maps = "b1 r1"
    hub.publish([replace(event(2, path=WEST), kind="closure")], 2)
    hub.beat(NOW)
    empty, beat = received(east)
    assert empty == {"t": "events", "from": 0, "to": 2, "items": []}
    assert (beat["t"], beat["pos"], beat["maps"], beat["closures"]) == ("beat", 2, "b1 r1", "2")


def test_a_frame_continues_from_the_last_one_sent() -> None:
    hub = hub_at(0)
    east = member(Audience(EAST))
    hub.join(east, 0)
    hub.publish([event(1, path=WEST)], 1)
    hub.publish([event(2, path=EAST)], 2)
    (frame,) = received(east)
    assert (frame["from"], frame["to"], [item["pos"] for item in frame["items"]]) == (0, 2, [2])


def test_a_late_member_gets_missed_events_and_the_channel_continues_together() -> None:
    hub = hub_at(0)
    first, late = member(Audience(WEST)), member(Audience(WEST))
    hub.join(first, 0)
    hub.publish([event(1), event(2), event(3, path=EAST)], 3)
    hub.join(late, 1)
    hub.publish([event(4)], 4)
    assert [(frame["from"], frame["to"]) for frame in received(late)] == [(1, 3), (3, 4)]
    assert [(frame["from"], frame["to"]) for frame in received(first)] == [(0, 3), (3, 4)]


def test_a_new_epoch_makes_all_members_resync() -> None:
    hub = hub_at(5)
    someone = member(Audience(WEST))
    hub.join(someone, 5)
    hub.restart(Cursor("f", 5))
    assert received(someone) == [{"t": "resync", "reason": "epoch"}]
    assert someone.mailbox.closing is not None and someone.mailbox.closing.code == RESYNC
    assert [*hub.members] == []


def test_after_a_restart_the_last_events_are_in_memory() -> None:
    hub = Hub(ForcePositions(), kinds=KINDS)
    hub.restart(Cursor("e", 7), recent=[event(6), event(7, path=EAST)])
    assert hub.kept_from == 6
    late = member(Audience(WEST))
    hub.join(late, 5)
    assert [(frame["from"], frame["to"], len(frame["items"])) for frame in received(late)] == [(5, 7, 1)]


def test_a_member_that_left_is_sent_nothing() -> None:
    hub = hub_at(0)
    someone = member(Audience(WEST))
    hub.join(someone, 0)
    hub.leave(someone)
    hub.leave(someone)
    hub.publish([event(1)], 1)
    assert received(someone) == [] and [*hub.audiences] == []


def test_memory_is_bounded_and_reports_its_first_position() -> None:
    hub = hub_at(0, ring=3)
    assert hub.kept_from == 1
    hub.publish([event(pos) for pos in range(1, 6)], 5)
    assert hub.kept_from == 3
    assert [item.pos for item in hub.recent(2, limit=10)] == [3, 4, 5]
    assert [item.pos for item in hub.recent(3, limit=1)] == [4]


def test_positions_go_to_audiences_of_the_force_and_merge_for_slow_sockets() -> None:
    hub = hub_at(0)
    members = {audience: member(audience) for audience in AUDIENCES}
    for someone in members.values():
        hub.join(someone, 0)
    for second, (force, path) in enumerate([(1, WEST), (2, WEST), (3, EAST), (1, WEST)]):
        at = NOW.replace(second=second)
        hub.force_positions.update([Position(force, path, at, 120.6, 31.1, 1.0, None, 5.0)], now=NOW)
        hub.publish_positions(hub.force_positions.drain())
    hub.publish_positions(hub.force_positions.renew_masked(), masked=True)
    seen = {audience: waiting(someone) for audience, someone in members.items()}
    assert [seen[audience] for audience in AUDIENCES] == [[1, 2, 3], [1, 2], [3], [1, 2, 3], [1]]


def test_a_masked_audience_gets_the_cell_of_a_force_once_a_minute() -> None:
    hub = hub_at(0)
    wall = member(Audience(ROOT, masked=True))
    hub.join(wall, 0)
    at = NOW.replace(second=41)
    hub.force_positions.update([Position(1, WEST, at, 120.6031, 31.1012, 7.0, 90.0, 5.0)], now=NOW)
    hub.publish_positions(hub.force_positions.drain())
    assert "fixes" not in wall.mailbox._latest
    hub.publish_positions(hub.force_positions.renew_masked(), masked=True)
    hub.force_positions.update([Position(1, WEST, at.replace(second=59), 120.64, 31.2, 7.0, 90.0, 5.0)], now=NOW)
    fixes = FixesFrame.model_validate_json(wall.mailbox._latest["fixes"].text())
    middle = centre(cell_of(120.6031, 31.1012, MASK_RESOLUTION))
    assert (fixes.lon[0], fixes.lat[0]) == pytest.approx(middle, abs=1e-6)
    assert (fixes.at, fixes.speed, fixes.heading, fixes.accuracy) == (
        [int(NOW.timestamp() * 1000)],
        [None],
        [None],
        [None],
    )


def test_a_position_that_waits_for_a_slow_socket_is_not_sent_once_the_force_has_left() -> None:
    hub = hub_at(0)
    west, east = member(Audience(WEST)), member(Audience(EAST))
    for someone in (west, east):
        hub.join(someone, 0)
    hub.force_positions.update([Position(1, WEST, NOW, 120.6, 31.1, 1.0, None, 5.0)], now=NOW)
    hub.publish_positions(hub.force_positions.drain())
    assert waiting(west) == [1]
    hub.force_positions.set_division(1, EAST)
    hub.force_positions.update([Position(1, WEST, NOW.replace(hour=3), 120.6, 31.1, 1.0, None, 5.0)], now=NOW)
    hub.publish_positions(hub.force_positions.drain())
    assert (waiting(west), waiting(east)) == ([], [1])


def waiting(someone: Member) -> list[int]:
    """The forces in the one fixes frame that waits."""
    return FixesFrame.model_validate_json(someone.mailbox._latest["fixes"].text()).force


def test_an_older_position_never_replaces_a_newer() -> None:
    force_positions = ForcePositions()
    force_positions.update([Position(1, WEST, NOW, 120.6, 31.1, None, None, None)], now=NOW)
    force_positions.update([Position(1, WEST, NOW.replace(hour=1), 121.6, 31.1, None, None, None)], now=NOW)
    assert force_positions.latest[1].lon == 120.6


Move = tuple[str, int]
MOVES = st.lists(
    st.tuples(st.sampled_from(["publish", "publish_east", "own", "beat", "join", "leave"]), st.integers(1, 4)),
    max_size=40,
)


@given(MOVES)
def test_every_member_follows_without_a_gap_and_receives_all_visible_events(moves: list[Move]) -> None:
    """Members join at any earlier position and leave at any moment; the log is compared with the frames of each."""
    hub, log = hub_at(0, ring=1000), [*[]]
    here: list[tuple[Member, State, int]] = []
    acts: dict[str, Callable[[int], None]] = {
        "publish": lambda n: _publish(hub, log, n, path=WEST),
        "publish_east": lambda n: _publish(hub, log, n, path=EAST),
        "own": lambda n: _publish(hub, log, n, path=EAST, force=1),
        "beat": lambda _: hub.beat(NOW),
        "join": lambda n: _join(hub, here, AUDIENCES[n % len(AUDIENCES)], max(0, hub.head.pos - n)),
        "leave": lambda n: hub.leave(here[n % len(here)][0]) if here else None,
    }
    for name, n in moves:
        acts[name](n)
    hub.beat(NOW)
    present = set(map(id, hub.members))
    for someone, state, since in here:
        state.apply_all(frame for frame in received(someone) if frame["t"] == "events")
        if id(someone) in present:
            assert state.pos == hub.head.pos
            seen = {e.entity_id for e in log if e.pos > since and someone.audience.receives(e)}
            assert set(state.held["incidents"]) == seen


def _publish(hub: Hub, log: list[Event], count: int, *, path: str, force: int | None = None) -> None:
    events = [event(hub.head.pos + 1 + n, path=path, force=force) for n in range(count)]
    log.extend(events)
    hub.publish(events, hub.head.pos + count)


def _join(hub: Hub, here: list[tuple[Member, State, int]], audience: Audience, pos: int) -> None:
    someone = member(audience)
    hub.join(someone, pos)
    here.append((someone, state_at(pos), pos))
