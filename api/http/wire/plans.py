"""JSON of plans."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import ConfigDict, Field

from api.http.wire.shapes import Day, Id, In, Latitude, Longitude, Out
from console.planning.drawing import Outcome, Pair
from console.planning.queries import History
from console.planning.rules import PlanState, PlanStep, Steps
from console.planning.tables import Plan, PlanEntry, PlanPublication
from geo.terms import DivisionCode
from ingest.reports.fields import PlainText, null_means

PlanCode = Annotated[str, Field(pattern=r"^\w{1,32}$")]
Note = Annotated[PlainText, null_means("", given=str)]


class PlanIn(In):
    """A new plan. `base_day`: the day whose lines it begins with, today by default."""

    title: PlainText = Field(min_length=1, max_length=200)
    division: DivisionCode
    reason: Note = Field("", max_length=2000)
    base_day: Day | None = None


class OperationIn(In):
    """An operation on the lines, with its own fields beside `op`.

    `reassign {codes, to}`, `merge {codes}`, `split {code, line}`, `move {edge or vertex, to}`,
    `create {within, polygon, kind}`, `rename {code, name}`, `lock {codes}`, `unlock {codes}`, and more. Codes are those
    of `/lines`; places are `[lon, lat]` or GeoJSON, WGS-84. Instead of `codes`, `reassign` takes an `area` that was
    brushed, or H3 `cells`: the smallest divisions that these cover more than half of.
    """

    model_config = ConfigDict(extra="allow", allow_inf_nan=False, frozen=True)

    op: str = Field(max_length=32)


class StepNoteIn(In):
    """A note on a step."""

    note: Note = Field("", max_length=2000)


class CommentIn(In):
    """A comment on a plan, about a `place` (longitude and latitude) or none."""

    note: PlainText = Field(min_length=1, max_length=2000)
    place: tuple[Longitude, Latitude] | None = None


class ReviewIn(In):
    """A review: the verdict, and why."""

    verdict: Literal["approve", "return"]
    note: Note = Field("", max_length=2000)


class PostIn(In):
    """The division that a force is posted to from the first day on, in the codes of `/lines`."""

    force: Id
    division: PlanCode


class PublishIn(In):
    """The first day of a plan's lines, today or later. `posts`: where a grid would have nobody, name somebody."""

    day: Day
    posts: list[PostIn] = Field(default_factory=list, max_length=1000)
    note: Note = Field("", max_length=2000)


class PlanOut(Out):
    """A plan, without its operations and its record."""

    id: int
    version: int
    title: str
    division: str
    division_path: str
    reason: str
    base_day: date
    state: PlanState
    first_day: date | None = Field(description="First day of its lines, of a plan that is scheduled or published.")
    created_by: int
    author: str = Field(description="Display name of who made the plan, as it was then.")
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, plan: Plan, publication: PlanPublication | None = None) -> Self:
        return cls(**fields_of(plan, publication))


class KeptOperationOut(Out):
    """An operation of a plan. `in_force` is false after undo."""

    id: int
    operation: dict[str, Any]
    in_force: bool
    created_by: int
    author: str
    at: datetime


class PlanEntryOut(Out):
    """An entry in a plan's record: `comment`, or a step (`created`, `submit`, `approve`, `return`, `withdraw`,
    `publish`, `take_effect`, `fail`, `unpublish`, `undone`, `redone`, `rebased`). `operation`: the id of the one undone
    or redone. The note of `publish` begins with the first day; that of `fail` is the code of the error.
    """

    id: int
    kind: str
    note: str
    operation: int | None
    created_by: int
    author: str
    at: datetime
    version: int
    place: tuple[float, float] | None = Field(description="Longitude and latitude of what a comment is about.")

    @classmethod
    def of(cls, entry: PlanEntry) -> Self:
        names = (name for name in cls.model_fields if name != "place")
        place = None if entry.lon is None or entry.lat is None else (entry.lon, entry.lat)
        return cls(**{name: getattr(entry, name) for name in names}, place=place)


class ReasonOut(Out):
    """Why somebody may not take a step: `code` as of an error."""

    code: str
    params: dict[str, Any]


