"""Who may view a camera for an incident, how long, and every refusal. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from console.viewing.terms import ViewingRule, ViewingTerms
from geo.errors import ErrorKind, MaplebridgeError

Standing = Literal["waiting", "granted", "expired", "declined", "refused"]


class ViewingRefused(MaplebridgeError):
    """Base of the refusals that are written down."""


class NoCase(ViewingRefused):
    """A camera is viewed for a case only, and none was named."""

    code = "viewing.no_case"
    kind = ErrorKind.INVALID


class CaseClosed(ViewingRefused):
    """The case is closed."""

    code = "viewing.case_closed"
    kind = ErrorKind.CONFLICT


class NotPermitted(ViewingRefused):
    """The place lets this account view no cameras, or not this one, whoever approves."""

    code = "viewing.not_permitted"
    kind = ErrorKind.FORBIDDEN


class TooLong(ViewingRefused):
    """Longer than anybody may approve. `params`: `limit` in minutes."""

    code = "viewing.too_long"
    kind = ErrorKind.INVALID


class ViewingExpired(ViewingRefused):
    """The time of the grant is over."""

    code = "viewing.expired"
    kind = ErrorKind.CONFLICT


class NotGranted(ViewingRefused):
    """The request waits to be approved, or was declined."""

    code = "viewing.not_granted"
    kind = ErrorKind.CONFLICT


class OwnRequest(MaplebridgeError):
    """Nobody approves what they have asked for themselves."""

    code = "viewing.own_request"
    kind = ErrorKind.FORBIDDEN


class AlreadyDecided(MaplebridgeError):
    """The request has been approved or declined, or needed no approval."""

    code = "viewing.decided"
    kind = ErrorKind.CONFLICT


class NoPlatform(MaplebridgeError):
    """The server's settings name no video platform."""

    code = "viewing.no_platform"
    kind = ErrorKind.CONFLICT


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks: the role, and the level of the division that the account signs in for."""

    role: str
    level: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """Minutes for which a camera may be viewed at once, and with approval; 0 for not."""

    minutes: int
    approved_minutes: int


NONE = Allowance(0, 0)


def allowance(terms: ViewingTerms, viewer: Viewer, *, owner: str, level: int, category: str) -> Allowance:
    """Return how long a viewer may see a camera of that owner and level for an incident of that category."""
    own = [rule for rule in terms.rules if viewer.role in rule.roles]
    if not own:
        return NONE
    at_once = max((rule.minutes for rule in own if _fits(rule, viewer, owner, level, category)), default=0)
    approved = terms.approved_minutes if terms.approvers else 0
    return Allowance(at_once, max(approved, at_once))


def _fits(rule: ViewingRule, viewer: Viewer, owner: str, level: int, category: str) -> bool:
    return (
        (not rule.at or viewer.level in rule.at)
        and (not rule.owners or owner in rule.owners)
        and (not rule.levels or level in rule.levels)
        and (not rule.to or category in rule.to or category.split(".", 1)[0] in rule.to)
    )


def is_granted(allowed: Allowance, minutes: int) -> bool:
    """Return whether a request needs no approval. Raises `NotPermitted`, `TooLong`."""
    if not allowed.approved_minutes:
        raise NotPermitted
    if minutes > allowed.approved_minutes:
        raise TooLong(limit=allowed.approved_minutes)
    return minutes <= allowed.minutes


def standing_of(
    refusal: str | None, expires_at: datetime | None, declined_at: datetime | None, *, now: datetime
) -> Standing:
    """Return how a request stands."""
    if refusal is not None:
        return "refused"
    if declined_at is not None:
        return "declined"
    if expires_at is None:
        return "waiting"
    return "granted" if now < expires_at else "expired"
