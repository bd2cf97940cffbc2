"""Read the rankings kept with tasks within the caller's reach, and say what other weights would have done."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.dispatching.terms import WeightCode
from console.weighing.rules import Ints, Side, Weighed, weigh

MOST = 60_000
"""So many dispatches are looked at, the latest of them where there are more."""
EXAMPLES = 50
COUNTED = text("""
SELECT count(*), count(ranking) FROM tasks
WHERE assigned_at >= :since AND assigned_at < :until AND division_path <@ CAST(:scope AS ltree)
""")
RANKINGS = text("""
SELECT id, incident_id, force_id, assigned_at,
    CAST(subpath(division_path, 0, least(nlevel(division_path), :depth)) AS text) AS division,
    CAST(ranking AS text) AS ranking
FROM tasks
WHERE assigned_at >= :since AND assigned_at < :until AND division_path <@ CAST(:scope AS ltree)
    AND ranking IS NOT NULL
ORDER BY assigned_at DESC, id DESC LIMIT :most
""")
FORCES = text("SELECT id, name, kind FROM forces WHERE id = ANY (:forces)")
CODES = text("SELECT id, case_code FROM incidents WHERE id = ANY (:incidents)")


@dataclass(frozen=True, slots=True)
class SentWithin:
    """Dispatches since a moment and before another, of a division (its path) and all below."""

    since: datetime
    until: datetime
    scope: str


@dataclass(frozen=True, slots=True)
class SideFigures:
    """Dispatches of which the force that was sent stood first (`chosen`), and of which others cost as much (`tied`).

    Minutes are those until the first is there.
    """

    chosen: int
    tied: int
    total_minutes: float
    median_minutes: float


@dataclass(frozen=True, slots=True)
class RankedForce:
    """A force; name and kind are None for one beyond the caller's reach."""

    id: int
    name: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedDispatch:
    """A dispatch whose first would have been another. Minutes are those until each is there."""

    task: int
    incident: int
    case_code: str
    at: datetime
    chosen: RankedForce
    before: RankedForce
    before_minutes: float
    after: RankedForce
    after_minutes: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What other weights would have done. `unrecorded` dispatches kept no ranking, `left_out` were too many.

    `kinds` has by kind of force how often one stood first before and after, None for forces beyond the reach;
    `divisions` has by path how many dispatches were looked at, and how many firsts changed, the most first.
    """

    looked_at: int
    unrecorded: int
    left_out: int
    changed: int
    before: SideFigures
    after: SideFigures
    kinds: Mapping[str | None, tuple[int, int]]
    divisions: Sequence[tuple[str, int, int]]
    examples: Sequence[ChangedDispatch]


async def what_if(session: AsyncSession, actor: Actor, span: SentWithin, factors: Mapping[WeightCode, float]) -> WhatIf:
    """Weigh the dispatches of a span anew: each reason by its factor, 1 where none is given. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    actor.require(Permission.READ_FORCES)
    among = {"since": span.since, "until": span.until, "scope": span.scope}
    sent, kept = (await session.execute(COUNTED, among)).one()
    rows = (await session.execute(RANKINGS, among | {"depth": span.scope.count(".") + 2, "most": MOST})).all()
    weighed = await asyncio.to_thread(weigh, (orjson.loads(row.ranking) for row in rows), factors)
    chosen = np.fromiter((row.force_id for row in rows), dtype=np.int64, count=len(rows))
    ids = {*weighed.before.forces.tolist(), *weighed.after.forces.tolist(), *chosen.tolist()}
    forces = await _forces(session, ids)
    at = np.flatnonzero(weighed.changed).tolist()
    looked_at, changed = Counter(row.division for row in rows), Counter(rows[i].division for i in at)
    divisions = [(path, n, changed[path]) for path, n in looked_at.items()]
    return WhatIf(
        looked_at=len(rows),
        unrecorded=sent - kept,
        left_out=kept - len(rows),
        changed=len(at),
        before=_figures(weighed.before, chosen),
        after=_figures(weighed.after, chosen),
        kinds=_kinds(weighed, forces),
        divisions=sorted(divisions, key=lambda one: (-one[2], one[0])),
        examples=await _examples(session, rows, at[:EXAMPLES], weighed, forces),
    )


async def _forces(session: AsyncSession, ids: set[int]) -> dict[int, RankedForce]:
    found = await session.execute(FORCES, {"forces": [*ids]})
    return {force: RankedForce(force) for force in ids} | {
        force: RankedForce(force, name, kind) for force, name, kind in found
    }


def _figures(side: Side, chosen: Ints) -> SideFigures:
    return SideFigures(
        chosen=int((side.forces == chosen).sum()),
        tied=int(side.tied.sum()),
        total_minutes=round(float(side.minutes.sum()), 1),
        median_minutes=round(float(np.median(side.minutes)), 1) if len(chosen) else 0.0,
    )


def _kinds(weighed: Weighed, forces: Mapping[int, RankedForce]) -> dict[str | None, tuple[int, int]]:
    before, after = (
        Counter(forces[one].kind for one in side.forces.tolist()) for side in (weighed.before, weighed.after)
    )
    return {kind: (before[kind], after[kind]) for kind in sorted({*before, *after}, key=lambda kind: kind or "")}


async def _examples(
    session: AsyncSession, rows: Sequence[Any], at: Sequence[int], weighed: Weighed, forces: Mapping[int, RankedForce]
) -> list[ChangedDispatch]:
    incidents = await session.execute(CODES, {"incidents": [rows[i].incident_id for i in at]})
    codes = {row.id: row.case_code for row in incidents}
    before, after = weighed.before, weighed.after
    return [
        ChangedDispatch(
            task=rows[i].id,
            incident=rows[i].incident_id,
            case_code=codes.get(rows[i].incident_id, ""),
            at=rows[i].assigned_at,
            chosen=forces[rows[i].force_id],
            before=forces[int(before.forces[i])],
            before_minutes=float(before.minutes[i]),
            after=forces[int(after.forces[i])],
            after_minutes=float(after.minutes[i]),
        )
        for i in at
    ]