class PlanDetailsOut(PlanOut):
    """A plan with its operations and its record.

    `redoable`: the operation that a redo puts in force, if any. `codes`: the final code of each provisional one, once
    it is published.

    `may`: the steps that the caller may take now; `may_not`: why not, for each other step.
    """

    operations: list[KeptOperationOut]
    redoable: int | None
    entries: list[PlanEntryOut]
    codes: dict[str, str]
    may: list[PlanStep]
    may_not: dict[PlanStep, ReasonOut]

    @classmethod
    def told(
        cls,
        plan: Plan,
        history: History,
        entries: Sequence[PlanEntry],
        *,
        publication: PlanPublication | None,
        steps: Steps,
    ) -> Self:
        kept = {*history.in_force}
        operations = [
            KeptOperationOut(
                id=one.id,
                operation=one.operation,
                in_force=one.id in kept,
                created_by=one.created_by,
                author=one.author,
                at=one.at,
            )
            for one in history.operations.values()
        ]
        return cls(
            **fields_of(plan, publication),
            operations=operations,
            redoable=history.redoable,
            entries=[PlanEntryOut.of(entry) for entry in entries],
            codes=publication.codes if publication else {},
            may=steps.may,
            may_not={step: ReasonOut(code=why.code, params=why.params) for step, why in steps.may_not.items()},
        )


def fields_of(plan: Plan, publication: PlanPublication | None) -> dict[str, Any]:
    """Return the fields of `PlanOut`."""
    names = (name for name in PlanOut.model_fields if name not in ("division", "first_day"))
    return {name: getattr(plan, name) for name in names} | {
        "division": plan.division_path.rpartition(".")[2],
        "first_day": publication and publication.first_day,
    }


class FiguresOut(Out):
    """Figures of one division. Null is unknown: no work was ever recorded, no worker is posted there, no count given.

    `workload_minutes`: for each incident the usual minutes of travel and handling of its kind. `farthest_minutes`: from
    a worker's home to the farthest corner of the grid; of divisions above, the most of their grids. `compactness`:
    4π × area / perimeter². `load_deviation`: by which share of the mean of its level the workload is above it; of the
    whole, that of the grid furthest from even. `estimated`: households and enterprises were carried over by area.
    `communities_split`: communities 小区 of which two grids or more have a part, each counted in what has most of it;
    null where no outline of one is known.
    """

    incidents: int
    by_class: dict[str, int]
    workload_minutes: int | None
    households: int | None
    enterprises: int | None
    farthest_minutes: float | None
    cameras: int
    open_incidents: int
    communities_split: int | None
    compactness: float
    load_deviation: float | None
    estimated: bool


class LineProblemOut(Out):
    """What is wrong with lines, and `where`, as GeoJSON."""

    fault: str
    code: str
    other: str | None = None
    area_m2: float
    where: dict[str, Any] | None


class DrawnOut(Out):
    """What an operation did: the codes that `changed` or are new and those that `ended`, what is wrong now, and figures
    of all that was touched and of the whole; `before` has theirs on the lines that the plan begins with. `lines`, where
    asked for: what changed, as it is now, as in `/lines`.
    """

    version: int
    changed: list[str]
    ended: list[str]
    problems: list[LineProblemOut]
    notices: list[LineProblemOut] = Field(description="What is allowed, and ought to be seen: `home`.")
    figures: dict[str, FiguresOut]
    before: dict[str, FiguresOut]
    lines: dict[str, Any] | None = None

    @classmethod
    def of(cls, outcome: Outcome, *, version: int, lines: bool = False) -> Self:
        return cls(
            version=version,
            changed=list(outcome.changed),
            ended=list(outcome.ended),
            problems=[LineProblemOut(**one) for one in outcome.problems],
            notices=[LineProblemOut(**one) for one in outcome.notices],
            figures=figures_out(outcome.figures),
            before=figures_out(outcome.before),
            lines=orjson.loads(outcome.lines()) if lines else None,
        )


def figures_out(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, FiguresOut]:
    """Return figures by code as they are answered."""
    return {code: FiguresOut(**row) for code, row in rows.items()}


class ComparedOut(Out):
    """Figures before and after a plan, of all that it touches and of the whole. `masked`: incidents and homes are
    counted at their masked places, since the account may not read them.
    """

    version: int
    months: int
    masked: bool
    before: dict[str, FiguresOut]
    after: dict[str, FiguresOut]


class PairOut(Out):
    """Figures of two plans over the same lines, of all that either touches.

    `both` are the codes that each of them changes or ends. Provisional codes (`new_1`) are each plan's own.
    """

    months: int
    masked: bool
    both: list[str]
    ours: dict[str, FiguresOut]
    theirs: dict[str, FiguresOut]

    @classmethod
    def of(cls, pair: Pair, *, months: int, masked: bool) -> Self:
        return cls(
            months=months,
            masked=masked,
            both=list(pair.both),
            ours=figures_out(pair.ours),
            theirs=figures_out(pair.theirs),
        )
