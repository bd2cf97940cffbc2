"""docs/live.md and docs/positions.md match the code."""

import re
from pathlib import Path

import pytest

from api.http.wire.positions import PositionOut
from api.live import mailbox
from console.positions.rules import FOREIGN, OFF_DUTY, UNKNOWN
from geo.fixes import Verdict
from ingest.positions.own import OwnFix

DOCS = Path(__file__).parents[2] / "docs"
LIVE = (DOCS / "live.md").read_text()
POSITIONS = (DOCS / "positions.md").read_text()


@pytest.mark.parametrize("name", ["SIGNED_OUT", "RIGHTS_CHANGED", "SLOW", "RESYNC", "BAD_MESSAGE", "TRY_AGAIN"])
def test_every_close_code_is_documented(name: str) -> None:
    assert re.search(rf"\b{getattr(mailbox, name)}\b", LIVE)


def test_every_flag_and_field_of_a_fix_is_documented() -> None:
    for word in (*Verdict, OFF_DUTY, FOREIGN, UNKNOWN, *PositionOut.model_fields):
        assert f"`{word}`" in POSITIONS
    for name in OwnFix.model_fields:
        assert f'"{name}"' in POSITIONS or f"`{name}`" in POSITIONS
