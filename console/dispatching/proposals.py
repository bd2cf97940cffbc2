"""Propose forces for many incidents at once: what each package lacks, the best assignment, and the cover after."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.dispatching.choosing import Choosing
from console.dispatching.cover import Left, Town, cover_of, holds, move_up
from console.dispatching.packages import ALONE, Sent, fill, kept_package, package_for
from console.dispatching.pricing import Pool, Wanting
from console.dispatching.proposed import Card, Proposal, ProposalTerms
from console.dispatching.queries import DAY, candidate_of, facts_of, stale_before
from console.dispatching.statements import EVERYBODY_FACTS, SENT
from console.flow.rules import require_open
from console.flow.terms import ORDINARY
from console.incidents.events import location_of
from console.incidents.tables import Incident
from console.rosters.terms import Cover
from geo.errors import MaplebridgeError, NotFound
from layers.divisions.queries import list_named
from layers.roads.graph import Graph

MOST_INCIDENTS = 200


async def propose(
    session: AsyncSession,
    incident_ids: Iterable[int],
    *,
    terms: ProposalTerms,
    graph: Graph | None,
    now: datetime,
) -> Proposal:
    """Propose forces for incidents within reach; nothing is sent, and nothing is written.

    An incident to which nobody is proposed stands in `unassigned` with the reason. Raises NotFound if none of them is
    within reach.
    """
    asked = sorted(set(incident_ids))
    rows = await session.scalars(select(Incident).where(Incident.id.in_(asked)))
    incidents = {row.id: row for row in rows}
    if not incidents:
        raise NotFound
    sent = await _sent_to(session, asked)
    pool = await _read_pool(session, terms, now=now)
    found = Proposal()
    wanted: list[tuple[Wanting, Card]] = []
    for incident_id in asked:
        incident = incidents.get(incident_id)
        code = _obstacle(incident)
        if code is not None or incident is None:
            found.unassigned[incident_id] = code or "not_found"
            continue
        card = _card_of(incident, sent[incident_id], pool, terms)
        found.cards.append(card)
        wanted.append((_wanting_of(incident, sent[incident_id]), card))
        if not any(one.lacking for one in card.filled):
            found.unassigned[incident_id] = "complete"
    choosing = Choosing(session, pool, wanted, terms, graph=graph, now=now)
    await choosing.choose(found)
    await _add_cover(session, found, pool, terms, now=now)
    return found


def _obstacle(incident: Incident | None) -> str | None:
    """Return why nobody can be sent to an incident, whoever they are."""
    if incident is None:
        return "not_found"
    if location_of(incident) is None:
        return "unplaced"
    try:
        require_open(ORDINARY, at=incident.status, step="assign")
    except MaplebridgeError:
        return "closed"
    return None


@dataclass(frozen=True, slots=True)
class _SentTo:
    active: list[tuple[int, str]] = field(default_factory=list)
    ended: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


async def _sent_to(session: AsyncSession, incidents: Sequence[int]) -> dict[int, _SentTo]:
    found = {incident: _SentTo() for incident in incidents}
    for incident, force, role, status, active in await session.execute(SENT, {"incidents": [*incidents]}):
        if active:
            found[incident].active.append((force, role))
        else:
            found[incident].ended[status].add(force)
    return found


async def _read_pool(session: AsyncSession, terms: ProposalTerms, *, now: datetime) -> Pool:
    parameters = {
        "lon": 0.0,
        "lat": 0.0,
        "incident": 0,
        "fresh_since": stale_before(terms.dispatch, now=now),
        "day_ago": now - DAY,
        "now": now,
    }
    rows = await session.execute(EVERYBODY_FACTS, parameters)
    return Pool([candidate_of(row) for row in rows], levels=terms.levels, terms=terms.dispatch, now=now)


def _card_of(incident: Incident, sent: _SentTo, pool: Pool, terms: ProposalTerms) -> Card:
    kept = kept_package(incident.package, category=incident.category, risk=incident.risk)
    package = kept or package_for(terms.packages, category=incident.category, risk=incident.risk)
    slots = package.slots_at(incident.level, terms.levels) if package else ALONE
    return Card(
        incident.id,
        package,
        kept is not None,
        fill(slots, [_sent(one, role, pool) for one, role in sent.active], category=incident.category),
    )


def _sent(force: int, role: str, pool: Pool) -> Sent:
    one = pool.by_id.get(force)
    if one is None:
        return Sent(force, role)
    return Sent(force, role, kind=one.kind, specialities=one.specialities, level=pool.level_of(force))


def _wanting_of(incident: Incident, sent: _SentTo) -> Wanting:
    lon, lat = location_of(incident) or (0.0, 0.0)
    return Wanting(
        incident=incident.id,
        lon=lon,
        lat=lat,
        risk=incident.risk,
        facts=facts_of(incident),
        declined=frozenset(sent.ended["declined"]),
        recalled=frozenset(sent.ended["recalled"]),
        sent=frozenset(force for force, _ in sent.active),
    )


async def _add_cover(
    session: AsyncSession, found: Proposal, pool: Pool, terms: ProposalTerms, *, now: datetime
) -> None:
    """Add the towns that forces leave, with who is left there."""
    going = {one.ranked.candidate.force for one in found.proposed}
    if not going:
        return
    covers: list[Cover | None] = [
        cover for cover in terms.minimums if holds(cover, now=now, zone=terms.zone, calendar=terms.calendar)
    ]
    below = terms.levels[min(1, len(terms.levels) - 1)]
    day = now.astimezone(terms.zone).date()
    divisions = await list_named(session, day=day, levels=[cover.at for cover in covers if cover] or [below])
    forces = [*pool.by_id.values()]
    lefts: list[Left] = []
    for cover in covers or [None]:
        level = cover.at if cover else below
        towns = [Town(one.path, one.name, one.lon, one.lat) for one in divisions if one.level == level]
        lefts += cover_of([cover], towns, forces, going)
    found.cover = sorted(
        (one for one in lefts if one.left < one.free), key=lambda one: (-one.gap, one.town.path, one.least)
    )
    found.move_up = move_up(lefts, forces, going, minutes=terms.dispatch.minutes)
