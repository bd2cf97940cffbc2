"""Positions on the wire: the interface's own batch. Each fix is described in `ingest/positions/own.py`."""

from typing import Any, Literal

from pydantic import Field

from api.http.wire.shapes import In, Out
from ingest.positions.own import OwnFix

MOST_FIXES = 10_000


class PositionsIn(In):
    """A batch of fixes. A wrong one does not hinder the others."""

    fixes: list[Any] = Field(
        max_length=MOST_FIXES, json_schema_extra={"items": OwnFix.model_json_schema(mode="validation")}
    )


class PositionOut(Out):
    """What became of one fix.

    `flag` is what was made of it: only an `ok` one shows where the force is, and `off_duty` ones are not kept.
    With no flag it was refused, and `code` and `field` say why.
    """

    flag: Literal["ok", "late", "duplicate", "future", "teleport", "null_island", "off_duty"] | None = None
    code: str | None = None
    field: str | None = None


class PositionsOut(Out):
    """The answers, one a fix, in their order."""

    ok: int = Field(description="How many became a latest position.")
    items: list[PositionOut]
