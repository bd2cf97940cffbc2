"""Gather monthly lists, hand entries over, and answer them. Inside the caller's transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor, Permission
from console.cases.casework import Casework
from console.cases.tables import Case
from console.deadlines.actions import Planned, cancel_deadline, plan_deadlines
from console.deadlines.rules import DeadlineKind
from console.incidents.tables import Incident
from console.lists.queries import owing, with_cases
from console.lists.rules import EntryAnswered, NotHandedOver, UnitUnfit, bounds_of
from console.lists.tables import ListEntry
from console.lists.terms import ListRule, MonthlyList
from console.notices.actions import give_notice
from console.notices.rules import Address, Delivery, NewNotice
from geo.errors import NotFound
from geo.store import lies_within
from geo.versions import Expected, require_current

ANSWER = "list.answer"
HANDED_OVER, UNANSWERED = "list.handed_over", "list.unanswered"
"""Kinds of notices: an entry was handed over, and its answer is overdue."""


@dataclass(frozen=True, slots=True)
class HandingOver:
    """A unit to hand an entry over to, what is asked of it, and in how many days."""

    unit: str
    request: str
    days: int


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to add by hand."""

    month: str
    title: str
    note: str
    division_path: str


async def gather(
    session: AsyncSession, work: Casework, actor: Actor, listed: MonthlyList, month: str, *, now: datetime
) -> int:
    """Take in what the list's rules find in a month; return how many are new. The first rule that fits counts."""
    actor.require(Permission.MOVE_CASES)
    added = 0
    for rule in listed.rules:
        added += await _take_in(session, work, actor, (listed, rule, month), now=now)
    return added


async def _take_in(
    session: AsyncSession, work: Casework, actor: Actor, at: tuple[MonthlyList, ListRule, str], *, now: datetime
) -> int:
    listed, rule, month = at
    since, until = bounds_of(month, work.zone)
    fixed = [literal(value) for value in (listed.code, month, rule.code)]
    empty = literal("")
    columns = (*fixed, Incident.id, empty, empty, literal(now), literal(actor.user_id), empty)
    found = select(*columns, Incident.division_path, literal(1)).where(
        Incident.registered_at >= since, Incident.registered_at < until, Incident.merged_into_id.is_(None)
    )
    for column, codes in (
        (Incident.category, rule.categories), (Incident.risk, rule.risks), (Incident.source, rule.sources),
        (Incident.level, rule.levels),
    ):  # fmt: skip
        if codes:
            found = found.where(column.in_(codes))
    if rule.classes:
        classes = {one for one in work.incidents.category_by_code if one.split(".", 1)[0] in rule.classes}
        found = found.where(Incident.category.in_(classes))
    if rule.open_only:
        found = found.where(exists().where(Case.incident_id == Incident.id, Case.ended_at.is_(None)))
    names = (
        "code", "month", "rule", "incident_id", "title", "note", "made_at", "made_by", "request", "division_path",
        "version",
    )  # fmt: skip
    adding = insert(ListEntry).from_select(names, found).on_conflict_do_nothing().returning(ListEntry.id)
    return len((await session.scalars(adding)).all())


async def add_entry(
    session: AsyncSession, actor: Actor, listed: MonthlyList, new: NewEntry, *, now: datetime
) -> ListEntry:
    """Add an entry by hand. Raises `Forbidden`."""
    actor.require(Permission.MOVE_CASES)
    entry = ListEntry(
        code=listed.code,
        month=new.month,
        rule="",
        title=new.title,
        note=new.note,
        made_at=now,
        made_by=actor.user_id,
        request="",
        division_path=new.division_path,
        version=1,
    )
    session.add(entry)
    await session.flush()
    return entry


