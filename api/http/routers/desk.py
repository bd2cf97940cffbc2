"""Settings of the front desk 导服台."""

from fastapi import APIRouter

from api.http.transactions import CurrentServices, SignedInRoute, allowed
from api.http.wire.desk import DeskOut, HintOut
from console.access.rules import Permission

router = APIRouter(route_class=SignedInRoute, tags=["desk"])


@router.get("/api/desk", dependencies=[allowed(Permission.REPORT_INCIDENTS)])
async def read_desk(services: CurrentServices) -> DeskOut:
    """Read the words by which the desk suggests a category for what a visitor tells."""
    hints = services.pack.desk.hints
    return DeskOut(hints=[HintOut(category=hint.category, words=[*hint.words]) for hint in hints])
