"""The protocol of one socket, without the socket."""

from datetime import UTC, datetime

import orjson
import pytest
from pydantic import ValidationError

from api.http.wire.frames import FRAME
from api.live import frames
from api.live.conversation import Close, Conversation, Send, Watch
from api.live.mailbox import BAD_MESSAGE, RESYNC
from console.feed.rules import Cursor
from layers.hotspots.rules import View
from tests.console.feed.test_rules import TASK

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HEAD = Cursor("now", 100)


def test_without_a_position_it_begins_at_the_head() -> None:
    conversation = Conversation(None)
    assert conversation.open(HEAD, kept_from=101, now=NOW) == [Send(frames.hello("now", 100, NOW))]
    assert conversation.at == HEAD


@pytest.mark.parametrize("pos", [100, 99, 49])
def test_a_position_that_is_kept_is_resumed(pos: int) -> None:
    conversation = Conversation(Cursor("now", pos))
    assert conversation.open(HEAD, kept_from=50, now=NOW) == [Send(frames.hello("now", pos, NOW))]
    assert conversation.at == Cursor("now", pos)


@pytest.mark.parametrize(
    ("since", "reason"),
    [(Cursor("then", 100), "epoch"), (Cursor("now", 101), "ahead"), (Cursor("now", 48), "too_old")],
)
def test_an_unusable_position_is_answered_with_resync(since: Cursor, reason: str) -> None:
    outs = Conversation(since).open(HEAD, kept_from=50, now=NOW)
    assert outs == [Send(frames.resync(reason)), Close(RESYNC, reason)]


def test_a_client_at_the_head_resumes_without_kept_events() -> None:
    assert isinstance(Conversation(HEAD).open(HEAD, kept_from=101, now=NOW)[0], Send)
    assert len(Conversation(HEAD).open(HEAD, kept_from=101, now=NOW)) == 1


def test_a_view_may_be_watched() -> None:
    actions = Conversation(None).receive('{"t":"watch","res":8,"window":"7d","category":"dispute"}')
    assert actions == [Watch(View(res=8, window="7d", category="dispute"))]
    assert Conversation(None).receive('{"t":"watch","res":9,"window":"1h"}') == [Watch(View(res=9, window="1h"))]


@pytest.mark.parametrize(
    "message",
    [
        "",
        "{",
        "[]",
        '{"t":"hello"}',
        '{"t":"watch"}',
        '{"t":"watch","res":3,"window":"1h"}',
        '{"t":"watch","res":9,"window":"1y"}',
        '{"t":"watch","res":9,"window":"1h","more":1}',
        '{"t":"watch","res":"NaN","window":"1h"}',
        '{"t":"watch","res":9,"window":"1h","category":"\\u0000"}',
    ],
)
def test_an_invalid_message_closes_the_socket(message: str) -> None:
    assert Conversation(None).receive(message) == [Close(BAD_MESSAGE, "message")]


def test_frames_match_the_schemas() -> None:
    assert FRAME.validate_json(frames.hello("e", 5, NOW)).pos == 5
    assert FRAME.validate_json(frames.beat(5, NOW)).now == NOW
    assert FRAME.validate_json(frames.resync("ahead")).reason == "ahead"
    item = orjson.dumps({"pos": 6, "at": NOW, "kind": "task", "id": 1, "version": 2, "body": TASK})
    gone = orjson.dumps({"pos": 7, "at": NOW, "kind": "task", "id": 1, "version": 3, "body": None, "gone": True})
    frame = FRAME.validate_json(frames.events(5, 7, [item, gone]))
    assert (frame.from_, frame.to, [(item.pos, item.gone) for item in frame.items]) == (5, 7, [(6, False), (7, True)])


def test_an_event_without_a_body_must_be_gone() -> None:
    item = orjson.dumps({"pos": 6, "at": NOW, "kind": "task", "id": 1, "version": 2, "body": None})
    with pytest.raises(ValidationError):
        FRAME.validate_json(frames.events(5, 7, [item]))
