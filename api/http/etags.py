"""Versions in HTTP: `ETag` carries a response's version, `If-Match` the version that the caller changes."""

import re
from typing import Annotated

from fastapi import Depends, Header

NO_VERSION = 0
"""Versions begin at one, so this one is never current."""


def etag_of(version: int) -> str:
    return f'"{version}"'


def version_of(tag: str | None) -> int | None:
    """Parse the version of an `If-Match` header; None without the header, or for `*` (any version).

    A tag of another format is `NO_VERSION`: it matches nothing, as RFC 9110 requires.
    """
    if tag is None or tag.strip() == "*":
        return None
    found = re.fullmatch(r'"(\d{1,9})"', tag.strip())
    return int(found.group(1)) if found else NO_VERSION


async def _expected(if_match: Annotated[str | None, Header()] = None) -> int | None:
    return version_of(if_match)


ExpectedVersion = Annotated[int | None, Depends(_expected)]
"""The version that the caller changes, None for any. Actions raise `Stale` when it is not current."""
