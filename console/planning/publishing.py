"""Publish plans for a day, put their lines in force on it, and undo that: each in one transaction.

Lines are changed under one lock, against those who locate reports at that moment: a report lies on the lines before or
on those after. Who reads is not held up.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.queries import display_name_of
from console.access.rules import Actor
from console.deadlines.actions import DeadlineRequest, set_deadline
from console.deadlines.rules import Limit
from console.feed.actions import announce_lines
from console.grids.handover import KEPT, By, hand_over_grids, put_back_grids
from console.planning.actions import record_step, require_sound
from console.planning.contests import changed_or_ended, contested, contested_at, require_apart
from console.planning.drafts import Draft, Drafts
from console.planning.grid_change import grid_change_of
from console.planning.handover import Change, Lines, Rule, Thing, Transfer
from console.planning.holdings import forces_in
from console.planning.lines import OperationsDoNotFit
from console.planning.new_lines import (
    Counts,
    new_lines_of,
    put_back,
    put_in_force,
    read_standing,
    require_no_later_lines,
    still_stand,
)
from console.planning.publications import (
    FIRST_DAY,
    codes_ever,
    end_publication,
    kept_transfers,
    open_publication,
    published_since_begun,
    waiting_plans,
)
from console.planning.queries import get_visible_plan
from console.planning.rules import PlanState, PlanStep, require_may, require_not_over, state_after
from console.planning.tables import Plan, PlanPublication
from console.planning.takeover import keep_transfers, take_over
from console.planning.transfers import (
    change_of,
    first_moment,
    hand_over,
    posts_of,
    require_workers,
)
from geo.coverage.codes import final_codes
from geo.coverage.refusals import Conflict
from geo.errors import MaplebridgeError
from geo.versions import Expected, require_current
from layers.divisions.locks import change_lines

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('maplebridge.planning.publish', 0))")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a publisher asks for: the first day, divisions by force for posts, and a note."""

    day: date
    posts: Mapping[int, str]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where a publication is asked for: the server's drafts, the county's zone, and now."""

    drafts: Drafts
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


async def publish(
    session: AsyncSession, actor: Actor, plan_id: int, wanted: Wanted, *, expected: Expected, moment: Moment
) -> tuple[Plan, PlanPublication]:
    """Set an approved plan's lines for a day: all is checked now, codes are taken, and the sweeper does it.

    A plan of an earlier day is put on the lines of today where they do not touch what it changes. Raises `Forbidden`,
    `NotFound`, `Stale`, `PlanStateWrong`, `DayOver`, `Contested`, `OperationsDoNotFit`, `LaterLines`, `UnknownPost`,
    `NoWorker`.
    """
    plan = await _lock_for(session, actor, plan_id, PlanStep.PUBLISH, expected=expected)
    require_not_over(wanted.day, today=moment.today)
    codes = await _require_possible(session, plan, wanted, moment)
    publication = PlanPublication(
        plan_id=plan.id,
        division_path=plan.division_path,
        first_day=wanted.day,
        codes=codes,
        posts={str(force): code for force, code in wanted.posts.items()},
        created_by=actor.user_id,
        author=await display_name_of(session, actor.user_id),
        at=moment.now,
        lines={},
    )
    session.add(publication)
    await session.flush()
    start = first_moment(wanted.day, moment.zone)
    due = DeadlineRequest(publication.id, plan.division_path, start, Limit(0, "second"))
    await set_deadline(session, FIRST_DAY, due)
    note = " ".join(filter(None, [wanted.day.isoformat(), wanted.note]))
    await record_step(session, plan, PlanStep.PUBLISH, user_id=actor.user_id, note=note, now=moment.now)
    return plan, publication


async def _lock_for(session: AsyncSession, actor: Actor, plan_id: int, step: PlanStep, *, expected: Expected) -> Plan:
    """Lock a plan for a step, one publisher after the other, and put it into the state after that."""
    require_may(actor, step, authors=())
    await session.execute(_ONE_AT_A_TIME)
    plan = await get_visible_plan(session, actor, plan_id, lock=True)
    require_current(plan.version, expected)
    plan.state = state_after(PlanState(plan.state), step)
    return plan


async def _require_possible(session: AsyncSession, plan: Plan, wanted: Wanted, moment: Moment) -> dict[str, str]:
    """Check all that can be known before a plan's day; return the final codes of its new divisions."""
    draft = await _draft_on(session, plan, moment.drafts, day=moment.today)
    await _require_apart_from_waiting(session, plan, draft, moment.drafts, day=moment.today)
    await require_sound(draft)
    codes = final_codes(draft.coverage, await codes_ever(session))
    change = change_of(plan, draft, codes)
    ended, _ = await asyncio.to_thread(lambda: change.versions)
    await require_no_later_lines(session, ended, day=wanted.day)
    posts = posts_of(change, wanted.posts, await forces_in(session, plan.division_path))
    since = first_moment(wanted.day, moment.zone)
    require_workers(change, await hand_over(session, change, plan.division_path, since=since, posts=posts))
    return codes


