"""Signing in, and who one is, on the wire."""

from pydantic import Field

from api.http.wire.shapes import In, Out
from ingest.reports.report import Words


class SignInIn(In):
    """A name and a password."""

    username: Words = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=256)


class ScopeOut(Out):
    """The division whose subtree a user sees. `bbox` is west, south, east, north; null while no lines are known."""

    code: str
    name: str
    level: str | None
    path: str
    bbox: tuple[float, float, float, float] | None


class MeOut(Out):
    """Whoever is signed in, and what they may do."""

    username: str
    display_name: str
    role: str
    permissions: list[str]
    scope: ScopeOut
    force: int | None
    locale: str = Field(description="zh-CN or en, by the browser's own wish.")
