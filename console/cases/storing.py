"""Keep cases: make rows from states, and states from rows or timelines."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.casework import Casework, content_of
from console.cases.tables import Case, PackVersion
from console.flow.case_state import FOLD, CaseState, from_json, to_json
from console.flow.case_terms import CaseTerms, StageKind
from console.flow.replay import PREFIX, replay
from console.incidents.tables import Incident, TimelineEntry
from geo.errors import NotFound
from geo.store import BulkInsert

log = structlog.get_logger()

ADD_VERSION = BulkInsert(PackVersion, then="ON CONFLICT (version) DO NOTHING")
LOCKED = (
    select(Case)
    .where(Case.incident_id == bindparam("incident"))
    .execution_options(populate_existing=True)
    .with_for_update(key_share=True)
)
_TERMS: dict[str, CaseTerms] = {}
"""Versions that this process has read. They never change."""


def columns_of(terms: CaseTerms, state: CaseState) -> dict[str, Any]:
    """Return the columns of a case that are taken from its state."""
    offer = state.offer
    return {
        "flow": state.flow,
        "stage": state.stage,
        "lane": state.lane,
        "level": state.level,
        "unit": state.owner.unit,
        "post_id": state.owner.post,
        "accepted": state.accepted,
        "offer_unit": offer.unit if offer else None,
        "offer_post_id": offer.post if offer else None,
        "first_unit": state.first_receiver.unit,
        "first_post_id": state.first_receiver.post,
        "charge_post_id": state.charge.post if state.charge else None,
        "procedure": state.procedure.code if state.procedure else None,
        "outcome": state.outcome,
        "paused": terms.stage_by_code[state.stage].kind is StageKind.PAUSED,
        "paused_until": date.fromisoformat(state.paused_until) if state.paused_until else None,
        "state": to_json(state),
        "fold": FOLD,
    }


async def keep_version(session: AsyncSession, work: Casework, *, now: datetime) -> None:
    """Keep the version of the pack, if it is a new one."""
    if await session.scalar(select(PackVersion.version).where(PackVersion.version == work.version)):
        return
    row = {"version": work.version, "key": work.key, "content": content_of(work.terms), "first_used_at": now}
    await ADD_VERSION.run(session, [row])


async def terms_of(session: AsyncSession, work: Casework, version: str) -> CaseTerms:
    """Return the flow of a version, the place's own or an older one. Raises `NotFound`."""
    if version == work.version:
        return work.terms
    if version not in _TERMS:
        content = await session.scalar(select(PackVersion.content).where(PackVersion.version == version))
        if content is None:
            raise NotFound
        _TERMS[version] = CaseTerms.model_validate(content)
    return _TERMS[version]


async def lock_case(session: AsyncSession, incident: Incident) -> Case | None:
    """Lock the case of an incident that is locked already; None without one."""
    found: Case | None = await session.scalar(LOCKED, {"incident": incident.id})
    return found


async def state_of(session: AsyncSession, case: Case) -> CaseState:
    """Return the state of a case. A stored one of another fold is thrown away, and replayed from the timeline."""
    if case.fold == FOLD:
        return from_json(case.state)
    state = replay(await entries_of(session, case.incident_id))
    log.info("case.replayed", incident=case.incident_id, fold=case.fold)
    if state is None:
        raise NotFound
    return state


async def entries_of(session: AsyncSession, incident_id: int) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """Read the entries of a timeline that concern the case, as kind and data in the order of writing."""
    rows = await session.execute(
        select(TimelineEntry.kind, TimelineEntry.data)
        .where(TimelineEntry.incident_id == incident_id, TimelineEntry.kind.startswith(PREFIX, autoescape=True))
        .order_by(TimelineEntry.id)
    )
    return [(kind, data) for kind, data in rows]
