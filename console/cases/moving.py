"""Move cases with their incidents to other divisions, and to other posts when one is given up."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.cases.actions import locked_case
from console.cases.casework import Casework
from console.cases.events import SHOWN, change_of
from console.cases.tables import Case, CaseFollowUp, CaseUnit
from console.cases.writing import Change, write
from console.clocks.actions import move_clocks
from console.deadlines.actions import move_deadlines
from console.feed.actions import append
from console.flow.case_state import CaseState, Holder
from console.flow.replay import PREFIX
from console.incidents.queries import lock_incident
from console.incidents.rules import is_shown_live
from console.register.tables import Post
from geo.store import BulkMove

POST_LEFT = f"{PREFIX}post_left"
FOLLOW_UP = "follow_up"
"""Subject of the deadlines of follow-ups, whose ids are those of incidents."""

MOVE = BulkMove(Case, "incident_id", also="version = version + 1", returning=(*SHOWN, "incident_id AS id"))
MOVE_UNITS, MOVE_FOLLOW_UPS = (BulkMove(table, "incident_id") for table in (CaseUnit, CaseFollowUp))


async def move_cases(
    session: AsyncSession, paths: Mapping[int, str], *, left_paths: Mapping[int, str], now: datetime
) -> None:
    """Put the cases of incidents into the divisions of these. Paths are given by incident: those now, and those left.

    The incidents are locked. Clients that may no longer see a case are sent `gone`.
    """
    found = await MOVE.run(session, paths)
    for move in (MOVE_UNITS, MOVE_FOLLOW_UPS):
        await move.run(session, paths)
    await move_clocks(session, paths)
    await move_deadlines(session, FOLLOW_UP, paths)
    shown = sorted((case for case in found if is_shown_live(case.ended_at, now=now)), key=attrgetter("id"))
    events = await asyncio.to_thread(lambda: [change_of(case, left_path=left_paths[case.id]) for case in shown])
    await append(session, events, now=now)


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
