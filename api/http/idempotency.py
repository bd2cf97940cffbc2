"""`Idempotency-Key`: a write that is sent again gets the first response again and is not repeated.

The record is part of the write's own transaction. A second request with the same key waits for the key's row until the
first one has ended, then returns its response, or, if that one failed and left no row, does the work itself.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.responses import Response

from api.http.errors import Invalid, KeyReused
from api.http.meaning import meaning_of
from console.access.rules import Actor
from console.access.tables import IdempotencyKey

HEADER = "Idempotency-Key"
REPEATED = "Idempotency-Repeated"
KEPT_HEADERS = ("content-type", "location", "etag")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Claim:
    """A user's key, the path of their division, and the digest of what the request means."""

    user_id: int
    scope: str
    key: str
    fingerprint: bytes


async def claim_of(request: Request, actor: Actor) -> Claim | None:
    """Return the request's claim, None without a key. Raises `Invalid` for a key that is not 1–200 visible ASCII
    characters.

    The body is read in any case, so that the transaction does not wait for the client's network.
    """
    body = await request.body()
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        raise Invalid(errors=[{"field": HEADER, "code": "format"}])
    target = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    meaning = await asyncio.to_thread(meaning_of, body)
    return Claim(user_id=actor.user_id, scope=actor.scope, key=key, fingerprint=sha256(target + meaning).digest())


async def once(
    session: AsyncSession, claim: Claim, answer: Callable[[], Awaitable[Response]], *, now: datetime
) -> Response:
    """Run `answer`, or return its earlier response. Raises `KeyReused`. An exception leaves no record."""
    row = {"user_id": claim.user_id, "key": claim.key, "fingerprint": claim.fingerprint, "headers": {}}
    added = (
        insert(IdempotencyKey)
        .values(**row, division_path=claim.scope, created_at=now)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if await session.scalar(added) is None:
        return await _repeat(session, claim)
    response = await answer()
    kept = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    record = {"status": response.status_code, "headers": kept, "body": bytes(response.body)}
    await session.execute(update(IdempotencyKey).where(*_row_of(claim)).values(**record))
    return response


async def _repeat(session: AsyncSession, claim: Claim) -> Response:
    found = (await session.scalars(select(IdempotencyKey).where(*_row_of(claim)))).one_or_none()
    # None: the key was used before the user moved to another division, whose rows the user cannot read now.
    if found is None or found.fingerprint != claim.fingerprint:
        raise KeyReused
    return Response(found.body, status_code=found.status or 200, headers={**found.headers, REPEATED: "true"})


def _row_of(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (IdempotencyKey.user_id == claim.user_id, IdempotencyKey.key == claim.key)
