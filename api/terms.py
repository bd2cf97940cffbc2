"""A pack's terms of dispatch, as the plain values that `console/dispatching` takes."""

from datetime import timedelta

from api.pack import Pack, TravelMode
from console.dispatching.rules import Terms, TravelTime, Weights

METRES_PER_MINUTE = 1000 / 60
"""At one kilometre an hour."""


def terms_of(pack: Pack) -> Terms:
    """How this place chooses whom to send."""
    weights = pack.dispatch.model_dump(exclude={"answer_seconds"})
    return Terms(
        weights=Weights(**weights),
        travel=travel_of(pack.travel),
        answer_within=timedelta(seconds=pack.dispatch.answer_seconds),
    )


def travel_of(modes: tuple[TravelMode, ...]) -> TravelTime:
    """Travel times by mode. A mode that the pack does not know counts as its slowest: better early than promised."""
    known = {mode.mode: mode for mode in modes}
    slowest = min(modes, key=lambda mode: mode.kmh / mode.detour)

    def minutes(distance_m: float, mode: str) -> float:
        way = next((known[name] for name in known if name == mode), slowest)
        return way.start_minutes + distance_m * way.detour / (way.kmh * METRES_PER_MINUTE)

    return minutes
