"""The roster as a calendar that phones subscribe to, by a secret link: calendars cannot sign in.

The link is a session of its own kind, of which the digest alone is kept; it reads this and nothing else. Members of a
force get their own shifts, others those of their division. Notes and names of people are left out, but one's own name.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.body_limits import STEP_BYTES
from api.http.language import Lang
from api.http.ogc.described import UNCHANGED
from api.http.roster_file import CALENDAR, calendar_of
from api.http.routers.roster_files import MOST_SHIFTS, labels_of
from api.http.routers.rosters import names_for
from api.http.transactions import READ_SECONDS, CurrentActor, CurrentServices, SignedInRoute
from api.http.wire.rosters import RosterFeedOut, RosterLinkOut
from console.access.actions import end_feed, open_session, touch_session
from console.access.queries import actor_of, feed_of, find_feed
from console.access.rules import FEED, FEED_LASTS, Actor, Permission
from console.access.tables import Session
from console.rosters.queries import Period, names_of_whos, page_of_shifts, shifts_of
from console.rosters.rules import Span, Who, WhoKind
from console.rosters.tables import Shift
from geo.errors import NotFound

router = APIRouter(route_class=SignedInRoute, prefix="/api/rosters/feed", tags=["rosters"])
calendars = APIRouter(prefix="/api/rosters/feed", tags=["rosters"])

BACK, AHEAD = timedelta(days=14), timedelta(days=60)
SECRET_BYTES = 32
Token = Annotated[str, Path(min_length=20, max_length=64, description="The secret of the link.")]
FILE: dict[int | str, dict[str, Any]] = {200: {"content": {"text/calendar": {"schema": {"type": "string"}}}}}


@router.get("")
async def read_link(actor: CurrentActor, services: CurrentServices) -> RosterFeedOut:
    """Tell whether the caller's calendar has a link, since when, and when a calendar last asked. Never the link."""
    actor.require(Permission.READ_ROSTERS)
    async with services.store.autocommit() as session:
        found = await feed_of(session, actor.user_id, now=services.now())
    return RosterFeedOut.told(found, is_own=actor.force_id is not None)


@router.post("", status_code=201, max_body_size=STEP_BYTES)
async def make_link(
    request: Request, actor: CurrentActor, services: CurrentServices, lang: Lang = "zh"
) -> RosterLinkOut:
    """Make the link of the caller's calendar; one that there was ends. It is told this once, and lasts a year."""
    actor.require(Permission.READ_ROSTERS)
    secret, now = secrets.token_urlsafe(SECRET_BYTES), services.now()
    async with services.store.transaction(actor.reach) as session:
        await end_feed(session, actor.user_id, now=now)
        await open_session(session, actor.user_id, secret=secret, kind=FEED, label="", now=now, lasts=FEED_LASTS)
    url = f"{str(request.base_url).rstrip('/')}/api/rosters/feed/{secret}.ics{'?lang=en' if lang == 'en' else ''}"
    return RosterLinkOut(url=url, expires_at=now + FEED_LASTS, is_own=actor.force_id is not None)


@router.delete("", status_code=204, max_body_size=STEP_BYTES)
async def end_link(actor: CurrentActor, services: CurrentServices) -> None:
    """End the link of the caller's calendar. Without one, nothing happens."""
    async with services.store.transaction(actor.reach) as session:
        await end_feed(session, actor.user_id, now=services.now())


@calendars.get("/{token}.ics", response_class=Response, responses=FILE | UNCHANGED)
async def read_feed(
    token: Token,
    services: CurrentServices,
    lang: Annotated[Lang, Query(description="Of words.")] = "zh",
) -> Response:
    """Return the shifts from two weeks ago to two months ahead as a calendar, by the secret of its link alone.

    404 for a link that has ended.
    """
    async with services.store.autocommit() as session:
        found = await find_feed(session, token, now=services.now())
        if found is not None:
            await touch_session(session, found, now=services.now())
    if found is None:
        raise NotFound
    actor, own = actor_of(found), _own(found)
    if not actor.may(Permission.READ_ROSTERS):
        raise NotFound
    today = services.today()
    span = Period(today - BACK, today + AHEAD, services.pack.zone).span
    async with (
        services.reads.turn(actor.user_id),
        services.store.transaction(actor.reach, statement_seconds=READ_SECONDS) as session,
    ):
        rows = await _shifts(session, actor, own, span)
        names = {
            who: name for who, name in (await names_for(session, actor, rows)).items() if who.kind is not WhoKind.PERSON
        }
        names |= await names_of_whos(session, own)
        labels = await labels_of(session, rows, names, services=services, lang=lang)
    title = services.pack.names.en if lang == "en" else services.pack.names.zh
    labels = replace(labels, with_notes=False)
    content = await asyncio.to_thread(calendar_of, rows, labels, title=title, is_feed=True)
    headers = {"Cache-Control": "private, no-cache", "ETag": f'"{sha256(content).hexdigest()[:32]}"'}
    return Response(content, media_type=CALENDAR, headers=headers)


def _own(found: Session) -> set[Who]:
    """Return the force and the person that the link's user is."""
    ids = {WhoKind.FORCE: found.user.force_id, WhoKind.PERSON: found.user.person_id}
    return {Who(kind, number) for kind, number in ids.items() if number is not None}


async def _shifts(session: AsyncSession, actor: Actor, own: set[Who], span: Span) -> Sequence[Shift]:
    """Return the shifts of the link's own force or person, or those of the whole division."""
    if actor.force_id is not None:
        return await shifts_of(session, own, span)
    rows, _ = await page_of_shifts(session, actor, span, within=actor.scope, limit=MOST_SHIFTS, cancelled=True)
    return rows