async def hand_over(
    session: AsyncSession,
    work: Casework,
    delivery: Delivery,
    actor: Actor,
    entry_id: int,
    handing: HandingOver,
    *,
    expected: Expected,
    now: datetime,
) -> ListEntry:
    """Hand an entry over to a unit, which is told, and let its answer be due. Another unit can take its place.

    Raises `Forbidden`, `NotFound`, `Stale`, `EntryAnswered`, `UnitUnfit`.
    """
    actor.require(Permission.MOVE_CASES)
    entry = await _lock(session, entry_id, expected)
    unit = handing.unit
    known = await work.register.unit(session, unit, now=now)
    if known is None or not lies_within(entry.division_path, known.path):
        raise UnitUnfit(unit=unit)
    due_at = now + timedelta(days=handing.days)
    entry.unit, entry.request, entry.handed_at, entry.handed_by = unit, handing.request, now, actor.user_id
    entry.answer_due_at, entry.version = due_at, entry.version + 1
    await session.flush()
    planned = Planned(entry.id, entry.division_path, now, handing.days, "day", due_at)
    await plan_deadlines(session, ANSWER, [planned])
    await give_notice(session, delivery, [_notice(entry, HANDED_OVER, Address(unit=unit))], now=now)
    return entry


async def answer_entry(
    session: AsyncSession,
    work: Casework,
    actor: Actor,
    entry_id: int,
    *,
    answer: str,
    expected: Expected,
    now: datetime,
) -> ListEntry:
    """Answer an entry for the unit that it is handed over to, or that has its case by now.

    Raises `Forbidden`, `NotFound`, `Stale`, `EntryAnswered`, and `NotHandedOver` where the caller has no post there.
    """
    actor.require(Permission.MOVE_CASES)
    entry = await _lock(session, entry_id, expected)
    seats = {seat.unit for seat in await work.register.seats_of(session, actor, now=now)}
    mine = [unit for unit in owing(entry, (await _cases_of(session, [entry.id]))[entry.id]) if unit in seats]
    if not mine:
        raise NotHandedOver(unit=entry.unit)
    entry.answer, entry.answered_at, entry.answered_by, entry.answered_unit = answer, now, actor.user_id, mine[-1]
    entry.version += 1
    await cancel_deadline(session, ANSWER, entry.id, now=now)
    await session.flush()
    return entry


async def _lock(session: AsyncSession, entry_id: int, expected: Expected) -> ListEntry:
    """Lock an entry without an answer. Raises `NotFound`, `Stale`, `EntryAnswered`."""
    wanted = select(ListEntry).where(ListEntry.id == entry_id).with_for_update(key_share=True)
    entry: ListEntry | None = await session.scalar(wanted.execution_options(populate_existing=True))
    if entry is None:
        raise NotFound
    require_current(entry.version, expected)
    if entry.answered_at is not None:
        raise EntryAnswered
    return entry


async def _cases_of(session: AsyncSession, entry_ids: Sequence[int]) -> dict[int, Case | None]:
    rows = await session.execute(with_cases().where(ListEntry.id.in_(entry_ids)))
    return {entry.id: case for entry, _, case in rows}


def overdue_answers(delivery: Delivery) -> DeadlineKind:
    """Return the kind of deadline by which the units that owe an answer, and those who oversee, are told that it is
    overdue.
    """

    async def on_due(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        wanted = select(ListEntry).where(ListEntry.id.in_(subjects), ListEntry.answered_at.is_(None))
        entries = (await session.scalars(wanted)).all()
        cases = await _cases_of(session, [entry.id for entry in entries])
        notices = [
            _notice(entry, UNANSWERED, to)
            for entry in entries
            if entry.answer_due_at is not None and entry.answer_due_at <= now
            for to in (*map(Address, owing(entry, cases[entry.id])), Address())
        ]
        await give_notice(session, delivery, notices, now=now)
        return subjects

    return DeadlineKind(ANSWER, on_due=on_due)


def _notice(entry: ListEntry, kind: str, to: Address) -> NewNotice:
    due_at = entry.answer_due_at
    return NewNotice(
        key=f"{kind}:{entry.id}:{entry.version}:{to.key}",
        kind=kind,
        division_path=entry.division_path,
        to=to,
        incident_id=entry.incident_id,
        body={"list": entry.code, "month": entry.month, "entry": entry.id, "due_at": due_at and due_at.isoformat()},
    )
