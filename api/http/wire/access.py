"""Sign-in and the current user on the wire."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.http.wire.shapes import In, Out
from ingest.reports.fields import PlainText


class SignInIn(In):
    """Username and password, which is taken exactly as typed."""

    username: PlainText = Field(min_length=1, max_length=64)
    password: Annotated[str, StringConstraints(strip_whitespace=False)] = Field(min_length=1, max_length=256)


class ScopeOut(Out):
    """The division whose subtree a user sees. `bbox` is west, south, east, north; null until boundaries are
    imported.
    """

    code: str
    name: str
    level: str | None
    path: str
    bbox: tuple[float, float, float, float] | None


class MeOut(Out):
    """The current user and their permissions."""

    id: int
    username: str
    display_name: str
    role: str
    permissions: list[str]
    scope: ScopeOut
    force: int | None
    sources: list[str] = Field(description="Codes of the sources that the user may report under, if any.")
    locale: str = Field(description="zh-CN or en, from the browser's languages.")
