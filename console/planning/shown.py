"""What of a plan's transfers an account may see.

Who sees incidents or forces masked gets none of them one by one: where an incident changes hands tells on which side of
a new line it lies. Masked incidents are counted at their masked places.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.access.sight import Subject, sees_masked
from console.planning.drafts import Draft, Drafts
from console.planning.facts import masked_open_places
from console.planning.handover import Change, GridWorkers, Place, Rule, Thing, Transfer
from console.planning.holdings import following, forces_in
from console.planning.publications import kept_transfers, open_publication
from console.planning.tables import Plan, PlanPublication
from console.planning.transfers import change_of, first_moment, hand_over, posts_of

HIDDEN = (Thing.INCIDENT, Thing.TASK, Thing.CLOCK)
OF_FORCES = (Thing.FORCE, Thing.HOME, Thing.ACCOUNT)


@dataclass(frozen=True, slots=True)
class Shown:
    """A transfer as it is shown."""

    thing: Thing
    subject_id: int
    from_path: str
    to_path: str
    by: Rule
    name: str = ""
    point: Place | None = None


@dataclass(frozen=True, slots=True)
class ShownTransfers:
    """All transfers of a plan that an account may see, and how many there are of each thing."""

    first_day: date | None
    applied: bool
    masked: bool
    counts: Mapping[Thing, int | None]
    codes: Mapping[str, str]
    workers: GridWorkers
    items: Sequence[Shown]


async def read_transfers(
    session: AsyncSession, actor: Actor, plan: Plan, *, drafts: Drafts, zone: ZoneInfo, today: date
) -> ShownTransfers:
    """Return what changes hands by a plan: as of now while it waits or is drawn, as it was done once it is in force."""
    publication = await open_publication(session, plan.id)
    masks = sees_masked(actor, Subject.INCIDENTS), sees_masked(actor, Subject.FORCES)
    if publication is not None and publication.applied_at is not None:
        done = await _done(session, publication)
        return await _shown(
            session, done, publication=publication, workers=GridWorkers({}, ()), masks=masks, masked_count=None
        )
    draft = await drafts.draft_of(session, plan)
    change = change_of(plan, draft, publication.codes if publication else {})
    since = first_moment(publication.first_day if publication else today, zone)
    posts = await _posts(session, plan, change, publication)
    handed = await hand_over(session, change, plan.division_path, since=since, posts=posts)
    count = await _masked_count(session, draft, change) if masks[0] else None
    found = [_shown_of(one) for one in (*handed.transfers, *handed.homes)]
    return await _shown(
        session, found, publication=publication, workers=handed.workers, masks=masks, masked_count=count
    )


async def _posts(
    session: AsyncSession, plan: Plan, change: Change, publication: PlanPublication | None
) -> dict[int, str]:
    if publication is None:
        return {}
    forces = await forces_in(session, plan.division_path)
    return posts_of(change, {int(f): code for f, code in publication.posts.items() if int(f) in forces}, forces)


def _shown_of(one: Transfer) -> Shown:
    return Shown(one.held.thing, one.held.subject_id, one.held.path, one.to_path, one.by, one.held.name, one.held.point)


async def _done(session: AsyncSession, publication: PlanPublication) -> list[Shown]:
    kept = await kept_transfers(session, publication.id)
    return [Shown(Thing(one.thing), one.subject_id, one.from_path, one.to_path, Rule(one.by)) for one in kept]


async def _shown(
    session: AsyncSession,
    found: Sequence[Shown],
    *,
    publication: PlanPublication | None,
    workers: GridWorkers,
    masks: tuple[bool, bool],
    masked_count: int | None,
) -> ShownTransfers:
    all_of = [*found, *(await _followers(session, found))]
    hidden = (*(HIDDEN if masks[0] else ()), *(OF_FORCES if masks[1] else ()))
    counted = Counter(one.thing for one in all_of)
    counts: dict[Thing, int | None] = {thing: counted[thing] for thing in Thing}
    if masks[0]:
        counts |= dict.fromkeys(HIDDEN) | {Thing.INCIDENT: masked_count}
    order = [*Thing]
    return ShownTransfers(
        first_day=publication.first_day if publication else None,
        applied=bool(publication and publication.applied_at),
        masked=any(masks),
        counts=counts,
        codes=publication.codes if publication else {},
        workers=workers,
        items=sorted(
            (one for one in all_of if one.thing not in hidden),
            key=lambda one: (order.index(one.thing), one.subject_id, one.name),
        ),
    )


async def _followers(session: AsyncSession, found: Sequence[Shown]) -> list[Shown]:
    """List the tasks and clocks that go with incidents."""
    incidents = {one.subject_id: one for one in found if one.thing is Thing.INCIDENT}
    return [
        Shown(one.thing, one.subject_id, incidents[one.of].from_path, incidents[one.of].to_path, Rule.FOLLOWS, one.name)
        for one in await following(session, [*incidents])
    ]


async def _masked_count(session: AsyncSession, draft: Draft, change: Change) -> int:
    """Count the incidents that would change hands if they lay at their masked places."""
    places = await masked_open_places(session, draft.base)

    def count() -> int:
        return sum(
            was != now for was, now in zip(change.before.owners(places), change.after.owners(places), strict=True)
        )

    return await asyncio.to_thread(count)
