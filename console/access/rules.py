"""Roles, permissions, and the actor that every action receives. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from geo.errors import ErrorKind, MaplebridgeError
from geo.store import Reach
from geo.text import has_unseen


class Forbidden(MaplebridgeError):
    """The actor's role lacks the permission."""

    code = "access.forbidden"
    kind = ErrorKind.FORBIDDEN


class SignInRefused(MaplebridgeError):
    """Wrong name or password, or disabled. The response does not reveal which, and takes the same time."""

    code = "session.refused"
    kind = ErrorKind.NOT_SIGNED_IN


class UnknownUser(MaplebridgeError):
    """No user of that name. `params`: `username`."""

    code = "user.unknown"
    kind = ErrorKind.NOT_FOUND


class UsernameTaken(MaplebridgeError):
    """A user of that name exists. `params`: `username`."""

    code = "user.exists"
    kind = ErrorKind.CONFLICT


class BadDisplayName(MaplebridgeError):
    """Empty, longer than 100 letters, or with a character that nobody sees. `params`: `username`."""

    code = "user.display_name"
    kind = ErrorKind.INVALID


class BadLabel(MaplebridgeError):
    """Longer than 100 letters, or with a character that nobody sees. `params`: `username`."""

    code = "token.label"
    kind = ErrorKind.INVALID


class BadUsername(MaplebridgeError):
    """Not 2 to 32 of a–z, 0–9, dot, dash and underscore, beginning with a letter. `params`: `username`."""

    code = "user.name"
    kind = ErrorKind.INVALID


class UnknownRole(MaplebridgeError):
    """No such role. `params`: `role`, `roles`."""

    code = "user.role"
    kind = ErrorKind.INVALID


class ForceMissing(MaplebridgeError):
    """The role needs a force, and none is given. `params`: `username`, `role`."""

    code = "user.force_missing"
    kind = ErrorKind.INVALID


class ForceUnwanted(MaplebridgeError):
    """The role has no force, and one is given. `params`: `username`, `role`."""

    code = "user.force_unwanted"
    kind = ErrorKind.INVALID


SEEN_EVERY = timedelta(minutes=1)
WALL_LASTS = timedelta(days=90)
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")


class Permission(StrEnum):
    """Permissions of roles. The database confines all reading to the actor's scope in addition."""

    VIEW_HALL = "hall.view"
    VIEW_WALL = "wall.view"
    READ_INCIDENTS = "incidents.read"
    REPORT_INCIDENTS = "incidents.report"
    EDIT_INCIDENTS = "incidents.edit"
    DISPATCH = "tasks.dispatch"
    ANSWER_OWN_TASKS = "tasks.answer_own"
    ANSWER_ANY_TASK = "tasks.answer_any"
    REPORT_OWN_POSITION = "positions.report_own"
    REPORT_ANY_POSITION = "positions.report_any"
    READ_FORCES = "forces.read"
    EDIT_FORCES = "forces.edit"
    READ_TRAILS = "forces.trail"
    READ_TELEPHONES = "forces.telephone"
    READ_LAYERS = "layers.read"
    READ_HEALTH = "health.read"
    READ_PLANS = "plans.read"
    DRAW_PLANS = "plans.draw"
    REVIEW_PLANS = "plans.review"
    PUBLISH_PLANS = "plans.publish"
    EDIT_GRIDS = "grids.edit"
    READ_POSTS = "posts.read"
    EDIT_POSTS = "posts.edit"
    MOVE_CASES = "cases.move"
    READ_ROSTERS = "rosters.read"
    EDIT_ROSTERS = "rosters.edit"
    READ_ATTACHMENTS = "attachments.read"
    ADD_ATTACHMENTS = "attachments.add"
    READ_VIEWINGS = "viewings.read"
    ANSWER_WARNINGS = "warnings.answer"
    READ_ACCOUNTS = "accounts.read"
    EDIT_ACCOUNTS = "accounts.edit"


_READER = frozenset({Permission.VIEW_HALL, Permission.VIEW_WALL, Permission.READ_INCIDENTS, Permission.READ_FORCES,
                     Permission.READ_LAYERS, Permission.READ_HEALTH, Permission.READ_ROSTERS})  # fmt: skip
