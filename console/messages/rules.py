"""Decide which push services are allowed, what an answer means, and what a message says. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from geo.errors import ErrorKind, MaplebridgeError

About = Literal["sent", "recalled", "test"]

SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.notify.windows.com",
    "web.push.apple.com",
)
"""The push services of Chrome, Firefox, Edge and Safari. `*.` stands for one name or more."""

TRIED_FOR = timedelta(hours=1)
"""A message is tried so long at most; one of a new task until the task is answered or recalled."""

RECALL_TOLD_FOR, TEST_TRIED_FOR = timedelta(minutes=15), timedelta(minutes=1)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)
SHORTEST_LIFE = timedelta(minutes=1)
HTTPS = 443


class PushNotOffered(MaplebridgeError):
    """This server sends no Web Push: its keeper has not set it up."""

    code = "push.not_offered"
    kind = ErrorKind.CONFLICT


class PushServiceRefused(MaplebridgeError):
    """The subscription is of a push service that is not allowed. `params`: `host`."""

    code = "push.service"
    kind = ErrorKind.INVALID


class NoSubscription(MaplebridgeError):
    """This sign-in has no subscription to Web Push."""

    code = "push.no_subscription"
    kind = ErrorKind.CONFLICT


class Outcome(StrEnum):
    """What the answer to a message means. Taken: the receiver has it, which says nothing of the phone."""

    TAKEN = "taken"
    GONE = "gone"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a message; `fault` is a status or the name of an error, `wait` what the receiver asks for."""

    outcome: Outcome
    fault: str | None = None
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where to send to a phone. Secret."""

    id: int
    endpoint: str
    p256dh: bytes
    auth: bytes
    language: str


@dataclass(frozen=True, slots=True)
class TaskSaid:
    """What a message may say of a task: codes and times. `force` is the force's code."""

    id: int
    force: str
    role: str
    risk: str
    sent_at: datetime
    answer_due_at: datetime


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that was taken to be sent: to a subscription, or to the hook where it has none."""

    id: int
    about: About
    made_at: datetime
    task: TaskSaid | None = None
    to: Subscription | None = None


def service_of(endpoint: str, allowed: Collection[str]) -> str:
    """Return the host, and port if it is another than 443, of a subscription's address.

    Raises PushServiceRefused unless it is https and one of `allowed`.
    """
    host, port = "", None
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise PushServiceRefused(host="") from error
    where = host if port in (None, HTTPS) else f"{host}:{port}"
    bad = parts.scheme != "https" or "@" in parts.netloc or _is_address(host) or not _is_allowed(where, allowed)
    if bad:
        raise PushServiceRefused(host=where[:100])
    return where


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_allowed(where: str, allowed: Collection[str]) -> bool:
    return any(where.endswith(name[1:]) if name.startswith("*.") else where == name for name in allowed)


def meaning_of_push(status: int, retry_after: str | None) -> Answer:
    """Return what a push service's answer means: 404 and 410 end that subscription, the faults of others pass."""
    if 200 <= status < 300:
        return Answer(Outcome.TAKEN)
    if status in (404, 410):
        return Answer(Outcome.GONE, str(status))
    if status in (408, 425, 429) or status >= 500:
        return Answer(Outcome.LATER, str(status), _wait_of(retry_after))
    return Answer(Outcome.REFUSED, str(status))


def meaning_of_hook(status: int, retry_after: str | None) -> Answer:
    """Return what the hook's answer means: whatever is not 2xx is tried again, since its keeper may mend it."""
    if 200 <= status < 300:
        return Answer(Outcome.TAKEN)
    return Answer(Outcome.LATER, str(status), _wait_of(retry_after))


def _wait_of(retry_after: str | None) -> timedelta | None:
    """Read `Retry-After` in seconds; as a date it counts for nothing."""
    if retry_after is None or not re.fullmatch(r"\d{1,6}", retry_after.strip(), re.ASCII):
        return None
    return min(TRIED_FOR, timedelta(seconds=int(retry_after)))


def wait_after(attempts: int, asked: timedelta | None = None) -> timedelta:
    """Return how long a message waits after so many attempts: what the receiver asked for, or else longer each time."""
    doublings = min(max(attempts, 1) - 1, 10)
    return asked or min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))


def life_of(message: Outgoing, *, now: datetime) -> timedelta:
    """Return how long a push service may keep a message for a phone that it does not reach: until the answer is due."""
    if message.about == "test":
        return TEST_TRIED_FOR
    if message.about == "recalled" or message.task is None:
        return RECALL_TOLD_FOR
    return max(SHORTEST_LIFE, min(TRIED_FOR, message.task.answer_due_at - now))


def push_said(message: Outgoing, *, token: str) -> dict[str, Any]:
    """Return what a phone is sent: what it is about and in which language to say so. A locked screen shows no more."""
    said: dict[str, Any] = {
        "about": message.about,
        "token": token,
        "language": message.to.language if message.to else "",
    }
    return said | ({} if message.task is None else {"task": message.task.id})


def hook_said(message: Outgoing) -> Mapping[str, Any]:
    """Return what the hook is sent: codes and times; no resident's name, place or words, and no case code."""
    said: dict[str, Any] = {"type": f"task.{message.about}", "at": message.made_at.isoformat()}
    if message.task is None:
        return said
    task = message.task
    return said | {
        "task": task.id,
        "force": task.force,
        "role": task.role,
        "risk": task.risk,
        "sent_at": task.sent_at.isoformat(),
        "answer_due_at": task.answer_due_at.isoformat(),
    }


def key_of(message: Outgoing) -> str:
    """Return what a message is known by, the same however often it is sent."""
    return f"task:{message.task.id if message.task else ''}:{message.about}"
