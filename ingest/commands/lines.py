"""A phone's commands: NDJSON, one a line. What each may say, and what can be read of a line that is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Literal, Self, cast
from uuid import UUID

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError, from_json

from ingest.positions.own import reject_bool
from ingest.reports.fields import Moment, PlainText, null_means, reject_many_members
from ingest.reports.observation import FieldError
from ingest.reports.report import field_errors

LONGEST_LINE = 32 * 1024
MOST_LINES = 1000
LARGEST = 2**53 - 1

Whole = Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(reject_bool)]
Words = Annotated[PlainText, null_means("", given=str)]


class Head(BaseModel):
    """Identifies a command: what any line has, whatever else is wrong with it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _has_few_members(cls, body: object) -> object:
        return reject_many_members(body)

    id: UUID = Field(description="UUIDv7, made where the command was given. Sent again, it is done once.")
    device: UUID = Field(description="Of the store on the phone, made with it: another store has another.")
    device_seq: Whole = Field(description="Counts the commands of that store from 1, without gaps.")
    device_at: Moment = Field(description="By the phone's clock, right or wrong.")
    author: Whole | None = Field(None, description="Id of the account that gave the command. Another's is not taken.")
    base_version: Whole | None = Field(None, description="Version of the task as the author saw it.")


class Place(BaseModel):
    """Where the phone was, WGS-84: reported, not proved. `age_s`: seconds since that position was found."""

    lon: float | None = Field(None, strict=True, ge=-180, le=180)
    lat: float | None = Field(None, strict=True, ge=-90, le=90)
    accuracy_m: float | None = Field(None, ge=0, le=1e6)
    age_s: float | None = Field(None, ge=0, le=1e8)

    def place(self) -> dict[str, float]:
        """Return the place as a timeline keeps it; empty without one."""
        if self.lon is None or self.lat is None:
            return {}
        said = {"lon": self.lon, "lat": self.lat, "accuracy_m": self.accuracy_m, "age_s": self.age_s}
        return {name: value for name, value in said.items() if value is not None}


class Line(Head, Place):
    """A command of any kind."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, str_strip_whitespace=True)


class StepLine(Line):
    """A step of a task, with a reason or an outcome, and a note."""

    command: Literal["accept", "decline", "depart", "arrive", "give_back", "finish"]
    task: Whole
    reason: PlainText | None = Field(None, max_length=64)
    note: Words = Field("", max_length=2000)
    attachments: tuple[UUID, ...] = Field(
        (), max_length=50, description="Ids of the attachments that the force has taken, which it sends by themselves."
    )


class SupportLine(Line):
    """A call for support at a task."""

    command: Literal["support"]
    task: Whole
    note: Words = Field("", max_length=2000)


class NoteLine(Line):
    """A note on a task, ended or not. It stands in the timeline of its incident."""

    command: Literal["note"]
    task: Whole
    note: PlainText = Field(min_length=1, max_length=2000)


class CheckInLine(Line):
    """A report of being somewhere: at a point of a round, by place or by the code of its slip, at a task, or neither.

    A round needs the point and where the phone was, or the code.
    """

    command: Literal["check_in"]
    task: Whole | None = None
    round: UUID | None = Field(None, description="Id of the command that began the round.")
    point: PlainText | None = Field(None, max_length=16, description="Id of the point; with a code it may be left out.")
    code: PlainText | None = Field(None, max_length=40, description="Of the slip at the point.")
    note: Words = Field("", max_length=2000)

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        by_code = self.round is not None and self.code is not None
        if not by_code and (self.lon is None or self.lat is None):
            raise PydanticCustomError("no_position", "says neither where nor a code")
        if self.round is not None and self.code is None and self.point is None:
            raise PydanticCustomError("no_point", "says no point of the round")
        return self


class StartRoundLine(Line):
    """The start of a round on a route. The command's id is the round's."""

    command: Literal["start_round"]
    route: Whole


class LeaveOutLine(Line):
    """A point of a round that is left out, and why."""

    command: Literal["leave_out"]
    round: UUID
    point: PlainText = Field(max_length=16)
    reason: PlainText = Field(min_length=1, max_length=200)


class EndRoundLine(Line):
    """The end of a round. Points without a report stay so on record."""

    command: Literal["end_round"]
    round: UUID
    note: Words = Field("", max_length=500)


class VisitLine(Line):
    """Households or premises of a grid that were called on: how many, and about what. Name nobody."""

    command: Literal["visit"]
    grid: str = Field(pattern=r"^\w{1,32}$", description="The grid's code.")
    kind: Literal["household", "enterprise"]
    count: int = Field(1, ge=1, le=200, strict=True)
    matter: PlainText = Field(min_length=1, max_length=200)


class ReportLine(Line):
    """A new incident, from where one stands or with an address in words."""

    command: Literal["report"]
    category: PlainText = Field(max_length=64)
    title: PlainText = Field(min_length=1, max_length=200)
    description: Words = Field("", max_length=4000)
    address: Words = Field("", max_length=200)
    risk: PlainText | None = Field(None, max_length=32)
    source: PlainText | None = Field(None, max_length=64, description="Default: the place's first desk.")


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that has no head: nothing can be kept of it. `id` as it was sent, where it is one."""

    id: UUID | None
    errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """A line with a head. `line` is None where the rest is wrong, and `errors` tell why."""

    head: Head
    command: str
    body: Mapping[str, Any]
    digest: bytes
    line: Line | None
    errors: tuple[FieldError, ...] = ()


def read_line(text: bytes, shapes: Mapping[str, type[Line]]) -> Read | Unread:
    """Read a line; `shapes` has the shape of each command by its name."""
    if len(text) > LONGEST_LINE:
        return Unread(None, (FieldError("", "too_long"),))
    try:
        said = from_json(text, allow_inf_nan=False)
    except ValueError:
        return Unread(None, (FieldError("", "json"),))
    if not isinstance(said, dict):
        return Unread(None, (FieldError("", "object"),))
    try:
        head = Head.model_validate(said)
    except ValidationError as error:
        return Unread(_id_of(said.get("id")), field_errors(error.errors()))
    body = cast("dict[str, Any]", said)
    command = body.get("command")
    name = command[:64] if isinstance(command, str) else ""
    digest = sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).digest()
    shape = shapes.get(name)
    if shape is None:
        return Read(head, name, body, digest, None, (FieldError("command", "unknown"),))
    try:
        return Read(head, name, body, digest, shape.model_validate(body))
    except ValidationError as error:
        return Read(head, name, body, digest, None, field_errors(error.errors()))


def _id_of(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
