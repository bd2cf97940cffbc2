"""Cases in the feed: where each stands and who has it. Masked audiences and forces get none."""

from sqlalchemy import Select, false, select
from typing_extensions import TypedDict

from console.cases.tables import Case
from console.feed.actions import Change
from console.feed.bodies import Body, utc_text
from console.feed.kinds import Kind, Retention
from console.incidents.rules import LIVE_AFTER_CLOSING

NAME = "case"

SHOWN = (
    "incident_id",
    "flow",
    "stage",
    "lane",
    "level",
    "unit",
    "post_id",
    "accepted",
    "offer_unit",
    "first_unit",
    "procedure",
    "outcome",
    "paused",
    "paused_until",
    "due_limit",
    "due_at",
    "opened_at",
    "ended_at",
    "division_path",
    "version",
)
"""Columns that the body is built from."""


class CaseBody(TypedDict):
    """A case in snapshots and events. `id` is the incident's. `due_at` is the next due time of its clocks."""

    id: int
    flow: str
    stage: str
    lane: str
    level: str
    unit: str
    post: int | None
    accepted: bool
    offered_to: str | None
    first_receiver: str
    procedure: str | None
    outcome: str | None
    paused: bool
    paused_until: str | None
    due_limit: str | None
    due_at: str | None
    opened_at: str
    ended_at: str | None
    division_path: str
    version: int


def body_of(case: Case) -> Body:
    """Build the body of a case, JSON-ready; times in UTC."""
    return {
        "id": case.incident_id,
        "flow": case.flow,
        "stage": case.stage,
        "lane": case.lane,
        "level": case.level,
        "unit": case.unit,
        "post": case.post_id,
        "accepted": case.accepted,
        "offered_to": case.offer_unit,
        "first_receiver": case.first_unit,
        "procedure": case.procedure,
        "outcome": case.outcome,
        "paused": case.paused,
        "paused_until": case.paused_until.isoformat() if case.paused_until else None,
        "due_limit": case.due_limit,
        "due_at": utc_text(case.due_at),
        "opened_at": utc_text(case.opened_at),
        "ended_at": utc_text(case.ended_at),
        "division_path": case.division_path,
        "version": case.version,
    }


def change_of(case: Case, *, left_path: str | None = None) -> Change:
    """Build the event of a case's new state. The division `left_path` saw the state before."""
    return Change(
        kind=NAME,
        entity_id=case.incident_id,
        version=case.version,
        division_path=case.division_path,
        left_path=left_path,
        body=body_of(case),
    )


def cases_of_force(force_id: int) -> Select[int]:
    """Select no case: a force follows its tasks and their incidents."""
    return select(Case.incident_id).where(false())


KIND = Kind(
    name=NAME,
    plural="cases",
    table=Case,
    body=body_of,
    retention=Retention(after=Case.ended_at, time=LIVE_AFTER_CLOSING),
    created_at=Case.opened_at,
    of_force=cases_of_force,
    shape=CaseBody,
)
