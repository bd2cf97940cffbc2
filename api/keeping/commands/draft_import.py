"""`maplebridge import draft`: a file of lines comes back as a new plan, drawn as operations, instead of being put in
force.

It is compared with today's lines as the planner's screen does it: what is wrong is numbered and drawn, and a file in
another datum than declared is found by its offset.
"""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import shapely
import typer
from sqlalchemy.ext.asyncio import AsyncSession

from api.intake.edited_lines import edited_rows
from api.keeping.commands.database import open_store
from api.keeping.commands.fault_drawing import draw_faults, drawing_beside
from api.keeping.commands.import_messages import message_of
from api.keeping.commands.import_options import (
    AsJson,
    Crs,
    DatumOption,
    DryRun,
    Faults,
    File,
    Layer,
    Map,
    Repair,
    Set,
    SwapXy,
    Value,
    options_of,
)
from api.keeping.commands.import_report import refusal_json, refusal_text
from api.keeping.words.language import is_chinese
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from console.access.queries import actor_of_user, get_user
from console.planning.actions import NewPlan, add_operation, create_plan
from console.planning.drafts import Drafts
from console.planning.importing import EditedFile, difference_of
from console.planning.lines import draw
from geo.coverage.refusals import PlanRefused
from geo.store import Reach
from ingest.files.choices import Choices
from ingest.files.edited_lines import read_drawn
from ingest.files.problems import FileRefused, Problem
from ingest.files.reading import read_table


@dataclass(frozen=True, slots=True)
class Wanted:
    """A draft to make of a file: its title, the account that draws it, and the division, by code, that it redraws."""

    title: str
    username: str
    division: str
    file: EditedFile


@dataclass(frozen=True, slots=True)
class Made:
    """The plan that was made, and how many operations the file is."""

    plan: int
    operations: int


def draft(
    file: File,
    title: Annotated[str, typer.Argument(help="Title of the plan.")],
    username: Annotated[str, typer.Option("--as", metavar="USERNAME", help="Account of the planner who draws it.")],
    datum: DatumOption = None,
    division: Annotated[
        str | None, typer.Option(help="Code of the division whose lines it redraws; default the whole county.")
    ] = None,
    repair: Repair = None,
    faults: Faults = None,
    crs: Crs = None,
    swap_xy: SwapXy = False,
    layer: Layer = None,
    map_: Map = None,
    set_: Set = None,
    value: Value = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Import lines as a new plan: what differs from today's lines becomes operations, to be reviewed and published."""
    options = options_of(datum, map_, set_, value, crs=crs, swap_xy=swap_xy)
    settings = Settings()
    pack = load_pack(settings.county)
    try:
        checked = read_drawn(read_table(file, Choices(layer)), options)
        edited = EditedFile(edited_rows(checked), options.datum, repair)
        wanted = Wanted(title, username, division or pack.root.code, edited)
        made = asyncio.run(_made(settings, pack, wanted, dry_run=dry_run))
    except PlanRefused as refusal:
        _end_refused(file, file_refused(refusal), faults or drawing_beside(file), as_json=as_json)
    except FileRefused as refused:
        _end_refused(file, refused, None, as_json=as_json)
    typer.echo(_report(file, made, dry_run=dry_run, as_json=as_json))


async def _made(settings: Settings, pack: Pack, wanted: Wanted, *, dry_run: bool) -> Made:
    async with open_store(settings) as store, store.transaction(Reach(scope=pack.root.code)) as session:
        made = await make_draft(session, pack, wanted, now=datetime.now(UTC))
        if dry_run:
            await session.rollback()
        return made


async def make_draft(session: AsyncSession, pack: Pack, wanted: Wanted, *, now: datetime) -> Made:
    """Begin a plan and draw what the file differs in. Raises what `difference_of` and `create_plan` raise."""
    actor = actor_of_user(await get_user(session, wanted.username))
    today = now.astimezone(pack.zone).date()
    new = NewPlan(title=wanted.title, division=wanted.division, reason="", base_day=today)
    plan = await create_plan(session, actor, new, today=today, now=now)
    drafts = Drafts([level.level for level in pack.root.levels])
    coverage = (await drafts.draft_of(session, plan)).coverage
    found = await difference_of(coverage, wanted.file)
    for operation in found.operations:
        drawn = draw(coverage, operation)
        coverage = drawn.coverage
        await add_operation(session, actor, plan, drawn.operation, now=now)
    return Made(plan.id, len(found.operations))


def file_refused(refusal: PlanRefused) -> FileRefused:
    """Return why a file cannot be drawn as problems of a file, numbered, with their drawing."""
    listed = [one for one in refusal.params.get("problems", ()) if "fault" in one]
    if not listed:
        return FileRefused([_whole(refusal)], [*_drawn([{**refusal.params, "fault": refusal.code}])])
    problems = [Problem(f"draft.{one['fault']}", params=_placed(one)) for one in listed]
    return FileRefused(problems, [*_drawn(listed)])


def _whole(refusal: PlanRefused) -> Problem:
    code = "draft.other_place" if refusal.code == "plan.other_place" else "draft.refused"
    named = {"reason": refusal.code, "codes": ", ".join(refusal.params.get("codes", ()))}
    return Problem(code, params={**_placed(refusal.params), **named})


def _placed(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a message tells of a fault, with a point in it instead of its shape."""
    told = {name: value for name, value in params.items() if name != "where"} | {"other": params.get("other") or ""}
    if params.get("where"):
        point = shapely.geometry.shape(params["where"]).representative_point()
        told |= {"lon": round(point.x, 6), "lat": round(point.y, 6)}
    return {"lon": "?", "lat": "?", **told}


def _drawn(faults: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in faults:
        if one.get("where"):
            said = {name: one.get(name) for name in ("number", "fault", "code", "other", "area_m2")}
            yield {**said, "wkb": shapely.to_wkb(shapely.geometry.shape(one["where"]))}


def _end_refused(file: Path, refused: FileRefused, drawing_to: Path | None, *, as_json: bool) -> None:
    """Draw the faults, print why the file is refused, and exit with 1."""
    refused = FileRefused([*draw_faults(refused.drawing, drawing_to), *refused.problems])
    typer.echo(refusal_json(file, refused) if as_json else refusal_text(file, refused))
    sys.exit(1)


def _report(file: Path, made: Made, *, dry_run: bool, as_json: bool) -> str:
    if as_json:
        plan = None if dry_run else made.plan
        return json.dumps({"file": str(file), "kept": not dry_run, "plan": plan, "operations": made.operations})
    problem = Problem(
        "draft.rehearsed" if dry_run else "draft.made", params={"id": made.plan, "count": made.operations}
    )
    return f"{file}: {message_of(problem, chinese=is_chinese())}"
