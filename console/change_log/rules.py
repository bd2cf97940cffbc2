"""What the log of changes keeps. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Changed(StrEnum):
    """Sorts of changes."""

    UNIT_OPENED = "unit.opened"
    UNIT_EDITED = "unit.edited"
    UNIT_CLOSED = "unit.closed"
    STAFF_ADDED = "staff.added"
    POST_GIVEN = "post.given"
    POST_ENDED = "post.ended"
    USER_ADDED = "user.added"
    USER_EDITED = "user.edited"
    USER_DISABLED = "user.disabled"
    USER_ENABLED = "user.enabled"
    USER_PASSWORD = "user.password"  # noqa: S105
    USER_SIGNED_OUT = "user.signed_out"
    TOKEN_MADE = "token.made"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a subject in a division, with its reason. `details`: by field, before and after."""

    kind: Changed
    subject: str
    path: str
    reason: str
    details: Mapping[str, Any] = field(default_factory=dict)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return, by field, the values before and after of those that differ."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
