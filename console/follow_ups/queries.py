"""Read the follow-up of cases within the caller's reach: lists, and the figures of a month."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.access.tables import User
from console.cases.actions import handled_by
from console.cases.tables import Case, CaseFollowUp
from console.cursors import id_of
from console.follow_ups.rules import OPEN, Standing
from console.incidents.tables import Incident
from geo.store import Ltree

ListName = Literal["due", "coming", "dissatisfied", "mended", "asked", "unreached", "refused", "not_drawn"]
"""Lists of follow-ups.

- `due`: to be asked now, by this person. `coming`: to be asked later.
- `dissatisfied`: the dissatisfied list 不满意清单: in mending, or to be asked once more. `mended`: asked again since,
  and no longer dissatisfied.
- `asked`, `unreached`, `refused`, `not_drawn`: asked and not dissatisfied, given up after all tries, reached and would
  not answer, not drawn.
"""
Row = tuple[CaseFollowUp, Case, Incident]


@dataclass(frozen=True, slots=True)
class FollowUpFilter:
    """Filter of a list of follow-ups. `unit` has the case or had it when it was asked, `scope` is a division's path."""

    name: ListName
    unit: str | None = None
    scope: str | None = None
    period: str | None = None


@dataclass(frozen=True, slots=True)
class DrawFigures:
    """What became of the cases of one draw that ended in a period.

    Of `ended`, all that were numbered, `drawn` were to be asked; the figures after it are of these alone. Who was
    `reached` has answered, or `refused`. `undrawn` were heard without being drawn: they called, or were asked besides.
    """

    draw: str
    share: str
    ended: int
    drawn: int
    reached: int
    satisfied: int
    partly: int
    dissatisfied: int
    refused: int
    unreached: int
    undrawn: int


async def list_follow_ups(
    session: AsyncSession, actor: Actor, chosen: FollowUpFilter, *, limit: int, cursor: str | None, now: datetime
) -> tuple[Sequence[Row], str | None]:
    """Return a page of follow-ups with case and incident, those due the oldest first, others the newest first.

    Raises `Forbidden`, `BadCursor`.
    """
    actor.require(Permission.READ_INCIDENTS)
    wanted = _narrowed(_joined(), actor, chosen, now=now)
    rising = chosen.name in ("due", "coming")
    key = CaseFollowUp.incident_id
    if cursor is not None:
        wanted = wanted.where(key > id_of(cursor) if rising else key < id_of(cursor))
    rows = await session.execute(wanted.order_by(key if rising else key.desc()).limit(limit + 1))
    found = [(row, case, incident) for row, case, incident in rows]
    return found[:limit], str(found[limit - 1][0].incident_id) if len(found) > limit else None


async def count_follow_ups(
    session: AsyncSession, actor: Actor, lists: Collection[ListName], *, now: datetime
) -> Mapping[ListName, int]:
    """Count the follow-ups of lists, each by the very conditions of the list. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    clauses = {name: _listed(actor, name, now=now) for name in lists}
    counts = [func.count().filter(clause) for clause in clauses.values()]
    wanted = select(*counts).select_from(CaseFollowUp).join(Case, Case.incident_id == CaseFollowUp.incident_id)
    row = (await session.execute(wanted.where(CaseFollowUp.standing.in_(WATCHED)))).one()
    return dict(zip(clauses, row, strict=True))


async def count_late(session: AsyncSession, actor: Actor, *, now: datetime) -> int:
    """Count those of the list `due` whose time to ask has run out. Raises `Forbidden`."""
    wanted = _narrowed(_joined(), actor, FollowUpFilter("due"), now=now).where(CaseFollowUp.ask_by < now)
    return await session.scalar(wanted.with_only_columns(func.count())) or 0


async def figures_of(session: AsyncSession, actor: Actor, period: str) -> list[DrawFigures]:
    """Return the figures of each draw for a month, such as `2026-11`. Raises `Forbidden`."""
    actor.require(Permission.READ_INCIDENTS)
    row = CaseFollowUp
    wanted = (
        select(
            row.draw,
            func.max(row.share).label("share"),
            func.count().label("ended"),
            func.count().filter(row.drawn).label("drawn"),
            func.count().filter(row.drawn, REACHED).label("reached"),
            *(func.count().filter(row.drawn, row.satisfied == said).label(name) for name, said in SAID.items()),
            func.count().filter(row.drawn, row.standing == Standing.REFUSED).label("refused"),
            func.count().filter(row.drawn, row.standing == Standing.UNREACHED).label("unreached"),
            func.count().filter(~row.drawn, REACHED).label("undrawn"),
        )
        .where(row.period == period, row.number.is_not(None))
        .group_by(row.draw)
        .order_by(row.draw)
    )
    return [DrawFigures(**found) for found in (await session.execute(wanted)).mappings()]


async def names_of(session: AsyncSession, users: Collection[int]) -> Mapping[int, str]:
    """Return the names of users by id."""
    if not users:
        return {}
    rows = await session.execute(select(User.id, User.display_name).where(User.id.in_(users)))
    return dict(rows.all())


SAID = {"satisfied": "yes", "partly": "partly", "dissatisfied": "no"}
WATCHED = (*OPEN, Standing.MENDING, Standing.DISSATISFIED, Standing.SATISFIED, Standing.UNREACHED, Standing.REFUSED)
REACHED = CaseFollowUp.satisfied.is_not(None) | (CaseFollowUp.standing == Standing.REFUSED)


def _joined() -> Select[CaseFollowUp, Case, Incident]:
    return (
        select(CaseFollowUp, Case, Incident)
        .join(Case, Case.incident_id == CaseFollowUp.incident_id)
        .join(Incident, Incident.id == CaseFollowUp.incident_id)
    )


def _narrowed(
    wanted: Select[CaseFollowUp, Case, Incident], actor: Actor, chosen: FollowUpFilter, *, now: datetime
) -> Select[CaseFollowUp, Case, Incident]:
    wanted = wanted.where(_listed(actor, chosen.name, now=now))
    if chosen.unit is not None:
        wanted = wanted.where((CaseFollowUp.unit == chosen.unit) | (Case.unit == chosen.unit))
    if chosen.scope is not None:
        wanted = wanted.where(CaseFollowUp.division_path.op("<@")(cast(chosen.scope, Ltree)))
    if chosen.period is not None:
        wanted = wanted.where(CaseFollowUp.period == chosen.period)
    return wanted


def _listed(actor: Actor, name: ListName, *, now: datetime) -> ColumnElement[bool]:
    """Clause: a follow-up is on a list. What is open is so only while the case has ended and was not merged."""
    row = CaseFollowUp
    ended = Case.ended_at.is_not(None) & Case.state["joined_to"].as_string().is_(None)
    waiting = and_(row.standing.in_(OPEN), ended)
    others = ~handled_by(actor.user_id, row.incident_id)
    clauses: Mapping[ListName, ColumnElement[bool]] = {
        "due": and_(waiting, row.due_at <= now, others),
        "coming": and_(waiting, row.due_at > now, others),
        "dissatisfied": row.standing.in_((Standing.MENDING, Standing.AGAIN, Standing.DISSATISFIED)),
        "mended": and_(row.standing == Standing.SATISFIED, row.dissatisfied_times > 0),
        "asked": row.standing == Standing.SATISFIED,
        "unreached": row.standing == Standing.UNREACHED,
        "refused": row.standing == Standing.REFUSED,
        "not_drawn": row.standing == Standing.NOT_DRAWN,
    }
    return clauses[name]
