"""However the feed is cut into frames, repeated and overlapped: a client that missed nothing ends as the store is.

The cases in `tests/live/drawn.json`, which the front end's tests run over as well, are drawn beside this; here the
truth is a history, and Hypothesis looks for the delivery that breaks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.drawn import KINDS, UNKNOWN
from tests.live.reducer import Gap, State

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """Every event there ever was, the one at position n being the nth; versions ascend with positions.

    An entity may leave the client's sight and come back, and some events are of a kind that it does not know.
    """

    items: Sequence[Body]

    def at(self, pos: int, *, ahead: int = 0) -> Body:
        """A snapshot at `pos`; it may already know the rows of `ahead` events that have no position yet."""
        rows: dict[tuple[str, int], Body] = {}
        for item in self.items[: pos + ahead]:
            if item.get("gone"):
                rows.pop((item["kind"], item["id"]), None)
            else:
                rows[item["kind"], item["id"]] = item["body"]
        lists = {name: [rows[key] for key in sorted(rows) if key[0] == kind] for kind, name in KINDS.items()}
        return {"epoch": "e", "pos": pos, **lists}

    def frame(self, begin: int, end: int) -> Body:
        return {"t": "events", "from": begin, "to": end, "items": list(self.items[begin:end])}


@st.composite
def histories(draw: st.DrawFn) -> History:
    change = st.tuples(st.sampled_from([*KINDS, UNKNOWN]), st.integers(1, 4), st.booleans())
    changed = draw(st.lists(change, max_size=25))
    versions: dict[tuple[str, int], int] = {}
    items = []
    for pos, (kind, entity, gone) in enumerate(changed, start=1):
        version = versions[kind, entity] = versions.get((kind, entity), 0) + 1
        body = {"id": entity, "version": version, "told": f"{kind} {entity} v{version}"}
        item = {"pos": pos, "kind": kind, "id": entity, "version": version}
        items.append(item | ({"gone": True, "body": None} if gone else {"body": body}))
    return History(items)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[History, Body, list[Body]]:
    """A history, a snapshot taken somewhere in it, and frames that leave nothing out but may repeat anything."""
    history = draw(histories())
    most = len(history.items)
    start = draw(st.integers(0, most))
    snapshot = history.at(start, ahead=draw(st.integers(0, most - start)))
    frames, pos = [], start
    while pos < most:
        begin = draw(st.integers(max(0, pos - 6), pos))
        end = draw(st.integers(begin, most))
        frames.append(history.frame(begin, end))
        if len(frames) > 60:
            frames.append(history.frame(pos, most))
        pos = max(pos, frames[-1]["to"])
    return history, snapshot, frames


@given(deliveries())
def test_a_client_that_missed_nothing_equals_the_store(case: tuple[History, Body, list[Body]]) -> None:
    history, snapshot, frames = case
    state, end = State(snapshot), history.at(len(history.items))
    state.apply_all(frames)
    assert state.pos == end["pos"]
    assert state.lists() == {name: end[name] for name in KINDS.values()}


@given(deliveries())
def test_repeated_events_change_nothing(case: tuple[History, Body, list[Body]]) -> None:
    _, snapshot, frames = case
    once, twice = State(snapshot), State(snapshot)
    once.apply_all(frames)
    for frame in frames:
        twice.apply_all([frame, frame])
    twice.apply_all(frames)
    assert (once.pos, once.lists()) == (twice.pos, twice.lists())


@given(histories().filter(lambda history: len(history.items) > 1), st.data())
def test_a_frame_that_begins_beyond_the_position_is_a_gap(history: History, data: st.DataObject) -> None:
    most = len(history.items)
    pos = data.draw(st.integers(0, most - 1))
    begin = data.draw(st.integers(pos + 1, most))
    with pytest.raises(Gap):
        State(history.at(pos)).apply(history.frame(begin, most))
