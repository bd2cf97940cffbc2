"""JSON of accounts, for administrators: never a password, and a token only in the answer that makes it."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api.http.wire.register import ShortCode
from api.http.wire.registry import Reason
from api.http.wire.shapes import In, Out
from console.access.rules import LONGEST_NAME
from console.accounts.rules import Account, Token
from console.register.tables import StaffMember
from ingest.reports.fields import PlainText

DisplayName = Annotated[PlainText, Field(min_length=1, max_length=LONGEST_NAME)]
DivisionCode = Annotated[str, Field(pattern=r"^\w{1,32}$", description="The division that the account works in.")]
Secret = Annotated[
    str, StringConstraints(strip_whitespace=False), Field(min_length=1, max_length=256, description="Taken as typed.")
]
Sources = Annotated[list[ShortCode], Field(max_length=50)]


class AccountOut(Out):
    """An account. `sessions` are screens that are signed in, `tokens` those that are valid; `force` is a code."""

    id: int
    username: str
    display_name: str
    role: str
    scope: str
    scope_path: str
    force: str | None
    person: str | None = Field(description="Code of its person in the register of staff.")
    person_name: str | None
    sources: list[str]
    has_password: bool
    disabled_at: datetime | None
    created_at: datetime
    sessions: int
    tokens: int
    last_seen_at: datetime | None

    @classmethod
    def of(cls, account: Account, *, force: str | None, person: StaffMember | None) -> Self:
        same = ("id", "username", "display_name", "role", "has_password", "disabled_at", "created_at")
        more = ("sessions", "tokens", "last_seen_at")
        return cls(
            scope=account.scope.rpartition(".")[2],
            scope_path=account.scope,
            force=force,
            person=person.code if person else None,
            person_name=person.name if person else None,
            sources=list(account.sources),
            **{name: getattr(account, name) for name in same + more},
        )


class AccountIn(In):
    """A new account. Without a password it can act by tokens only. `force` is a code, needed by a patrol."""

    username: Annotated[str, Field(min_length=1, max_length=32)]
    display_name: DisplayName
    role: ShortCode
    scope: DivisionCode
    force: ShortCode | None = None
    sources: Sources = Field([])
    password: Secret | None = None
    reason: Reason


class AccountEditIn(In):
    """What changes of an account; what is left out stays."""

    display_name: DisplayName | None = None
    role: ShortCode | None = None
    scope: DivisionCode | None = None
    force: ShortCode | None = None
    sources: Sources | None = None
    reason: Reason


class AccountPersonIn(In):
    """Who in the register of staff an account is, by a code; null for nobody."""

    person: ShortCode | None
    reason: Reason


class WithReasonIn(In):
    """Why something is done to an account."""

    reason: Reason


class NewPasswordIn(In):
    """A new password: 10 to 256 characters of three classes. Sessions and tokens of the account end."""

    password: Secret
    reason: Reason


class AccountTokenIn(In):
    """A token to make: what for, and for how many days."""

    label: Annotated[PlainText, Field(max_length=LONGEST_NAME)] = ""
    days: Annotated[int, Field(ge=1, le=3650)] = 365
    reason: Reason


class AccountTokenOut(Out):
    """A valid token, without itself."""

    id: int
    label: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, token: Token) -> Self:
        return cls.model_validate(token)


class NewTokenOut(Out):
    """A token, in the only answer that has it."""

    token: str
    expires_at: datetime


class AccountTokensOut(Out):
    """The valid tokens of an account, the latest first."""

    items: list[AccountTokenOut]


class SignedOutOut(Out):
    """How many screens were signed out."""

    sessions: int
