"""Read what a plan's map sheet says, and have it drawn in a process of its own."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import orjson
import shapely
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.incident_report.assets import Words, read_assets
from api.http.language import Lang
from api.http.plan_sheet.sheet import PlanSheet, SheetBorder, SheetGrid
from api.services import Services
from console.access.queries import display_name_of
from console.access.rules import Actor
from console.planning.drafts import Draft
from console.planning.tables import Plan
from geo.coverage.edges import Edge
from geo.coverage.topology import Coverage
from layers.exports.apart import run_apart

MODULE = "api.http.plan_sheet.drawing"


async def sheet_of(services: Services, actor: Actor, plan: Plan, draft: Draft, *, lang: Lang, target: Path) -> None:
    """Write the map sheet of a draft to `target`. Raises `ReportAssetsMissing` or TooDemanding."""
    assets = await asyncio.to_thread(read_assets, services.settings.static_dir)
    async with services.store.transaction(actor.reach) as session:
        facts = await _facts(session, services, actor, plan, assets.words[lang])
    job = await asyncio.to_thread(_job, services, plan, draft, facts, assets.words[lang], lang)
    _, page = await run_apart(MODULE, job)
    await asyncio.to_thread(target.write_bytes, page)


def _job(services: Services, plan: Plan, draft: Draft, facts: list[tuple[str, str]], words: Words, lang: Lang) -> bytes:
    sheet = _sheet(services, plan, draft, facts, words, lang)
    return orjson.dumps({"static_dir": str(services.settings.static_dir), "sheet": asdict(sheet)})


async def _facts(
    session: AsyncSession, services: Services, actor: Actor, plan: Plan, words: Words
) -> list[tuple[str, str]]:
    made = services.now().astimezone(services.pack.zone)
    facts = [
        (words("sheet.base_day"), plan.base_day.isoformat()),
        (words("sheet.state"), words.code("sheet.state", plan.state)),
        (words("sheet.version"), f"{plan.id}-{plan.version}"),
        (words("sheet.author"), plan.author),
        (words("sheet.printed"), f"{made:%Y-%m-%d %H:%M}"),
        (words("sheet.printed_by"), await display_name_of(session, actor.user_id)),
        (words("sheet.datum"), "WGS-84"),
    ]
    return [*facts, (words("sheet.reason"), plan.reason)] if plan.reason else facts


def _sheet(
    services: Services, plan: Plan, draft: Draft, facts: list[tuple[str, str]], words: Words, lang: Lang
) -> PlanSheet:
    coverage, root = draft.coverage, services.pack.root
    top = coverage.divisions[plan.division_path.rpartition(".")[2]]
    changed = {*draft.change.after} | {
        code for code in coverage.finest if coverage.divisions[code] != draft.base.coverage.divisions.get(code)
    }
    levels: dict[str, str] = {level.level: getattr(level.names, lang) for level in root.levels}
    ranks = [levels.get(level, level) for level in coverage.levels]
    number = words("review", number=root.boundary.review_number) if root.boundary.review_number else ""
    return PlanSheet(
        title=plan.title,
        subtitle=words("sheet.subtitle", division=top.name),
        lang=lang,
        legend=words("sheet.legend"),
        legend_changed=words("sheet.changed", n=str(len(changed))),
        ranks=[words("sheet.border", level=rank) for rank in ranks],
        scale=words("sheet.scale"),
        kilometres=words("distance.km", n="{n}"),
        metres=words("distance.m", n="{n}"),
        facts=facts,
        index_title=words("sheet.index", n=str(len(coverage.finest))),
        index_head=[words("sheet.number"), words("sheet.name"), words("sheet.code"), words("sheet.parent")],
        changed_mark=words("sheet.changed_mark"),
        credit=number,
        grids=[*_grids(coverage, changed)],
        borders=[SheetBorder(edge.line, _rank(coverage, edge)) for edge in coverage.edges.values()],
        changed=[_rings(coverage, code) for code in sorted(changed) if code in coverage.shapes],
    )


def _grids(coverage: Coverage, changed: set[str]) -> Iterator[SheetGrid]:
    codes = sorted(coverage.finest, key=coverage.tree.path)
    for number, code in enumerate(codes, start=1):
        division, shape = coverage.divisions[code], coverage.shapes[code]
        middle = shapely.point_on_surface(shape)
        west, south, east, north = shape.bounds
        yield SheetGrid(
            number=number,
            code=code,
            name=division.name,
            parent=coverage.divisions[division.parent].name if division.parent else "",
            label=(middle.x, middle.y),
            box=(west, south, east, north),
            is_changed=code in changed,
        )


def _rank(coverage: Coverage, edge: Edge) -> int:
    """Return the number of the highest level, from 0 for the whole, of which the edge is a border."""
    if edge.left is None or edge.right is None:
        return 0
    ours, theirs = (coverage.tree.path(code).split(".") for code in (edge.left, edge.right))
    return next((i for i, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), len(ours) - 1)


def _rings(coverage: Coverage, code: str) -> list[list[tuple[float, float]]]:
    rings = shapely.get_rings(shapely.get_parts(coverage.shapes[code]))
    return [[(x, y) for x, y in shapely.get_coordinates(ring).tolist()] for ring in rings]