_HANDLER = frozenset({Permission.READ_INCIDENTS, Permission.READ_LAYERS, Permission.READ_POSTS, Permission.MOVE_CASES,
                      Permission.READ_ROSTERS})  # fmt: skip

ROLES = MappingProxyType(
    {
        "operator": _READER
        | {
            Permission.REPORT_INCIDENTS,
            Permission.EDIT_INCIDENTS,
            Permission.DISPATCH,
            Permission.EDIT_FORCES,
            Permission.READ_ATTACHMENTS,
            Permission.ADD_ATTACHMENTS,
            Permission.READ_TRAILS,
            Permission.READ_TELEPHONES,
            Permission.READ_POSTS,
            Permission.MOVE_CASES,
        },
        "patrol": frozenset(
            {
                Permission.ANSWER_OWN_TASKS,
                Permission.REPORT_OWN_POSITION,
                Permission.READ_LAYERS,
                Permission.READ_ROSTERS,
            }
        ),
        "planner": frozenset(
            {
                Permission.READ_LAYERS,
                Permission.VIEW_WALL,
                Permission.READ_PLANS,
                Permission.DRAW_PLANS,
                Permission.PUBLISH_PLANS,
                Permission.EDIT_GRIDS,
                Permission.READ_ROSTERS,
                Permission.EDIT_ROSTERS,
            }
        ),
        "clerk": _HANDLER | {Permission.REPORT_INCIDENTS, Permission.READ_ATTACHMENTS, Permission.ADD_ATTACHMENTS},
        "handler": _HANDLER | {Permission.READ_ATTACHMENTS, Permission.ADD_ATTACHMENTS},
        "interviewer": _HANDLER,
        "leader": _READER
        | {Permission.MOVE_CASES, Permission.READ_ATTACHMENTS, Permission.READ_VIEWINGS, Permission.ANSWER_WARNINGS},
        "supervisor": _READER
        | {
            Permission.EDIT_INCIDENTS,
            Permission.READ_ATTACHMENTS,
            Permission.ADD_ATTACHMENTS,
            Permission.READ_TRAILS,
            Permission.READ_PLANS,
            Permission.REVIEW_PLANS,
            Permission.PUBLISH_PLANS,
            Permission.EDIT_GRIDS,
            Permission.READ_POSTS,
            Permission.MOVE_CASES,
            Permission.EDIT_ROSTERS,
            Permission.READ_VIEWINGS,
            Permission.ANSWER_WARNINGS,
        },
        "admin": frozenset(
            {
                Permission.READ_LAYERS,
                Permission.READ_HEALTH,
                Permission.READ_POSTS,
                Permission.EDIT_POSTS,
                Permission.READ_ROSTERS,
                Permission.READ_ACCOUNTS,
                Permission.EDIT_ACCOUNTS,
            }
        ),
        "auditor": frozenset(
            {
                Permission.READ_INCIDENTS,
                Permission.READ_FORCES,
                Permission.READ_LAYERS,
                Permission.READ_PLANS,
                Permission.READ_POSTS,
                Permission.READ_ROSTERS,
                Permission.READ_ATTACHMENTS,
                Permission.READ_VIEWINGS,
                Permission.READ_ACCOUNTS,
            }
        ),
        "source": frozenset({Permission.REPORT_INCIDENTS}),
        "gateway": frozenset(
            {
                Permission.REPORT_ANY_POSITION,
                Permission.ANSWER_ANY_TASK,
                Permission.READ_FORCES,
                Permission.READ_INCIDENTS,
                Permission.READ_LAYERS,
            }
        ),
        "wall": frozenset({Permission.VIEW_WALL, Permission.READ_LAYERS}),
    }
)
"""Each role's permissions. `source`, `gateway` and `wall` are programs and screens, not people.

A `handler` 承办人 works on cases in a unit, an `interviewer` 回访员 asks reporters afterwards, a `leader` 领导 takes
charge. Which moves of a case each may make, the pack says.
"""

PROGRAM_ROLES = frozenset({"source", "gateway"})
"""Roles of programs, which send without a user watching."""


