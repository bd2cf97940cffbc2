"""Follow a merge of incidents, and its undoing, with their cases 并案.

A merge is a link: entries stay with the case that they were written on. The clocks of the merged one stop, and run
again when the merge is undone. Its doors count for the main one: the earliest of all that were merged, at first or
second hand, sets its limits.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from console.access.rules import Actor
from console.cases.actions import go_on, opened_of
from console.cases.casework import Casework
from console.cases.writing import Change, publish, write
from console.flow.replay import PREFIX
from console.incidents.duplicates import main_of
from console.incidents.queries import lock_incident
from console.incidents.tables import Incident
from geo.errors import ErrorKind, MaplebridgeError

JOINED = f"{PREFIX}joined"
PARTED = f"{PREFIX}parted"


class MergeParts(MaplebridgeError):
    """The case that would be merged has parts that go on: the main one could be closed without them."""

    code = "incident.merge_parts"
    kind = ErrorKind.CONFLICT


class MergeMending(MaplebridgeError):
    """The case that would be merged is being mended after a dissatisfied answer, and asked about once more at its end:
    merged it would have none, and nobody would be asked.
    """

    code = "incident.merge_mending"
    kind = ErrorKind.CONFLICT


async def join_cases(session: AsyncSession, work: Casework, incident: Incident, *, actor: Actor, now: datetime) -> None:
    """Stop the case of an incident that has just been merged; both incidents are locked.

    A hand-over and calls for help stay as they are, so that it goes on where it stood when the merge is undone. Raises
    `MergeParts`, `MergeMending`.
    """
    main_id = incident.merged_into_id
    assert main_id is not None, "The incident is merged."
    main = await opened_of(session, work, await lock_incident(session, main_id), actor=actor, now=now)
    joined = await opened_of(session, work, incident, actor=actor, now=now)
    if joined.state.parts and await go_on(session, joined.state.parts, of=main_id):
        raise MergeParts
    if await work.follow_ups.is_mending(session, incident.id):
        raise MergeMending
    await work.clocks.join(session, incident, main.incident, now=now)
    if joined.state.joined_to is None:  # Else it was opened only now, as merged.
        after = replace(joined.state, joined_to=main_id)
        change = Change(JOINED, at=now, actor_id=actor.user_id, data={"into": main_id})
        await write(session, work, joined, after, change, clocks_run=False)
    main.case.version += 1
    await publish(session, work, main.case, now=now)


async def part_cases(session: AsyncSession, work: Casework, incident: Incident, *, actor: Actor, now: datetime) -> None:
    """Let the case of an incident that is merged no longer go on, where it stood."""
    opened = await opened_of(session, work, incident, actor=actor, now=now)
    if opened.state.joined_to is None:
        return
    goes_on = await main_of(session, opened.state.joined_to)
    main = await opened_of(session, work, await lock_incident(session, goes_on), actor=actor, now=now)
    await work.clocks.part(session, incident, now=now, main=main.incident)
    after = replace(opened.state, joined_to=None)
    change = Change(PARTED, at=now, actor_id=actor.user_id, data={"from": opened.state.joined_to})
    await write(session, work, opened, after, change, clocks_run=False)
    main.case.version += 1
    await publish(session, work, main.case, now=now)
