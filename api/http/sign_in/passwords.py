"""Sign-in by name and password: one way in for pages and for HTTP Basic."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from starlette.requests import HTTPConnection

from api.http.sign_in.budgets import Caller, SignInBudgets, TooManySignIns
from api.http.sign_in.callers import KnownDevices, address_of
from api.http.sign_in.hashing import PasswordChecks
from api.http.sign_in.sessions import cookie_name
from api.metrics import SIGN_INS
from api.watch.sign_ins import FailedSignIns
from console.access.queries import find_user
from console.access.rules import SignInRefused, typed_name
from console.access.tables import User
from geo.store import NO_REACH, Store

log = structlog.get_logger()

DEVICE_COOKIE = "maplebridge_device"
HELD_SECONDS, MOST_HELD = 0.5, 500


@dataclass(frozen=True, slots=True)
class Credentials:
    """Name and password, exactly as typed."""

    username: str
    password: str


@dataclass(slots=True)
class PasswordSignIn:
    """Checks passwords within budgets. `failed` counts what is refused, for the hall."""

    store: Store
    devices: KnownDevices
    failed: FailedSignIns
    budgets: SignInBudgets = field(default_factory=SignInBudgets)
    checks: PasswordChecks = field(default_factory=PasswordChecks)
    _held: int = 0

    async def user(self, given: Credentials, caller: Caller, *, now: datetime) -> User:
        """Return the user with these credentials. Raises `SignInRefused` and `TooManySignIns`.

        The response and its time do not tell whether the name exists: budgets go by what was typed, and a check without
        a stored password takes as long.
        """
        name = typed_name(given.username)
        try:
            return await self._user(name, given.password, caller, now=now)
        except TooManySignIns:
            await self._turn_away(caller.address)
            raise

    async def check_address(self, connection: HTTPConnection, *, now: datetime) -> None:
        """Raise `TooManySignIns` for an address without a budget, before anything of its request is read.

        A device that may be known is judged later, when its user's name was read.
        """
        if self.device_cookie(connection) is not None:
            return
        address = address_of(connection)
        try:
            self.budgets.check_address(address, now=now)
        except TooManySignIns:
            await self._turn_away(address)
            raise

    def caller(self, connection: HTTPConnection, username: str) -> Caller:
        """Return the address, and the device if `username` has signed in there before."""
        device = self.devices.recognise(self.device_cookie(connection), typed_name(username))
        return Caller(address_of(connection), device)

    def remembered(self, connection: HTTPConnection, username: str) -> str:
        """Return the device cookie after a sign-in."""
        return self.devices.remember(self.device_cookie(connection), typed_name(username))

    @staticmethod
    def device_cookie(connection: HTTPConnection) -> str | None:
        return connection.cookies.get(cookie_name(DEVICE_COOKIE, connection))

    async def _turn_away(self, address: str) -> None:
        """Count an attempt that was refused unread, and let it wait: a loop of them asks twice a second, then.

        The log tells the address, for who has to block it.
        """
        SIGN_INS.labels("too_many").inc()
        if self.failed.record(delayed=True):
            log.warning("sign_ins_turned_away", address=address)
        if self._held < MOST_HELD:
            self._held += 1
            try:
                await asyncio.sleep(HELD_SECONDS)
            finally:
                self._held -= 1

    async def _user(self, name: str, password: str, caller: Caller, *, now: datetime) -> User:
        with self.checks.place(caller):
            self.budgets.check(name, caller, now=now)
            async with self.store.transaction(NO_REACH) as session:
                user = await find_user(session, name)
            stored = user.password_hash if user is not None and user.disabled_at is None else None
            self.budgets.begin(name, caller, now=now)  # Not before: without a database no password was wrong.
            matches = await self.checks.matches(password, stored)
        self._note(user, caller, accepted=matches)
        if user is None or not matches:
            self.budgets.failed(caller, now=now)
            self.failed.record()
            raise SignInRefused
        self.budgets.succeeded(name, caller)
        return user

    @staticmethod
    def _note(user: User | None, caller: Caller, *, accepted: bool) -> None:
        """Count and log a checked password. The name stays out: somebody may have typed the password there."""
        outcome = "accepted" if accepted else "refused"
        SIGN_INS.labels(outcome).inc()
        known = {"user": user.id if user else None, "device": "known" if caller.device else "new"}
        log.info("sign_in", outcome=outcome, address=caller.address, **known)


def password_sign_in_of(connection: HTTPConnection) -> PasswordSignIn:
    """Return the application's instance."""
    found = connection.app.state.password_sign_in
    assert isinstance(found, PasswordSignIn)
    return found
