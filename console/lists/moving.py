"""Move entries of monthly lists with their incidents to other divisions."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from console.deadlines.actions import move_deadlines
from console.lists.tables import ListEntry
from geo.store import BulkMove

SUBJECT = "list"
MOVE = BulkMove(ListEntry, "incident_id", returning=("id", "division_path"))


async def move_entries(session: AsyncSession, paths: Mapping[int, str]) -> None:
    """Put the entries of incidents into the incidents' new divisions, with their deadlines."""
    moved = dict(await MOVE.run(session, paths))
    await move_deadlines(session, SUBJECT, moved)
