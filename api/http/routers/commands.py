"""Commands of phones over HTTP: what was done without a network, sent later, and done once."""

from itertools import islice
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from api.http.body_limits import FIXES_BYTES, SIGN_IN_BYTES
from api.http.errors import TooLarge
from api.http.transactions import CurrentActor, CurrentServices, CurrentSession, SignedInRoute, TransactionRoute
from api.http.wire.commands import LINES, REF, CommandAnswer, CommandsOut, KeptCommandOut
from api.http.wire.shapes import Moment, Page
from api.intake.commands.receiving import Receiver
from api.intake.commands.settling import Verdict, settle
from console.commands.queries import list_unsettled
from console.tasks.queries import tasks_by_id
from ingest.commands.lines import MOST_LINES
from ingest.reports.batch import lines_of

BODY = {
    "required": False,
    "description": f"NDJSON: one command a line, at most {MOST_LINES}. Empty to say no more than what is unsent.",
    "content": {
        "application/x-ndjson": {
            "schema": {
                "type": "array",
                "items": {"anyOf": [{"$ref": REF.format(model=line.__name__)} for line in LINES]},
            }
        }
    },
}

router = APIRouter(route_class=TransactionRoute, prefix="/api/commands", tags=["commands"])
batches = APIRouter(route_class=SignedInRoute, prefix="/api/commands", tags=["commands"])


@batches.post("", response_model=CommandsOut, openapi_extra={"requestBody": BODY}, max_body_size=FIXES_BYTES)
async def take(
    request: Request,
    actor: CurrentActor,
    services: CurrentServices,
    sent_at: Annotated[Moment | None, Query(description="The phone's clock as it sends: theirs are compared.")] = None,
    unsent: Annotated[int | None, Query(ge=0, le=100_000, description="Entries that stay on the phone.")] = None,
    device: Annotated[UUID | None, Query(description="The store, to say this of it without a line.")] = None,
) -> CommandsOut:
    """Take commands, each in a transaction of its own. A line that is wrong holds up no other.

    Each line is done once, however often and however many at a time it comes, and gets the same answer each time.
    """
    lines = [line for _, line in islice(lines_of(await request.body()), MOST_LINES + 1)]
    if len(lines) > MOST_LINES:
        raise TooLarge(lines=MOST_LINES)
    receiver = Receiver(services.store, actor, services.pack, services.casework, now=services.now, sent_at=sent_at)
    ahead = receiver.ahead()
    if device is not None:
        await receiver.hear([device], unsent=unsent, ahead=ahead)
    answers = await receiver.take(lines, unsent=unsent)
    items = [CommandAnswer.model_validate(answer) for answer in answers]
    refused = sum(item.status == "refused" for item in items)
    request.state.tally = (len(items) - refused, refused)
    return CommandsOut(items=items, now=services.now(), ahead_s=round(ahead.total_seconds()))


@router.get("")
async def list_all(session: CurrentSession, actor: CurrentActor) -> Page[KeptCommandOut]:
    """List the commands that somebody has to decide on: one's own, or for readers of incidents those within reach."""
    kept = await list_unsettled(session, actor)
    tasks = await tasks_by_id(session, {one.task_id for one in kept if one.task_id is not None})
    return Page[KeptCommandOut](items=[KeptCommandOut.of(one, tasks.get(one.task_id or 0)) for one in kept])


@router.post("/{command_id}/{verdict}", max_body_size=SIGN_IN_BYTES)
async def decide(
    command_id: UUID, verdict: Verdict, session: CurrentSession, actor: CurrentActor, services: CurrentServices
) -> KeptCommandOut:
    """Put a command aside (`dismiss`), or let the outcome in it hold (`restore`), for which one has to dispatch.

    409 `command.settled` where nothing is to be decided, or nothing can be restored.
    """
    settled = await settle(session, actor, command_id, verdict, now=services.now())
    tasks = await tasks_by_id(session, {settled.task_id} if settled.task_id else ())
    return KeptCommandOut.of(settled, tasks.get(settled.task_id or 0))
