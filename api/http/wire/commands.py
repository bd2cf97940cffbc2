"""JSON of phones' commands and their answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field
from pydantic.json_schema import models_json_schema

from api.http.wire.shapes import Out
from console.commands.queries import PhoneState
from console.commands.tables import Command
from console.tasks.tables import Task
from ingest.commands.lines import (
    CheckInLine,
    EndRoundLine,
    LeaveOutLine,
    NoteLine,
    ReportLine,
    StartRoundLine,
    StepLine,
    SupportLine,
    VisitLine,
)

LINES = (
    StepLine,
    SupportLine,
    NoteLine,
    StartRoundLine,
    CheckInLine,
    LeaveOutLine,
    EndRoundLine,
    VisitLine,
    ReportLine,
)
REF = "#/components/schemas/{model}"


def command_schemas() -> dict[str, Any]:
    """Return the schemas of the lines, by name."""
    _, found = models_json_schema([(line, "validation") for line in LINES], ref_template=REF)
    return dict(found["$defs"])


class CommandAnswer(Out):
    """Answer to a line; the same one however often the line is sent."""

    id: UUID | None = Field(description="Of the line. Null where it has none that can be read.")
    status: Literal["applied", "refused", "review", "waiting", "held"] = Field(
        description="`waiting` and `held` are to be sent again: of `held` nothing is kept."
    )
    code: str | None = None
    params: dict[str, Any] | None = None
    task: int | None = None
    version: int | None = Field(None, description="Of the task, after the command.")
    incident: int | None = None
    case_code: str | None = None
    done_at: datetime | None = Field(None, description="When it was given, by the server's clock.")
    received_at: datetime | None = None


class CommandsOut(Out):
    """Answers to a batch, in the order of its lines."""

    items: list[CommandAnswer]
    now: datetime = Field(description="The server's clock.")
    ahead_s: int = Field(description="Seconds by which the phone's clock is ahead; 0 within ten seconds.")


class KeptCommandOut(Out):
    """A command that somebody has to decide on, with all that was said."""

    id: UUID
    user_id: int
    force_id: int | None
    command: str
    task_id: int | None
    incident_id: int | None
    reason: str | None
    note: str
    device_at: datetime
    done_at: datetime
    received_at: datetime
    status: Literal["refused", "review", "waiting"]
    code: str | None
    params: dict[str, Any]
    settled: str | None
    task_status: str | None = Field(description="What holds: the status of its task now. Null without a task in sight.")
    task_reason: str | None
    task_note: str | None
    task_version: int | None

    @classmethod
    def of(cls, command: Command, task: Task | None) -> Self:
        body: Mapping[str, Any] = command.body
        said = {name: body.get(name) for name in ("reason", "note")}
        reason, note = (text if isinstance(text, str) else None for text in said.values())
        holds = {f"task_{name}": getattr(task, name, None) for name in ("status", "reason", "note", "version")}
        incident = command.incident_id or (task.incident_id if task else None)
        made = {"reason": reason, "note": note or "", "incident_id": incident} | holds
        return cls(**{name: getattr(command, name) for name in cls.model_fields if name not in made}, **made)


class PhoneOut(Out):
    """The phone that was heard last for a force, as far as it has said."""

    heard_at: datetime
    unsent: int | None = Field(description="Entries that it last said to keep unsent.")
    ahead_s: int = Field(description="Seconds by which its clock is ahead; negative where it is behind.")
    missing: int = Field(description="Entries that it numbered and that never came.")
    missing_after: datetime | None = Field(description="When the last entry before the first missing one was given.")
    began_at: datetime = Field(description="When its store was first heard.")
    before_at: datetime | None = Field(
        description="When the user's last store before this one was heard: what that kept unsent may be lost. Null:"
        " there was none, or it was heard again."
    )

    @classmethod
    def of(cls, state: PhoneState) -> Self:
        missing = state.missing
        return cls(
            heard_at=state.heard_at,
            unsent=state.unsent,
            ahead_s=state.ahead_s,
            missing=missing.n if missing else 0,
            missing_after=missing.after if missing else None,
            began_at=state.began_at,
            before_at=state.before_at,
        )
