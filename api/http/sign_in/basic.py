"""HTTP Basic for the layers under `/ogc`, which are read-only: QGIS and GDAL can sign in without a token.

A checked password is cached for ten minutes, since a map loads dozens of tiles at once and each check takes tens of
milliseconds. The user is read each time, so disabling a user or changing the password takes effect at once.
"""

import asyncio
import base64
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from starlette.requests import HTTPConnection

from api.http.errors import NotSignedIn
from api.http.sign_in.budgets import Caller
from api.http.sign_in.passwords import Credentials, PasswordSignIn
from console.access.queries import actor_of_user, find_user
from console.access.rules import Actor, SignInRefused
from geo.store import NO_REACH

CACHED_FOR = timedelta(minutes=10)
MAX_CACHED = 1000


def credentials_of(connection: HTTPConnection) -> Credentials | None:
    """Parse an `Authorization: Basic` header. None without one; raises `NotSignedIn` for an unreadable one."""
    scheme, _, encoded = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError as error:  # Letters that are no base64, or not even ASCII, or bytes that are no UTF-8.
        raise NotSignedIn from error
    if not colon or "\0" in username:
        raise NotSignedIn
    return Credentials(username, password)


@dataclass(slots=True)
class BasicSignIn:
    """Signs in by username and password. The cache holds keyed digests of passwords; the key lives in this process
    only.
    """

    passwords: PasswordSignIn
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _known: dict[bytes, tuple[str, datetime]] = field(default_factory=dict)
    _locks: WeakValueDictionary[bytes, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def actor(self, given: Credentials, caller: Caller, *, now: datetime) -> Actor:
        """Return the user with these credentials. Raises `NotSignedIn` and `TooManySignIns`, as a sign-in would.

        Of simultaneous requests, one checks the password and the others wait for its result: each check is a counted
        attempt, and five failures delay the next.
        """
        digest = hmac.digest(self._key, f"{given.username}\0{given.password}".encode(), "sha256")
        lock = self._locks.setdefault(digest, asyncio.Lock())
        async with lock:
            found = await self._cached(given, digest, now=now)
            return found or await self._check(given, digest, caller, now=now)

    async def _cached(self, given: Credentials, digest: bytes, *, now: datetime) -> Actor | None:
        stored, until = self._known.get(digest, ("", now))
        if until <= now:
            return None
        async with self.passwords.store.transaction(NO_REACH) as session:
            user = await find_user(session, given.username)
        if user is None or user.disabled_at is not None or user.password_hash != stored:
            self._known.pop(digest, None)
            return None
        return actor_of_user(user)

    async def _check(self, given: Credentials, digest: bytes, caller: Caller, *, now: datetime) -> Actor:
        try:
            user = await self.passwords.user(given, caller, now=now)
        except SignInRefused as error:
            raise NotSignedIn from error
        self._cache(digest, user.password_hash or "", now=now)
        return actor_of_user(user)

    def _cache(self, digest: bytes, stored: str, *, now: datetime) -> None:
        self._known = {key: value for key, value in self._known.items() if value[1] > now}
        if len(self._known) < MAX_CACHED:
            self._known[digest] = (stored, now + CACHED_FOR)


def basic_sign_in_of(connection: HTTPConnection) -> BasicSignIn:
    """Return the application's instance."""
    found = connection.app.state.basic_sign_in
    assert isinstance(found, BasicSignIn)
    return found
