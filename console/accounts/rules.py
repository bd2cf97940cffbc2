"""What an administrator may do with accounts. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from console.access.rules import PROGRAM_ROLES, ROLES, Actor, Permission
from geo.errors import ErrorKind, MaplebridgeError
from geo.store import lies_within


class ScopeTooWide(MaplebridgeError):
    """The division is not within the administrator's own. `params`: `username`."""

    code = "user.scope_too_wide"
    kind = ErrorKind.FORBIDDEN


class LastAdministrator(MaplebridgeError):
    """No other administrator could let anybody into the division. `params`: `username`."""

    code = "user.last_admin"
    kind = ErrorKind.CONFLICT


class TokenUnwanted(MaplebridgeError):
    """The account signs in with a password; tokens are for programs and for phones of patrols. `params`: `username`."""

    code = "token.person"
    kind = ErrorKind.CONFLICT


class TokenUnknown(MaplebridgeError):
    """The account has no such token that is valid. `params`: `username`."""

    code = "token.unknown"
    kind = ErrorKind.NOT_FOUND


class StaffUnknown(MaplebridgeError):
    """Nobody on the staff of the administrator's own division has the code. `params`: `person`."""

    code = "staff.unknown"
    kind = ErrorKind.INVALID


class StaffHasAccount(MaplebridgeError):
    """The person has an account that is not disabled. `params`: `person`."""

    code = "staff.has_account"
    kind = ErrorKind.CONFLICT


class StaffAbove(MaplebridgeError):
    """The person holds a post beyond the administrator's own division, whose cases the account would have.

    `params`: `person`, `unit`.
    """

    code = "staff.above"
    kind = ErrorKind.FORBIDDEN


class ForceUnknown(MaplebridgeError):
    """No force has the code. `params`: `code`."""

    code = "force.unknown"
    kind = ErrorKind.INVALID


class SourceUnknown(MaplebridgeError):
    """The pack has no source of the code. `params`: `source`, and `sources`, those there are."""

    code = "source.unknown"
    kind = ErrorKind.INVALID


ADMINISTRATORS = tuple(role for role, has in ROLES.items() if Permission.EDIT_ACCOUNTS in has)


@dataclass(frozen=True, slots=True)
class Account:
    """An account as administrators see it: never its password. `sessions` and `tokens` are those that are live."""

    id: int
    username: str
    display_name: str
    role: str
    scope: str
    sources: tuple[str, ...]
    force_id: int | None
    person_id: int | None
    has_password: bool
    disabled_at: datetime | None
    created_at: datetime
    sessions: int
    tokens: int
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Token:
    """A live token: its purpose and times, never itself."""

    id: int
    label: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AccountEdit:
    """What of an account changes; None stays. A role without a force or sources loses those it had."""

    display_name: str | None = None
    role: str | None = None
    scope: str | None = None
    force_id: int | None = None
    sources: tuple[str, ...] | None = None


def require_scope(actor: Actor, path: str, *, username: str) -> None:
    """Raise `ScopeTooWide` unless a division lies within the administrator's own."""
    if not lies_within(path, actor.scope):
        raise ScopeTooWide(username=username)


def takes_tokens(role: str, *, has_password: bool) -> bool:
    """Whether an account may have tokens: programs, and patrols for the apps on their phones.

    A token of a person's account would let whoever made it act in that person's name, unnoticed.
    """
    return not has_password or role in PROGRAM_ROLES or Permission.ANSWER_OWN_TASKS in ROLES[role]


def is_administrator(role: str) -> bool:
    return role in ADMINISTRATORS


def kept_sources(role: str, sources: Collection[str]) -> list[str]:
    """Return the sources that a role keeps: none where it does not report."""
    return sorted(sources) if Permission.REPORT_INCIDENTS in ROLES[role] else []
