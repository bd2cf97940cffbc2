"""HTTP Basic for the layers under `/ogc`: what QGIS and GDAL can do without a token. Nothing is changed by this way.

The right password is looked at once and remembered for a while, since a map asks for dozens of tiles at once and each
look costs tens of milliseconds. The user is read each time: one who was disabled, or has another password, is out.
"""

import asyncio
import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from starlette.requests import HTTPConnection

from api.http.errors import NotSignedIn
from api.metrics import SIGN_INS
from console.access.actions import begin_attempt, reset_attempts
from console.access.passwords import password_matches
from console.access.queries import actor_of_user, find_user
from console.access.rules import Actor
from geo.store import NOWHERE, Store

REMEMBERED = timedelta(minutes=10)
MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name and a password, as a request tells them."""

    username: str
    password: str


def credentials_of(connection: HTTPConnection) -> Credentials | None:
    """What an `Authorization: Basic` header says. None without one; an unreadable one is nobody's, and raises."""
    scheme, _, encoded = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        username, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise NotSignedIn from error
    if not colon or "\0" in username:
        raise NotSignedIn
    return Credentials(username, password)


@dataclass(slots=True)
class BasicSignIn:
    """Lets in by name and password. What is remembered of a password is a digest under a key that ends with us."""

    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _known: dict[bytes, tuple[str, datetime]] = field(default_factory=dict)
    _looking: WeakValueDictionary[bytes, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def actor(self, store: Store, said: Credentials, *, now: datetime) -> Actor:
        """Whoever has this name and password. Raises `NotSignedIn`, after the same time and count as a sign-in does.

        Of many requests that come at once, one looks at the password and the others wait for what it finds: each
        look is a counted attempt, and five too many lock the user out.
        """
        digest = hmac.digest(self._key, f"{said.username}\0{said.password}".encode(), "sha256")
        lock = self._looking.setdefault(digest, asyncio.Lock())
        async with lock:
            found = await self._remembered(store, said, digest, now=now)
            return found or await self._looked_at(store, said, digest, now=now)

    async def _remembered(self, store: Store, said: Credentials, digest: bytes, *, now: datetime) -> Actor | None:
        stored, until = self._known.get(digest, ("", now))
        if until <= now:
            return None
        async with store.transaction(NOWHERE) as session:
            user = await find_user(session, said.username)
        if user is None or user.disabled_at is not None or user.password_hash != stored:
            del self._known[digest]
            return None
        return actor_of_user(user)

    async def _looked_at(self, store: Store, said: Credentials, digest: bytes, *, now: datetime) -> Actor:
        async with store.transaction(NOWHERE) as session:
            attempt = await begin_attempt(session, said.username, now=now)
        stored = attempt.password_hash if attempt else None
        matches = await asyncio.to_thread(password_matches, said.password, stored)
        SIGN_INS.labels("accepted" if matches else "refused").inc()
        if attempt is None or stored is None or not matches:
            raise NotSignedIn
        async with store.transaction(NOWHERE) as session:
            await reset_attempts(session, attempt.user_id)
            user = await find_user(session, said.username)
        if user is None:
            raise NotSignedIn
        self._remember(digest, stored, now=now)
        return actor_of_user(user)

    def _remember(self, digest: bytes, stored: str, *, now: datetime) -> None:
        self._known = {key: value for key, value in self._known.items() if value[1] > now}
        if len(self._known) < MOST_REMEMBERED:
            self._known[digest] = (stored, now + REMEMBERED)


def basic_sign_in_of(connection: HTTPConnection) -> BasicSignIn:
    """The one that the application keeps."""
    found = connection.app.state.basic_sign_in
    assert isinstance(found, BasicSignIn)
    return found
