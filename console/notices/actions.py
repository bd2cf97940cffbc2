"""Write, read and answer notices, inside the caller's transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.deadlines.actions import Planned, cancel_subjects, plan_deadlines
from console.deadlines.rules import DeadlineKind
from console.incidents.tables import Incident
from console.incidents.timeline import Entry, note
from console.notices.queries import get_own_notice, unanswered_urge
from console.notices.rules import (
    UNANSWERED,
    URGE,
    Address,
    Addresses,
    Delivery,
    NewNotice,
    NoAnswerWanted,
    NoticeAnswered,
    UrgeUnanswered,
)
from console.notices.tables import Notice, NoticeSending
from geo.store import BulkInsert

NAME = "notice"
ANSWER = f"{NAME}.answer"
KEPT_ONCE = "ON CONFLICT (key) DO NOTHING RETURNING id, key"
UNREAD = ("read_at", "read_by", "answered_at", "answered_by", "answer")
WRITE = BulkInsert(Notice, fixed=("made_at", *UNREAD), then=KEPT_ONCE)
SEND = BulkInsert(NoticeSending, fixed=("attempts", "leased_until", "fault", "sent_at", "failed_at"))


async def give_notice(
    session: AsyncSession, delivery: Delivery, notices: Sequence[NewNotice], *, now: datetime
) -> dict[str, int]:
    """Write notices, and their sendings; return their ids by key. Those whose key is there already are left out."""
    if not notices:
        return {}
    rows = [_row(one, delivery, now=now) for one in notices]
    made = await WRITE.run(session, rows, made_at=now, **dict.fromkeys(UNREAD))
    ids = {row.key: row.id for row in made}
    written = [row | {"id": ids[row["key"]]} for row in rows if row["key"] in ids]
    await _queue(session, delivery, written)
    waiting = [row for row in written if row["answer_due_at"]]
    planned = [Planned(r["id"], r["division_path"], now, 1, "answer", r["answer_due_at"]) for r in waiting]
    await plan_deadlines(session, ANSWER, planned)
    return ids


async def urge(session: AsyncSession, delivery: Delivery, notice: NewNotice, *, now: datetime) -> int | None:
    """Urge whoever handles a case 催办, and ask for an answer. Return the notice's id.

    Raises `UrgeUnanswered` while the unit still has time to answer an earlier one. The case is locked.
    """
    waiting = await unanswered_urge(session, notice.incident_id or 0, unit=notice.to.unit, now=now)
    if waiting is not None:
        raise UrgeUnanswered(notice=waiting.id, unit=waiting.to_unit, answer_due_at=_until(waiting))
    return (await give_notice(session, delivery, [notice], now=now)).get(notice.key)


def _until(notice: Notice) -> str:
    return "" if notice.answer_due_at is None else notice.answer_due_at.isoformat()


def urging(
    incident: Incident,
    to: Address,
    delivery: Delivery,
    *,
    by: int | None,
    sender: Address,
    note: str,
    now: datetime,
    hours: int | None = None,
) -> NewNotice:
    """Return the notice of an urging, to be answered within `hours`, or else as the pack says.

    One case is urged by one user at one moment once.
    """
    return NewNotice(
        key=f"{URGE}:{incident.id}:{by}:{now.isoformat()}:{to.key}",
        kind=URGE,
        division_path=incident.division_path,
        to=to,
        incident_id=incident.id,
        case_code=incident.case_code,
        sender=sender,
        made_by=by,
        note=note,
        urgent=True,
        answer_due_at=delivery.answer_due_at(now, hours=hours),
    )


async def read_notice(session: AsyncSession, actor: Actor, own: Addresses, notice_id: int, *, now: datetime) -> Notice:
    """Record who has read a notice, and when. Doing so again changes nothing. Raises NotFound."""
    notice = await get_own_notice(session, actor, own, notice_id, now=now)
    if notice.read_at is None:
        notice.read_at, notice.read_by = now, actor.user_id
        await session.flush()
    return notice


async def answer_notice(
    session: AsyncSession, actor: Actor, own: Addresses, notice_id: int, *, answer: str, now: datetime
) -> Notice:
    """Answer a notice that asks for it; its case's timeline keeps the answer.

    Raises NotFound, NoAnswerWanted, NoticeAnswered.
    """
    notice = await get_own_notice(session, actor, own, notice_id, now=now)
    if notice.answer_due_at is None:
        raise NoAnswerWanted(notice=notice.id)
    if notice.answered_at is not None:
        raise NoticeAnswered(notice=notice.id)
    notice.answered_at, notice.answered_by, notice.answer = now, actor.user_id, answer
    notice.read_at, notice.read_by = notice.read_at or now, notice.read_by or actor.user_id
    await session.flush()
    await cancel_subjects(session, NAME, [notice.id], now=now)
    if notice.incident_id is not None:
        incident = await session.get(Incident, notice.incident_id)
        if incident is not None:
            said = {"notice": notice.id, "unit": notice.to_unit, "note": answer}
            await note(session, incident, Entry("notice.answered", actor_id=actor.user_id, data=said), now=now)
    return notice


def unanswered(delivery: Delivery) -> DeadlineKind:
    """Return the kind of deadline that tells whoever urged that no answer came."""

    async def on_due(session: AsyncSession, subjects: Sequence[int], *, now: datetime) -> Collection[int]:
        wanted = select(Notice).where(Notice.id.in_(subjects)).order_by(Notice.id)
        found = (await session.scalars(wanted.with_for_update(key_share=True, skip_locked=True))).all()
        late = [_unanswered(notice) for notice in found if notice.answered_at is None]
        await give_notice(session, delivery, late, now=now)
        return [notice.id for notice in found]

    return DeadlineKind(ANSWER, on_due=on_due)


def _unanswered(notice: Notice) -> NewNotice:
    return NewNotice(
        key=f"{UNANSWERED}:{notice.id}",
        kind=UNANSWERED,
        division_path=notice.division_path,
        to=Address(notice.from_unit, notice.from_post),
        incident_id=notice.incident_id,
        case_code=notice.case_code,
        body={"notice": notice.id, "unit": notice.to_unit},
    )


def _row(new: NewNotice, delivery: Delivery, *, now: datetime) -> dict[str, Any]:
    return {
        "key": new.key,
        "kind": new.kind,
        "incident_id": new.incident_id,
        "case_code": new.case_code,
        "to_unit": new.to.unit,
        "to_post": new.to.post,
        "to_force": new.to.force,
        "from_unit": new.sender.unit,
        "from_post": new.sender.post,
        "made_by": new.made_by,
        "body": dict(new.body),
        "note": new.note,
        "urgent": new.urgent,
        "shown_at": delivery.shown_at(now, urgent=new.urgent),
        "answer_due_at": new.answer_due_at,
        "division_path": new.division_path,
    }


async def _queue(session: AsyncSession, delivery: Delivery, written: Sequence[dict[str, Any]]) -> None:
    """Queue notices for every sender, in the order of each case."""
    rows = [
        {
            "notice_id": row["id"],
            "sender": sender,
            "queue": f"incident:{row['incident_id']}" if row["incident_id"] else f"notice:{row['id']}",
            "next_at": row["shown_at"],
            "division_path": row["division_path"],
        }
        for sender in delivery.senders
        for row in written
    ]
    if rows:
        await SEND.run(session, rows, attempts=0, leased_until=None, fault=None, sent_at=None, failed_at=None)
