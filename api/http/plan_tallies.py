"""Counts on the lines that drafts begin with, as routes ask for them."""

from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncSession

from api.services import Services
from console.access.rules import Actor
from console.planning.counts import Tally
from console.planning.drafts import Draft
from console.planning.drawing import Span
from console.planning.rules import MONTHS, months_before


async def tally_of(
    session: AsyncSession, actor: Actor, services: Services, draft: Draft, *, months: int = MONTHS, anew: bool = False
) -> Tally:
    """Return the counts on the lines that a draft begins with, of the months up to today."""
    day = months_before(services.today(), months)
    span = Span(months, datetime.combine(day, time(), tzinfo=services.pack.zone))
    return await services.tallies.of(session, actor, draft.base, span=span, now=services.now(), anew=anew)