async def unpublish(
    session: AsyncSession, actor: Actor, plan_id: int, *, expected: Expected, note: str, moment: Moment
) -> Plan:
    """Undo a publication: before its day it is cancelled, later the lines and all that changed hands go back.

    Raises `Forbidden`, `NotFound`, `Stale`, `PlanStateWrong`, `Conflict` where later lines stand on those of the plan.
    """
    plan = await _lock_for(session, actor, plan_id, PlanStep.UNPUBLISH, expected=expected)
    publication = await open_publication(session, plan.id)
    assert publication is not None, "A plan that is scheduled or published has one publication."
    if publication.applied_at is not None:
        await _undo(session, plan, publication, moment)
    await end_publication(session, publication, now=moment.now)
    await record_step(session, plan, PlanStep.UNPUBLISH, user_id=actor.user_id, note=note, now=moment.now)
    return plan


async def take_effect(
    session: AsyncSession, publication: PlanPublication, *, drafts: Drafts, zone: ZoneInfo, now: datetime
) -> None:
    """Put a publication's lines in force, with all that changes hands.

    What takes long is done before the lines are locked; whether they still fit is checked after. Raises `PlanRefused`
    where they do not fit the lines that there are now.
    """
    plan = await session.get_one(Plan, publication.plan_id, populate_existing=True)
    draft, change = await _change_on(session, plan, publication, drafts)
    await change_lines(session)
    draft, change = await _change_on(session, plan, publication, drafts, known=(draft, change))
    ended, begun = await asyncio.to_thread(lambda: change.versions)
    await require_no_later_lines(session, ended, day=publication.first_day)
    parents = {draft.coverage.divisions[code].parent or "" for code in begun}
    standing = await read_standing(session, {*ended, *begun, *parents}, day=publication.first_day)
    counts = Counts(draft.base.households, draft.base.enterprises)
    posts = posts_of(change, _posts(publication), await forces_in(session, plan.division_path))
    first_day, since = publication.first_day, first_moment(publication.first_day, zone)
    handed = await hand_over(session, change, plan.division_path, since=since, posts=posts, lock=True)
    shared, source = handed.workers.shared, f"plan {plan.id}"
    new = await asyncio.to_thread(
        new_lines_of, change, standing, counts, shared=shared, first_day=first_day, source=source
    )
    lines = await put_in_force(session, new, first_day=publication.first_day)
    by = By(publication.created_by, publication.author, now, first_day)
    grids = await hand_over_grids(session, await grid_change_of(session, change), by)
    publication.lines = lines | {"changed": sorted(change.changed), KEPT: grids}
    publication.applied_at = now
    await take_over(session, handed.transfers, change.after, data={"plan": plan.id}, now=now)
    await keep_transfers(
        session, [*handed.transfers, *handed.homes], publication_id=publication.id, path=plan.division_path
    )
    await announce_lines(session)
    plan.state = state_after(PlanState(plan.state), PlanStep.TAKE_EFFECT)
    note, user_id = publication.first_day.isoformat(), publication.created_by
    await record_step(session, plan, PlanStep.TAKE_EFFECT, user_id=user_id, note=note, now=now)


def _posts(publication: PlanPublication) -> dict[int, str]:
    return {int(force): code for force, code in publication.posts.items()}


async def fail(
    session: AsyncSession, publication: PlanPublication, refused: MaplebridgeError, *, now: datetime
) -> None:
    """Give up a publication whose lines do not fit any more on its day. The plan is as it was approved; the record says
    why.
    """
    await session.refresh(publication)
    plan = await session.get_one(Plan, publication.plan_id, populate_existing=True)
    plan.state = state_after(PlanState(plan.state), PlanStep.FAIL)
    publication.ended_at = now
    user_id = publication.created_by
    await record_step(session, plan, PlanStep.FAIL, user_id=user_id, note=refused.code, now=now)


