"""Decide when notices are shown, whom they reach, and when a failed sending is tried again. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from geo.errors import ErrorKind, MaplebridgeError

URGE, CIRCULAR, UNANSWERED = "urge", "circular", "urge.unanswered"
"""Kinds of notices besides those of clocks: 催办, 通报, and an urging that got no answer."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)


class NoticeAnswered(MaplebridgeError):
    """The notice has an answer already. `params`: `notice`."""

    code = "notice.answered"
    kind = ErrorKind.CONFLICT


class NoAnswerWanted(MaplebridgeError):
    """The notice asks for no answer. `params`: `notice`."""

    code = "notice.no_answer"
    kind = ErrorKind.CONFLICT


class UrgeUnanswered(MaplebridgeError):
    """The unit is urged for this case already, and has time to answer. `params`: `notice`, `unit`, `answer_due_at`."""

    code = "notice.unanswered"
    kind = ErrorKind.CONFLICT


@dataclass(frozen=True, slots=True)
class Address:
    """Where a notice goes: a post, a unit's queue, or a force. Without any, to those who oversee its division."""

    unit: str | None = None
    post: int | None = None
    force: int | None = None

    @property
    def key(self) -> str:
        return f"{self.unit or ''}/{self.post or ''}/{self.force or ''}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """What reaches a person: their units, posts and force; and what is for those who oversee, if they do."""

    units: frozenset[str] = frozenset()
    posts: frozenset[int] = frozenset()
    force: int | None = None
    oversees: bool = False


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice to write. `key` says what it is about, so that the same one is written once.

    `body` holds codes and numbers; `note` is the words of whoever made it.
    """

    key: str
    kind: str
    division_path: str
    to: Address = Address()
    incident_id: int | None = None
    case_code: str | None = None
    sender: Address = Address()
    made_by: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    urgent: bool = False
    answer_due_at: datetime | None = None


class NoticeHours(Protocol):
    """The hours in which notices are shown."""

    def next_open(self, moment: datetime) -> datetime:
        """Return the moment itself if it is within hours, else when they begin again."""

    def after(self, moment: datetime, hours: int) -> datetime:
        """Return when so many of these hours have passed."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a county's notices are delivered: in which hours, and by which senders to other systems."""

    hours: NoticeHours
    senders: tuple[str, ...] = ()
    answer_hours: int = 7

    def shown_at(self, now: datetime, *, urgent: bool) -> datetime:
        """Return when a notice is shown: at once if urgent, else when the hours begin again if they are over."""
        return now if urgent else self.hours.next_open(now)

    def answer_due_at(self, now: datetime, *, hours: int | None = None) -> datetime:
        """Return until when an urging is to be answered: within `hours`, or else as the pack says."""
        return self.hours.after(now, hours or self.answer_hours)


def wait_of(attempts: int) -> timedelta:
    """Return how long a sending waits after so many failures."""
    doublings: int = min(attempts - 1, 16)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))
