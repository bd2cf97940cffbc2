"""What other weights would have done to past dispatches, over HTTP."""

from datetime import datetime, time, timedelta

from fastapi import APIRouter

from api.http.body_limits import STEP_BYTES
from api.http.errors import Invalid
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, TransactionRoute, allowed
from api.http.wire.weighing import WhatIfIn, WhatIfOut
from api.live.audiences import path_of
from console.access.rules import Permission
from console.board.queries import division_names
from console.weighing.queries import SentWithin, what_if

router = APIRouter(route_class=TransactionRoute, tags=["tasks"])

MONTH = timedelta(days=30)
DAY = timedelta(days=1)
READERS = [allowed(Permission.READ_INCIDENTS), allowed(Permission.READ_FORCES)]


@router.post("/api/dispatch/what-if", dependencies=READERS, max_body_size=STEP_BYTES)
async def weigh_dispatches(
    body: WhatIfIn, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> WhatIfOut:
    """Say what other weights would have done to the dispatches of some days: who would have stood first.

    Each task keeps the ten best of the ranking that its force was chosen from, and the force itself; the minutes of a
    reason are multiplied by the factor of its weight, and summed anew. Nothing is changed.
    """
    today = services.today()
    last = body.to or today
    first = body.from_ or last - MONTH
    if first > last:
        raise Invalid(errors=[{"field": "from", "code": "order"}])
    path = actor.scope if body.scope is None else await path_of(session, body.scope, actor=actor, day=today)
    zone = services.pack.zone
    since, until = (datetime.combine(day, time(), zone) for day in (first, last + DAY))
    answer = await what_if(session, actor, SentWithin(since, until, path), body.weights)
    names = await division_names(session, [path for path, *_ in answer.divisions])
    return WhatIfOut.of(
        answer, scope=path.rpartition(".")[2], days=(first, last), terms=services.pack.dispatch, names=names
    )