async def _undo(session: AsyncSession, plan: Plan, publication: PlanPublication, moment: Moment) -> None:
    drafts, zone, today, now = moment.drafts, moment.zone, moment.today, moment.now
    await change_lines(session)
    if not await still_stand(session, publication.lines):
        raise Conflict(*sorted(publication.codes.values()))
    day = max(today, publication.first_day)  # The clock may have been set back since.
    was = await drafts.lines_on(session, plan.division_path, day=day)
    await put_back(session, publication.lines, first_day=publication.first_day, today=today)
    back = await drafts.lines_on(session, plan.division_path, day=day)
    above = plan.division_path.rpartition(".")[0]
    change = Change(Lines(above, was.coverage), Lines(above, back.coverage))
    kept = {(one.thing, one.subject_id): one for one in await kept_transfers(session, publication.id)}
    is_as_if_never = today <= publication.first_day
    also = [subject for thing, subject in kept if thing == Thing.INCIDENT] if is_as_if_never else []
    since = first_moment(today, zone)
    handed = await hand_over(session, change, plan.division_path, since=since, posts={}, also=also, lock=True)
    found = {(one.held.thing, one.held.subject_id): one for one in handed.transfers}
    for thing in handed.held:
        one = kept.get((thing.thing, thing.subject_id))
        if one is not None and thing.path == one.to_path:
            found[thing.thing, thing.subject_id] = Transfer(thing, one.from_path, Rule(one.by))
    await take_over(session, [*found.values()], change.after, data={"plan": plan.id, "undone": True}, now=now)
    by = By(publication.created_by, publication.author, now, today)
    paths = (await grid_change_of(session, change)).paths
    await put_back_grids(session, publication.lines[KEPT], paths, by, changed_on=publication.first_day)
    await announce_lines(session)


async def _change_on(
    session: AsyncSession,
    plan: Plan,
    publication: PlanPublication,
    drafts: Drafts,
    *,
    known: tuple[Draft, Change] | None = None,
) -> tuple[Draft, Change]:
    """Return a plan's draft on the lines of its first day, and the change that it makes, with what takes long done."""
    day = publication.first_day
    draft = await _draft_on(session, plan, drafts, day=day, known=known[0] if known else None)
    if known and draft is known[0]:
        return known
    change = change_of(plan, draft, publication.codes)
    await asyncio.to_thread(lambda: (change.versions, change.affected, change.around, change.changed))
    return draft, change


async def _draft_on(
    session: AsyncSession, plan: Plan, drafts: Drafts, *, day: date, known: Draft | None = None
) -> Draft:
    """Return a plan's draft on the lines of a day; `known` is it if the lines are the same still.

    Raises `Contested` where what it changes is not what it was when the plan was begun, `OperationsDoNotFit` where
    operations cannot be done on these lines.
    """
    lines = await drafts.lines_on(session, plan.division_path, day=day)
    if known is not None and known.base is lines:
        return known
    if plan.base_day != day:
        own = await drafts.draft_of(session, plan)
        if own.base.coverage is not lines.coverage:
            await asyncio.to_thread(require_apart, own, own.base.coverage, lines.coverage)
    since = await published_since_begun(session, plan)
    try:
        draft = await drafts.draft_on(session, plan, day=day)
    except OperationsDoNotFit as refused:
        if met := sorted({*refused.params["codes"]} & since.keys()):
            raise contested_at(refused, met, lines.coverage, plan=since[met[0]]) from refused
        raise
    if since and (met := sorted(changed_or_ended(draft) & since.keys())):
        raise contested(met, draft.coverage, lines.coverage, plan=since[met[0]])
    return draft


async def _require_apart_from_waiting(
    session: AsyncSession, plan: Plan, draft: Draft, drafts: Drafts, *, day: date
) -> None:
    """Raise `Contested` where another plan that waits for its day changes what this one does."""
    for other in await waiting_plans(session, plan):
        theirs = await drafts.draft_on(session, other, day=day)
        require_apart(draft, theirs.base.coverage, theirs.coverage, plan=other.id)
