"""The checklists of centres over HTTP: which items are met where, and marks by date and person."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import STEP_BYTES
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute
from api.http.wire.checklists import (
    CentreCountsOut,
    CheckedCentreOut,
    CheckedItemOut,
    CheckedListOut,
    MarkIn,
    MarkOut,
)
from api.http.wire.networks import NamedOut
from api.http.wire.shapes import Page
from console.access.rules import Actor, Permission
from console.checklists.actions import add_mark
from console.checklists.queries import Latest, MarkCounts, count_marks, latest_marks
from console.checklists.rules import NewMark, checklists_for
from console.follow_ups.queries import names_of
from console.register.queries import UnitFilter, get_unit, page_of_units
from console.register.tables import Unit
from console.register.terms import Checklist
from geo.errors import NotFound
from geo.store import lies_within

router = APIRouter(route_class=TransactionRoute, prefix="/api/checklists", tags=["register"])

OfUnit = Annotated[str, Path(max_length=80, description="A centre's code.")]


@router.get("")
async def list_centres(
    session: CurrentSession,
    actor: CurrentActor,
    services: CurrentServices,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    cursor: str | None = None,
) -> Page[CentreCountsOut]:
    """List the centres of the caller's division that have checklists, with how many items are met."""
    actor.require(Permission.READ_INCIDENTS)
    terms = services.pack.registry
    kinds = [kind.code for kind in terms.unit_kinds if kind.centre]
    if not kinds or not terms.checklists:
        return Page[CentreCountsOut](items=[])
    wanted = UnitFilter(kinds=kinds, within=actor.scope)
    units, following = await page_of_units(session, wanted, day=services.today(), limit=limit, cursor=cursor)
    fitting = {unit.code: checklists_for(unit.level, terms.checklists) for unit in units}
    shown = [unit for unit in units if fitting[unit.code]]
    counts = await count_marks(session, actor, [unit.code for unit in shown])
    items = [
        CentreCountsOut.told(
            unit, counts.get(unit.code, MarkCounts()), items=sum(len(one.items) for one in fitting[unit.code])
        )
        for unit in shown
    ]
    return Page[CentreCountsOut](items=items, next=following)


@router.get("/{unit}")
async def read_centre(
    unit: OfUnit, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> CheckedCentreOut:
    """Read the checklists of one centre, each item with its latest mark."""
    actor.require(Permission.READ_INCIDENTS)
    return await _centre(session, actor, await get_unit(session, unit), services.pack.registry.checklists)


@router.post("/{unit}/marks", status_code=201, max_body_size=STEP_BYTES)
async def post_mark(
    unit: OfUnit, body: MarkIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> CheckedCentreOut:
    """Mark an item of a centre in one's own division. Earlier marks stay; the latest counts."""
    checklists, today = services.pack.registry.checklists, services.today()
    new = NewMark(body.checklist, item=body.item, unit=unit, day=body.day or today, met=body.met, note=body.note)
    await add_mark(session, actor, checklists, new, now=services.now(), today=today)
    return await _centre(session, actor, await get_unit(session, unit), checklists)


async def _centre(session: AsyncSession, actor: Actor, unit: Unit, checklists: Sequence[Checklist]) -> CheckedCentreOut:
    """Return a centre with its checklists. Raises `NotFound` for a unit that is none, or lies outside the division."""
    fitting = checklists_for(unit.level, checklists)
    if not unit.is_centre or not fitting or not lies_within(unit.division_path, actor.scope):
        raise NotFound
    marks = await latest_marks(session, actor, unit.code)
    names = await names_of(session, {mark.marked_by for mark in marks.values()})
    return CheckedCentreOut(
        unit=unit.code,
        name=unit.name,
        name_en=unit.name_en,
        level=unit.level,
        may_mark=actor.may(Permission.MOVE_CASES),
        checklists=[_checked(one, marks, names) for one in fitting],
    )


def _checked(listed: Checklist, marks: Latest, names: Mapping[int, str]) -> CheckedListOut:
    items = []
    for item in listed.items:
        mark = marks.get((listed.code, item.code))
        told = mark and MarkOut.told(mark, by=names.get(mark.marked_by))
        items.append(CheckedItemOut(**NamedOut.of(item.code, item.names).model_dump(), mark=told))
    return CheckedListOut(**NamedOut.of(listed.code, listed.names).model_dump(), source=listed.source, items=items)
