"""Presence in the feed: one shape for events, snapshots and single answers. Masked audiences get none."""

from sqlalchemy import Select, select

from console.feed.actions import Change
from console.feed.bodies import Body, utc_text
from console.feed.kinds import Kind
from console.presence.tables import Presence

NAME = "presence"


def body_of(presence: Presence) -> Body:
    """Build the fields of `PresenceOut`, JSON-ready; times in UTC. `id` is the force's."""
    return {
        "id": presence.id,
        "state": presence.state,
        "since": utc_text(presence.since),
        "task": presence.task_id,
        "reached_at": utc_text(presence.reached_at),
        "seen_at": utc_text(presence.seen_at),
        "notified_task": presence.notified_task_id,
        "notified_at": utc_text(presence.notified_at),
        "version": presence.version,
    }


def change_of(presence: Presence, *, left_path: str | None = None) -> Change:
    """Build the event of what a page said; its force sees it in any division. `left_path`: its old division."""
    return Change(
        kind=NAME,
        entity_id=presence.id,
        version=presence.version,
        division_path=presence.division_path,
        force_ids=frozenset({presence.id}),
        left_path=left_path,
        body=body_of(presence),
    )


def presence_of_force(force_id: int) -> Select[int]:
    """Select a force's own presence."""
    return select(Presence.id).where(Presence.id == force_id)


KIND = Kind(name=NAME, plural="presences", table=Presence, body=body_of, of_force=presence_of_force)
