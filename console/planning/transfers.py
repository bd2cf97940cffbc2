"""What changes hands by a plan: worked out while it is reviewed, and on its day."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from shapely import GeometryCollection
from sqlalchemy.ext.asyncio import AsyncSession

from console.planning.drafts import Draft
from console.planning.handover import (
    Change,
    GridWorkers,
    HeldThing,
    Lines,
    Thing,
    Transfer,
    grid_workers,
    homes_moved,
    transfers_of,
)
from console.planning.holdings import (
    Paths,
    held_accounts,
    held_cameras,
    held_forces,
    held_incidents,
    held_places,
    retired_forces,
)
from console.planning.tables import Plan
from geo.coverage.refusals import PlanRefused
from geo.errors import ErrorKind
from layers.divisions.terms import GRID


class NoWorker(PlanRefused):
    """The grids of `codes` would have no worker, though their land has one today. `retired` are forces whose accounts
    are all disabled: they do not count as workers. Way out: name a force for each grid in `posts`.
    """

    code = "plan.nobody"
    kind = ErrorKind.INVALID


class UnknownPost(PlanRefused):
    """`posts` names unknown `forces` (retired, or posted outside the plan's division) or unknown divisions, `codes`."""

    code = "plan.unknown_post"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class HandOver:
    """The outcome of a change: things `held` before, those of them that move, workers' homes that come to lie in
    another grid, the workers of each changed grid, and forces that have retired.
    """

    held: Sequence[HeldThing]
    transfers: Sequence[Transfer]
    homes: Sequence[Transfer]
    workers: GridWorkers
    retired: frozenset[int]


def change_of(plan: Plan, draft: Draft, codes: Mapping[str, str]) -> Change:
    """Return the change that a plan's draft makes to the lines that it begins with."""
    above = plan.division_path.rpartition(".")[0]
    return Change(Lines(above, draft.base.coverage), Lines(above, draft.coverage, codes))


def first_moment(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day begins in the county."""
    return datetime.combine(day, time(), tzinfo=zone)


async def hand_over(
    session: AsyncSession,
    change: Change,
    path: str,
    *,
    since: datetime,
    posts: Mapping[int, str],
    also: Collection[int] = (),
    lock: bool = False,
) -> HandOver:
    """Find what changes hands in the division at `path`.

    Incidents move if they are open, occurred at `since` or later, or are among `also`. `posts` are the paths chosen for
    forces, by id. With `lock`, the incidents are locked.
    """
    affected = await asyncio.to_thread(lambda: Paths(change.affected, change.around))
    forces = await held_forces(session, path)
    held = [
        *await held_incidents(session, affected, since=since, also=also, lock=lock),
        *forces,
        *await held_cameras(session, affected),
        *await held_places(session, affected),
        *await held_accounts(session, affected),
    ]
    retired = await retired_forces(session, [one.subject_id for one in forces])
    return await asyncio.to_thread(_hand_over, change, held, forces, posts, retired)


def _hand_over(
    change: Change, held: Sequence[HeldThing], forces: Sequence[HeldThing], posts: Mapping[int, str], retired: set[int]
) -> HandOver:
    transfers = transfers_of(change, held, choices=posts)
    moved = {one.held.subject_id: one.to_path for one in transfers if one.held.thing is Thing.FORCE}
    before = {one.subject_id: one.path for one in forces}
    after = {force: moved.get(force, path) for force, path in before.items() if force not in retired}
    who = grid_workers(change, after, posts_before=before)
    return HandOver(held, transfers, homes_moved(change, _of_grids(change, forces)), who, frozenset(retired))


def _of_grids(change: Change, forces: Collection[HeldThing]) -> list[HeldThing]:
    """Return the forces that are posted to a grid that changes, or below it."""
    levels = {one.path: change.before.level_of(one.path) for one in forces}
    return [one for one in forces if GRID in levels[one.path]]


def posts_of(change: Change, posts: Mapping[int, str], forces: Collection[int]) -> dict[int, str]:
    """Return the paths of chosen posts, given by codes of the draft. Raises `UnknownPost`."""
    known = change.after.coverage.divisions
    finals = change.after.by_final
    codes = {code: finals.get(code, code) for code in posts.values()}
    strange, unknown = sorted({*posts} - {*forces}), sorted(c for c, code in codes.items() if code not in known)
    if strange or unknown:
        raise UnknownPost(*unknown, forces=strange)
    return {force: change.after.path(codes[code]) for force, code in posts.items()}


def require_workers(change: Change, handed: HandOver) -> None:
    """Raise `NoWorker` for grids that would have no worker."""
    if handed.workers.unserved:
        coverage = change.after.coverage
        outlines = [coverage.outline(code) for code in handed.workers.unserved]
        raise NoWorker(*handed.workers.unserved, where=_together(outlines), retired=sorted(handed.retired)[:100])


def _together(outlines: Sequence[Any]) -> Any:
    return GeometryCollection(outlines) if len(outlines) > 1 else outlines[0]
