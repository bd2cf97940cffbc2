"""JSON of Web Push subscriptions and of their proof."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from api.http.wire.shapes import In, Out
from console.messages.sealing import AUTH_BYTES, decoded, is_point
from console.messages.tables import PushSubscription, TaskMessage


def _bytes_of(value: object) -> bytes:
    try:
        return decoded(value) if isinstance(value, str) else b""
    except ValueError:
        return b""


def _point(value: object) -> bytes:
    found = _bytes_of(value)
    if not is_point(found):
        raise PydanticCustomError("push_key", "is no point of P-256 in base64url")
    return found


def _auth(value: object) -> bytes:
    found = _bytes_of(value)
    if len(found) != AUTH_BYTES:
        raise PydanticCustomError("push_key", "is not 16 bytes in base64url")
    return found


def _written(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


class PushKeysIn(In):
    """The keys of a browser's subscription, as it says them."""

    p256dh: Annotated[bytes, BeforeValidator(_point), _written(r"^B[A-Za-z0-9_-]{86}=?$")]
    auth: Annotated[bytes, BeforeValidator(_auth), _written(r"^[A-Za-z0-9_-]{22}(==)?$")]


class PushIn(In):
    """A browser's subscription to Web Push, and the language of its notices."""

    endpoint: str = Field(min_length=10, max_length=1000, description="The address at the browser's push service.")
    keys: PushKeysIn
    language: Literal["zh", "en"] = "zh"


class PushProofIn(In):
    """What the notice carried."""

    token: str = Field(min_length=10, max_length=100)


class PushTestOut(Out):
    """The last test notice. `taken_at`: when the push service had it, which says nothing of the phone."""

    asked_at: datetime
    taken_at: datetime | None
    shown_at: datetime | None
    fault: str | None = Field(description="Why the push service has not taken it: a status, or the name of an error.")


class PushOut(Out):
    """Web Push of this sign-in's browser. No answer tells its address or keys."""

    key: str | None = Field(description="The server's public key. Null: this server sends no Web Push.")
    subscribed: bool
    made_at: datetime | None = None
    proven_at: datetime | None = Field(None, description="When the phone last showed a notice.")
    failing_since: datetime | None = Field(None, description="Since when its push service has taken none.")
    fault: str | None = None
    test: PushTestOut | None = None

    @classmethod
    def told(cls, key: str | None, found: PushSubscription | None, test: TaskMessage | None) -> Self:
        if found is None:
            return cls(key=key, subscribed=False)
        return cls(
            key=key,
            subscribed=True,
            made_at=found.made_at,
            proven_at=found.proven_at,
            failing_since=found.failing_since,
            fault=found.fault,
            test=None
            if test is None
            else PushTestOut(asked_at=test.made_at, taken_at=test.sent_at, shown_at=test.shown_at, fault=test.fault),
        )
