"""A pack's terms of dispatch, as the plain values that `console/dispatching` takes."""

from datetime import timedelta

from api.place.pack import Pack
from console.dispatching.rules import Terms, Weights
from geo.travel import Mode, travel_time


def terms_of(pack: Pack) -> Terms:
    """How this place chooses whom to send."""
    weights = pack.dispatch.model_dump(exclude={"answer_seconds"})
    modes: dict[str, Mode] = {
        m.mode: Mode(kmh=m.kmh, detour=m.detour, start_minutes=m.start_minutes) for m in pack.travel
    }
    return Terms(
        weights=Weights(**weights),
        travel=travel_time(modes),
        modes=tuple(modes),
        answer_within=timedelta(seconds=pack.dispatch.answer_seconds),
    )
