"""Read what a plan's map sheet says."""

from pathlib import Path

from api.http.language import Lang
from api.services import Services
from console.access.rules import Actor
from console.planning.drafts import Draft
from console.planning.tables import Plan
from geo.errors import NotFound


async def sheet_of(services: Services, actor: Actor, plan: Plan, draft: Draft, *, lang: Lang, target: Path) -> None:
    """Write the map sheet of a draft to `target`."""
    raise NotFound