class SourceForeign(MaplebridgeError):
    """The account may not report under this source. `params`: `source`, and `own`, those that it may."""

    code = "source.not_own"
    kind = ErrorKind.FORBIDDEN


class SourcesUnwanted(MaplebridgeError):
    """The role does not report. `params`: `username`, `role`."""

    code = "user.sources"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user or program, with the division whose subtree they may see, and the sources of their own."""

    user_id: int
    username: str
    role: str
    scope: str
    force_id: int | None = None
    sources: frozenset[str] = frozenset()

    @property
    def reach(self) -> Reach:
        return Reach(scope=self.scope, force_id=self.force_id)

    def may(self, permission: Permission) -> bool:
        return permission in ROLES[self.role]

    def reports_as(self, *, desks: frozenset[str]) -> frozenset[str]:
        """Return the sources that the actor may report under: their own, or for people without any those of a desk."""
        return self.sources or (frozenset() if self.role in PROGRAM_ROLES else desks)

    def require(self, permission: Permission) -> None:
        """Raise `Forbidden` unless the role has the permission."""
        if not self.may(permission):
            raise Forbidden(permission=permission)


@dataclass(frozen=True, slots=True)
class NewUser:
    """A user to add. `scope` is the path of the division whose subtree they may see."""

    username: str
    display_name: str
    role: str
    scope: str
    force_id: int | None = None
    sources: tuple[str, ...] = ()


LONGEST_NAME = 100


def typed_name(username: str) -> str:
    """Return the name that somebody typed, as it is stored: keyboards of phones add capitals and spaces."""
    return username.strip().lower()


def check_new_user(new: NewUser) -> None:
    """Raise `BadUsername`, `BadDisplayName`, `UnknownRole`, `ForceMissing`, `ForceUnwanted` or `SourcesUnwanted` unless
    the user can be added.
    """
    if not _USERNAME.fullmatch(new.username):
        raise BadUsername(username=new.username)
    if new.role not in ROLES:
        raise UnknownRole(role=new.role, roles=sorted(ROLES))
    check_display_name(new.username, new.display_name)
    check_force(new.username, role=new.role, force_id=new.force_id)
    check_sources(new.username, role=new.role, sources=new.sources)


def check_display_name(username: str, name: str) -> None:
    """Raise `BadDisplayName` for a name that is empty, too long, or holds what nobody sees."""
    if not name.strip() or len(name) > LONGEST_NAME or has_unseen(name):
        raise BadDisplayName(username=username)


def check_label(username: str, label: str) -> None:
    """Raise `BadLabel` for a token's note that is too long or holds what nobody sees."""
    if len(label) > LONGEST_NAME or has_unseen(label):
        raise BadLabel(username=username)


def check_sources(username: str, *, role: str, sources: Collection[str]) -> None:
    """Raise `SourcesUnwanted` if a role that does not report is given sources."""
    if sources and Permission.REPORT_INCIDENTS not in ROLES[role]:
        raise SourcesUnwanted(username=username, role=role)


def check_force(username: str, *, role: str, force_id: int | None) -> None:
    """Raise `ForceMissing` or `ForceUnwanted`: roles that respond to a force's tasks need a force, other roles must
    have none.
    """
    wanted = Permission.ANSWER_OWN_TASKS in ROLES[role]
    if wanted and force_id is None:
        raise ForceMissing(username=username, role=role)
    if not wanted and force_id is not None:
        raise ForceUnwanted(username=username, role=role)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Kind and longest duration of the session that a sign-in by password opens."""

    kind: str
    lasts: timedelta


def sign_in_of(role: str, *, lasts: timedelta) -> SignIn:
    """Return the session for a role. People's end after `lasts`, and when idle; a wall's last 90 days, without a user
    there.
    """
    return SignIn("wall", WALL_LASTS) if role == "wall" else SignIn("cookie", lasts)


FEED, FEED_LASTS = "feed", timedelta(days=365)
"""The kind of a session that is the link of a calendar: it reads its feed and nothing else."""


def is_idle(kind: str, *, last_seen_at: datetime, now: datetime, idle: timedelta) -> bool:
    """Return whether a session has ended by disuse. Only people's do: a program may have nothing to send for a week."""
    return kind == "cookie" and now - last_seen_at >= idle
