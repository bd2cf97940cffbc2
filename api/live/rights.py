"""Close sockets of users who signed out or whose permissions have changed."""

from datetime import datetime

from api.live.hub import Hub
from api.live.mailbox import RIGHTS_CHANGED, SIGNED_OUT
from console.access.actions import touch_sessions
from console.access.queries import actors_of
from geo.store import NO_REACH, Store


async def close_revoked_sockets(store: Store, hub: Hub, *, now: datetime) -> None:
    """Compare the actor of each socket with its session, and keep the sessions of open sockets in use."""
    members = [*hub.members]
    if not members:
        return
    async with store.transaction(NO_REACH) as session:
        actors = await actors_of(session, {member.session_id for member in members}, now=now)
        await touch_sessions(session, actors.keys(), now=now)
    for member in members:
        actor = actors.get(member.session_id)
        if actor is None:
            member.mailbox.close(SIGNED_OUT, "signed_out")
        elif actor != member.actor:
            member.mailbox.close(RIGHTS_CHANGED, "rights_changed")
