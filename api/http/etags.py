"""Versions as HTTP speaks of them: `ETag` says which one an answer is, `If-Match` which one the caller decided on."""

import re
from typing import Annotated

from fastapi import Depends, Header

NO_VERSION = 0
"""Versions begin at one: this one is never current."""


def etag_of(version: int) -> str:
    return f'"{version}"'


def version_of(tag: str | None) -> int | None:
    """The version in an `If-Match` header; None when there is none, or when any version will do (`*`).

    A tag that this server did not give out is `NO_VERSION`: it matches nothing, as the standard wants.
    """
    if tag is None or tag.strip() == "*":
        return None
    found = re.fullmatch(r'"(\d{1,9})"', tag.strip())
    return int(found.group(1)) if found else NO_VERSION


async def _expected(if_match: Annotated[str | None, Header()] = None) -> int | None:
    return version_of(if_match)


ExpectedVersion = Annotated[int | None, Depends(_expected)]
"""The version that the caller decided on, None when any will do. Actions raise `Stale` when it is not current."""
