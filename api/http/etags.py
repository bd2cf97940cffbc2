"""Conditional requests after RFC 9110: `ETag`, `If-Match` and `If-None-Match`, everywhere an `ETag` is given.

An `ETag` is a version number in quotes, or the digest of a tile or a file. A proxy that compresses turns `"7"` into
`W/"7"`. A version is that of the resource's state, whatever its encoding, so that a weakened tag names it just as well:
`If-Match` accepts it, where RFC 9110 would have it refused for ever.
"""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.errors import problem
from geo.errors import Stale
from geo.versions import Condition

KEPT = ("ETag", "Cache-Control", "Vary", "Content-Location", "Date", "Expires")
"""Headers of a 200 that its 304 repeats."""

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*(?:,[ \t]*)+{_TAG})*[ \t,]*")
_VERSION = re.compile(r'"([1-9]\d{0,8})"')


def etag_of(version: int) -> str:
    return f'"{version}"'


@dataclass(frozen=True, slots=True)
class Tags:
    """The entity tags of a condition, without the mark of weak ones; `anything` for `*`."""

    opaque: frozenset[str]
    anything: bool = False

    def name(self, etag: str) -> bool:
        """Compare weakly: equal but for the mark."""
        return self.anything or etag.removeprefix("W/") in self.opaque


def tags_of(header: str | None) -> Tags | None:
    """Parse a list of entity tags. None without the header; a header of another format names nothing."""
    if header is None:
        return None
    if header.strip() == "*":
        return Tags(frozenset(), anything=True)
    found = re.findall(_TAG, header) if _TAGS.fullmatch(header) else []
    return Tags(frozenset(tag.removeprefix("W/") for tag in found))


def condition_of(if_match: str | None, if_none_match: str | None = None) -> Condition | None:
    """Return the condition of a change, None without one. Raises `Stale` for `If-None-Match: *`, since there is one."""
    wanted, unwanted = tags_of(if_match), tags_of(if_none_match)
    if unwanted is not None and unwanted.anything:
        raise Stale
    any_of = None if wanted is None or wanted.anything else _versions(wanted)
    none_of = _versions(unwanted) if unwanted else frozenset()
    return Condition(any_of, none_of) if any_of is not None or none_of else None


def _versions(tags: Tags) -> frozenset[int]:
    return frozenset(int(found[1]) for tag in tags.opaque if (found := _VERSION.fullmatch(tag)))


async def _expected(
    if_match: Annotated[str | None, Header()] = None,
    if_none_match: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Condition | None:
    return condition_of(if_match, if_none_match)


ExpectedVersion = Annotated[Condition | None, Depends(_expected)]
"""The versions that the caller changes, None for any. Actions raise `Stale` when none of them is current."""


class Conditional:
    """Answers a GET by 304 when `If-None-Match` names the response's `ETag`, by 412 when `If-Match` does not.

    The route has done its work by then; what is saved is the body.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" and scope["method"] == "GET" else {}
        wanted, unwanted = tags_of(headers.get("if-match")), tags_of(headers.get("if-none-match"))
        if wanted is None and unwanted is None:
            await self.app(scope, receive, send)
            return
        replaced = False

        async def send_checked(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] in (200, 206):
                answer = _outcome(Request(scope), message, wanted=wanted, unwanted=unwanted)
                if answer is not None:
                    replaced = True
                    await answer(scope, receive, send)
            if not replaced:
                await send(message)

        await self.app(scope, receive, send_checked)


def _outcome(request: Request, start: Message, *, wanted: Tags | None, unwanted: Tags | None) -> Response | None:
    """Return the response instead, None when the conditions hold. `If-Match` comes first."""
    headers = Headers(raw=start["headers"])
    etag = headers.get("etag")
    if etag is None:
        return None
    if wanted is not None and not wanted.name(etag):
        return problem(request, status=412, code=Stale.code)
    if unwanted is not None and unwanted.name(etag):
        return Response(status_code=304, headers={name: headers[name] for name in KEPT if name in headers})
    return None
