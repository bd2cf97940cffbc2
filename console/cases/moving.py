"""Move cases with their incidents to other divisions, and to other posts when one is given up or held no longer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter

from sqlalchemy import ScalarSelect, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from console.access.tables import User
from console.cases.actions import locked_case
from console.cases.casework import Casework
from console.cases.events import SHOWN, change_of
from console.cases.pausing import PAUSE
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

DUE_MOVE = "due_move"
"""Subject of the deadlines of moves that are barred for now, whose ids are those of incidents."""

POSTS = (Case.post_id, Case.offer_post_id, Case.first_post_id, Case.charge_post_id)
"""Posts that a case names: of who has it, is handed it, received it first, or took charge of it."""

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
    for subject in (PAUSE, DUE_MOVE):
        await move_deadlines(session, subject, paths)
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

    async def with_unit(self, session: AsyncSession, unit: str) -> int:
        """Count the running cases that a unit has, is offered, received first, or is called to."""
        called = select(CaseUnit.incident_id).where(CaseUnit.unit == unit, CaseUnit.status == "called")
        held = or_(*(column == unit for column in (Case.unit, Case.offer_unit, Case.first_unit)))
        wanted = select(func.count()).where(Case.ended_at.is_(None), held | Case.incident_id.in_(called))
        return await session.scalar(wanted) or 0


async def leave_post(
    session: AsyncSession, work: Casework, post_id: int, *, successor: int | None, by: int | None, now: datetime
) -> int:
    """Hand the running cases of a post to its successor, or to the queue of their unit; return how many.

    Duties of the first receiver pass as well, and a case that a leader took charge of from the post. Cases that have
    ended keep the post.
    """
    named = or_(*(post == post_id for post in POSTS))
    wanted = select(Case.incident_id).where(Case.ended_at.is_(None), named)
    ids: Sequence[int] = (await session.scalars(wanted.order_by(Case.incident_id))).all()
    leader = await _account_of(session, successor) if successor is not None else None
    for incident_id in ids:
        opened = await locked_case(session, work, await lock_incident(session, incident_id))
        if opened is None or not opened.state.running:
            continue
        data = {"post": post_id, "successor": successor}
        change = Change(POST_LEFT, at=now, actor_id=by, data=data)
        await write(session, work, opened, without_post(opened.state, post_id, successor, leader=leader), change)
    return len(ids)


async def left_posts(session: AsyncSession, *, day: date) -> Sequence[int]:
    """List the posts of running cases that nobody holds any more: their last day is over, as of a secondment, or the
    account of whoever holds them is switched off. A case that goes on again may have kept one of them, too.
    """
    accounts = select(User.id).where(User.person_id == Post.person_id)
    off = exists(accounts) & ~exists(accounts.where(User.disabled_at.is_(None)))
    named = or_(*(_first_with(post).is_not(None) for post in POSTS))
    return (await session.scalars(select(Post.id).where((Post.until <= day) | off, named).order_by(Post.id))).all()


def _first_with(post: InstrumentedAttribute[int | None]) -> ScalarSelect[int]:
    """Select some running case that names the post of the outer query. The limit makes it look into the index, post by
    post, instead of reading all cases.
    """
    return select(Case.incident_id).where(Case.ended_at.is_(None), post == Post.id).limit(1).scalar_subquery()


async def _account_of(session: AsyncSession, post_id: int) -> int | None:
    """Return the user who holds a post; None without an account."""
    wanted = select(User.id).join(Post, Post.person_id == User.person_id)
    found: int | None = await session.scalar(wanted.where(Post.id == post_id, User.disabled_at.is_(None)))
    return found


def without_post(state: CaseState, post_id: int, successor: int | None, *, leader: int | None = None) -> CaseState:
    """Return the state with another post, or none, in place of one. A case without a post waits to be accepted.

    `leader` is the successor's account, which takes charge of what was in the charge of that post.
    """

    def other(holder: Holder) -> Holder:
        return replace(holder, post=successor) if holder.post == post_id else holder

    owner, offer = other(state.owner), state.offer
    if offer is not None and offer.post == post_id:
        offer = replace(offer, post=successor)
    left = owner != state.owner
    charge = state.charge
    if charge is not None and charge.post == post_id:
        charge = None if leader is None else replace(charge, user=leader, post=successor)
    return replace(
        state,
        owner=owner,
        first_receiver=other(state.first_receiver),
        offer=offer,
        charge=charge,
        accepted=state.accepted and not (left and successor is None),
        handler=None if left else state.handler,
    )
