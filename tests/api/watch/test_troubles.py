"""Problems of a server: their codes and audiences."""

from dataclasses import replace
from typing import get_args

import orjson
import pytest

from api.http.wire.live import TroubleOut
from api.intake.device_faults import Fault
from api.live.force_positions import ForcePositions
from api.live.hub import Hub, Member
from api.watch.devices import DeviceState
from api.watch.senders import SenderState
from api.watch.sources import SourceState
from api.watch.troubles import Signs, Trouble, troubles_for, troubles_of
from console.access.rules import Actor
from console.feed.rules import Audience
from console.situation.kinds import KINDS
from tests.worlds import NOW, ROOT, WEST

WELL = Signs(
    database_answers=True,
    database_full=False,
    disk_low=False,
    lag_ms=0,
    loops_stuck=(),
    stepped_s=0,
    apart_s=0,
    sources=(SourceState("hotline", NOW, stale=False),),
    senders=(SenderState("hotline", taken=1000, refused=10),),
)
FAILING = SenderState("hotline", taken=0, refused=1000)
ONE_TROUBLE = [
    ({"database_full": True}, Trouble("database.full")),
    ({"disk_low": True}, Trouble("disk.low")),
    ({"lag_ms": 7300}, Trouble("feed.behind", n=7)),
    ({"lag_ms": None, "loops_stuck": ("feed",)}, Trouble("feed.behind")),
    ({"loops_stuck": ("hexes",)}, Trouble("loop.failing", name="hexes")),
    ({"stepped_s": -3600}, Trouble("clock.stepped", n=-3600)),
    ({"apart_s": 60}, Trouble("clock.apart", n=60)),
    ({"senders": (FAILING,)}, Trouble("source.failing", name="hotline", n=1000)),
    (
        {"senders": (SenderState("gateway", taken=500, refused=0, unreadable=20),)},
        Trouble("source.unreadable", name="gateway", n=20),
    ),
    ({"devices": (DeviceState("g1", Fault.CLOCK, 28_800),)}, Trouble("device.clock_wrong", name="g1", n=28_800)),
    (
        {"devices": (DeviceState("g1", Fault.CLOCK_CORRECTED, -86_400),)},
        Trouble("device.clock_corrected", name="g1", n=-86_400),
    ),
    ({"sources": (SourceState("hotline", NOW, stale=True),)}, Trouble("source.silent", name="hotline")),
    ({"failed_sign_ins": 40}, Trouble("sign_in.failing", n=40)),
    ({"roads_failing": True}, Trouble("roads.failing")),
    ({"broker_away": True}, Trouble("broker.away")),
    ({"year_missing": 2027}, Trouble("calendar.missing", n=2027)),
]


def test_a_healthy_server_has_no_troubles() -> None:
    assert troubles_of(WELL) == ()


@pytest.mark.parametrize(("change", "trouble"), ONE_TROUBLE)
def test_each_problem_has_its_code(change: dict[str, object], trouble: Trouble) -> None:
    assert troubles_of(replace(WELL, **change)) == (trouble,)


def test_without_a_database_only_that_is_reported() -> None:
    signs = replace(WELL, database_answers=False, loops_stuck=("feed", "hexes"), lag_ms=99_000)
    assert troubles_of(signs) == (Trouble("database.away"),)


@pytest.mark.parametrize(
    ("audience", "codes"),
    [
        (Audience(scope=ROOT), ["feed.behind", "source.failing"]),
        (Audience(scope=ROOT, masked=True), ["feed.behind"]),
        (Audience(scope=WEST, force_id=1), ["feed.behind"]),
    ],
)
def test_walls_and_phones_only_learn_that_their_data_is_outdated(audience: Audience, codes: list[str]) -> None:
    troubles = (Trouble("feed.behind", n=9), Trouble("source.failing", name="hotline", n=40))
    assert [trouble.code for trouble in troubles_for(audience, troubles)] == codes
    hub = Hub(ForcePositions(), kinds=KINDS)
    early, late = (Member(audience, Actor(1, "somebody", "operator", ROOT), 1) for _ in range(2))
    hub.join(early, 0)
    hub.publish_troubles(troubles)
    hub.join(late, 0)
    for member in (early, late):
        (frame,) = [orjson.loads(text) for text in member.mailbox.remaining_frames()]
        assert frame["t"] == "trouble" and [item["code"] for item in frame["items"]] == codes
    hub.publish_troubles(())
    (frame,) = [orjson.loads(text) for text in early.mailbox.remaining_frames()]
    assert frame["items"] == []


def test_every_trouble_has_its_name_over_http() -> None:
    named = {*get_args(TroubleOut.model_fields["code"].annotation)}
    assert {trouble.code for _, trouble in ONE_TROUBLE} <= named
