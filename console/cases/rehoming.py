"""Keep cases with units that can see them: where the place of an incident leaves a unit's division, its duty passes on.

An edit of the place, or new lines, may put an incident into another village or town. The unit that had it can no longer
open it, so the centre of the same level there has it from then on, as first receiver too, and the former one is told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Text, any_, cast, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.actions import Opened, locked_case
from console.cases.casework import Casework, KnownUnit
from console.cases.centres import PREFIX as CENTRE
from console.cases.receiving import CentresOnce
from console.cases.tables import Case
from console.cases.writing import Change, write
from console.flow.case_state import Call, CaseState, Holder
from console.flow.replay import PREFIX
from console.incidents.queries import lock_incident
from console.notices.actions import give_notice
from console.notices.rules import Address, Delivery, NewNotice
from console.register.tables import Unit
from geo.store import lies_within

REHOMED = f"{PREFIX}rehomed"


async def rehome_cases(
    session: AsyncSession,
    work: Casework,
    incident_ids: Collection[int],
    *,
    delivery: Delivery,
    actor: Actor,
    now: datetime,
) -> int:
    """Pass on the cases of these incidents that are with units beyond them; return how many. Merged and ended ones are
    passed on as well, since they may go on again.
    """
    centres, passed = CentresOnce(session, work, now), 0
    for incident_id in sorted(incident_ids):
        opened = await locked_case(session, work, await lock_incident(session, incident_id))
        if opened is not None:
            left = await _rehome(session, work, opened, centres, actor=actor)
            await give_notice(session, delivery, [_notice_of(opened, unit) for unit in left], now=now)
            passed += bool(left)
    return passed


async def stray_cases(session: AsyncSession, *, limit: int) -> Sequence[int]:
    """List running cases whose unit works in another division than theirs, as after new lines, or has been closed."""
    here = Case.division_path.op("<@")(Unit.division_path)
    held = exists(select(Unit.id).where(Unit.code == Case.unit, Unit.closed_on.is_(None), here))
    labels = func.string_to_array(cast(Case.division_path, Text), ".")
    above = Case.unit.startswith(CENTRE, autoescape=True) & (func.substr(Case.unit, len(CENTRE) + 1) == any_(labels))
    wanted = select(Case.incident_id).where(Case.ended_at.is_(None), ~held, ~above)
    return (await session.scalars(wanted.order_by(Case.incident_id).limit(limit))).all()


async def _rehome(
    session: AsyncSession, work: Casework, opened: Opened, centres: CentresOnce, *, actor: Actor
) -> Sequence[KnownUnit]:
    """Pass on a case; return the units that have left it."""
    state, path = opened.state, opened.incident.division_path
    known = {code: await centres.unit(code) for code in sorted(_units_of(state))}
    heirs = {
        code: Holder((await centres.at(path, unit.level if unit else state.level)).code)
        for code, unit in known.items()
        if unit is None or not lies_within(path, unit.path)
    }
    if not heirs:
        return ()
    change = Change(REHOMED, at=centres.now, actor_id=actor.user_id or None, data={"left": sorted(heirs)})
    await write(session, work, opened, rehomed(state, heirs), change)
    return [unit for code, unit in known.items() if unit is not None and code in heirs]


def _notice_of(opened: Opened, left: KnownUnit) -> NewNotice:
    """Tell a unit that the case has gone, and where to: all that it still sees of it."""
    case, due_at = opened.case, opened.case.due_at
    body = {"unit": case.unit, "stage": case.stage, "due_at": due_at.isoformat() if due_at else None}
    return NewNotice(
        key=f"case:{case.incident_id}:rehomed:{case.version}:{left.code}",
        kind=REHOMED,
        division_path=left.path,
        to=Address(unit=left.code),
        incident_id=case.incident_id,
        case_code=opened.incident.case_code,
        body=body,
    )


def _units_of(state: CaseState) -> set[str]:
    offered = {state.offer.unit} if state.offer else set()
    return {state.owner.unit, state.first_receiver.unit, *offered, *state.open_calls}


def rehomed(state: CaseState, heirs: Mapping[str, Holder]) -> CaseState:
    """Return the state of a case that units beyond its place have left, each to its heir."""
    after = state
    if heir := heirs.get(state.owner.unit):
        after = replace(after, owner=heir, accepted=False, handler=None)
    if heir := heirs.get(state.first_receiver.unit):
        after = replace(after, first_receiver=heir)
    if state.offer is not None and state.offer.unit in heirs:
        after = replace(after, offer=None, level=state.offer.level_before or state.level)
    return replace(after, calls=tuple(_without(one, heirs) for one in state.calls))


def _without(call: Call, left: Collection[str]) -> Call:
    return replace(call, status="ended") if call.status == "called" and call.unit in left else call
