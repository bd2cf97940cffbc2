"""JSON of batches of positions. The fix is described in `ingest/positions/own.py`."""

from typing import Any, Literal

from pydantic import Field

from api.http.wire.shapes import In, Moment, Out
from ingest.positions.own import OwnFix

MOST_FIXES = 10_000


class PositionsIn(In):
    """A batch of fixes. An invalid one does not affect the others."""

    fixes: list[Any] = Field(
        max_length=MOST_FIXES, json_schema_extra={"items": OwnFix.model_json_schema(mode="validation")}
    )
    sent_at: Moment | None = Field(
        None,
        description="The sender's clock as it sends. Where it is wrong, the times of the fixes are corrected by it.",
    )


class PositionOut(Out):
    """Outcome of one fix.

    Only a fix with `flag` `ok` becomes the force's position; `off_duty` ones are not stored. Without a flag it was
    refused, for the reason in `code` and `field`; `no_place` is an SOS whose alarm was raised without one.
    """

    flag: (
        Literal["ok", "late", "duplicate", "future", "teleport", "coarse", "mock", "null_island", "off_duty"] | None
    ) = None
    code: str | None = None
    field: str | None = None
    dropped: list[str] = Field(default_factory=list, description="Optional fields left out, as they cannot be read.")


class PositionsOut(Out):
    """Outcomes of the fixes, in order."""

    ok: int = Field(description="Number of fixes flagged `ok`.")
    items: list[PositionOut]
