"""Move cases with their incidents to other divisions, and to other posts when one is given up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.actions import locked_case
from console.cases.casework import Casework
from console.cases.events import change_of
from console.cases.tables import Case, CaseFollowUp, CaseUnit
from console.cases.writing import Change, write
from console.clocks.actions import move_clocks
from console.deadlines.actions import move_deadlines
from console.feed.actions import append
from console.flow.case_state import CaseState, Holder
from console.flow.replay import PREFIX
from console.incidents.queries import lock_incident
from console.incidents.rules import is_shown_live
from console.incidents.tables import Incident
from console.register.tables import Post

POST_LEFT = f"{PREFIX}post_left"
FOLLOW_UP = "follow_up"
"""Subject of the deadlines of follow-ups, whose ids are those of incidents."""


async def move_cases(session: AsyncSession, left_paths: Mapping[int, str], *, now: datetime) -> None:
    """Put the cases of incidents into the divisions of these; `left_paths` are those before, by incident.

    The incidents are locked. Clients that may no longer see a case are sent `gone`.
    """
    paths = select(Incident.division_path).where(Incident.id == Case.incident_id).scalar_subquery()
    moved = update(Case).where(Case.incident_id.in_(left_paths), Case.division_path != paths)
    moved = moved.values(division_path=paths, version=Case.version + 1)
    ids = [*(await session.scalars(moved.returning(Case.incident_id)))]
    of_units = select(Incident.division_path).where(Incident.id == CaseUnit.incident_id).scalar_subquery()
    await session.execute(
        update(CaseUnit)
        .where(CaseUnit.incident_id.in_(left_paths))
        .values(division_path=of_units)
        .execution_options(synchronize_session=False)
    )
    of_asked = select(Incident.division_path).where(Incident.id == CaseFollowUp.incident_id).scalar_subquery()
    await session.execute(
        update(CaseFollowUp)
        .where(CaseFollowUp.incident_id.in_(left_paths))
        .values(division_path=of_asked)
        .execution_options(synchronize_session=False)
    )
    await _move_clocks(session, ids)
    wanted = select(Case).where(Case.incident_id.in_(ids)).order_by(Case.incident_id)
    cases = (await session.scalars(wanted.execution_options(populate_existing=True))).all()
    shown = [case for case in cases if is_shown_live(case.ended_at, now=now)]
    await append(session, [change_of(case, left_path=left_paths[case.incident_id]) for case in shown], now=now)


async def _move_clocks(session: AsyncSession, ids: Sequence[int]) -> None:
    """Move the clocks of cases to the cases' divisions, those of one division together."""
    rows = await session.execute(select(Case.division_path, Case.incident_id).where(Case.incident_id.in_(ids)))
    by_path: dict[str, list[int]] = defaultdict(list)
    for path, incident_id in rows:
        by_path[path].append(incident_id)
    for path, some in sorted(by_path.items()):
        await move_clocks(session, some, division_path=path)
        await move_deadlines(session, FOLLOW_UP, some, division_path=path)


@dataclass(frozen=True, slots=True)
class CasesOfPosts:
    """What the register asks of cases when a post ends."""

    work: Casework

    async def leave_post(
        self, session: AsyncSession, post: Post, *, successor: Post | None, by: int | None, now: datetime
    ) -> int:
        """Hand over the open cases of a post; return their number."""
        heir = None if successor is None else successor.id
        return await leave_post(session, self.work, post.id, successor=heir, by=by, now=now)


async def leave_post(
    session: AsyncSession, work: Casework, post_id: int, *, successor: int | None, by: int | None, now: datetime
) -> int:
    """Hand the running cases of a post to its successor, or to the queue of their unit; return how many.

    Duties of the first receiver pass as well. Cases that have ended keep the post.
    """
    mine = or_(Case.post_id == post_id, Case.offer_post_id == post_id, Case.first_post_id == post_id)
    wanted = select(Case.incident_id).where(Case.ended_at.is_(None), mine).order_by(Case.incident_id)
    ids: Sequence[int] = (await session.scalars(wanted)).all()
    for incident_id in ids:
        opened = await locked_case(session, work, await lock_incident(session, incident_id))
        if opened is None or not opened.state.running:
            continue
        data = {"post": post_id, "successor": successor}
        change = Change(POST_LEFT, at=now, actor_id=by, data=data)
        await write(session, work, opened, without_post(opened.state, post_id, successor), change)
    return len(ids)


def without_post(state: CaseState, post_id: int, successor: int | None) -> CaseState:
    """Return the state with another post, or none, in place of one. A case without a post waits to be accepted."""

    def other(holder: Holder) -> Holder:
        return replace(holder, post=successor) if holder.post == post_id else holder

    owner, offer = other(state.owner), state.offer
    if offer is not None and offer.post == post_id:
        offer = replace(offer, post=successor)
    left = owner != state.owner
    return replace(
        state,
        owner=owner,
        first_receiver=other(state.first_receiver),
        offer=offer,
        accepted=state.accepted and not (left and successor is None),
        handler=None if left else state.handler,
    )
