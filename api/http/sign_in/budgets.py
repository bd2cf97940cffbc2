"""Budgets of wrong passwords by name and address, and the wait until the next attempt. In memory, and pure.

Nobody is locked out: five wrong passwords for a name delay the next attempt from the same address only, and a device
that has signed in under the name before is judged by itself.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from math import ceil
from typing import TypeVar

from geo.errors import ErrorKind, MaplebridgeError

Value = TypeVar("Value")

FREE_ATTEMPTS = 5
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
OF_AN_ADDRESS, AGAIN_OF_AN_ADDRESS = 20, timedelta(seconds=6)
"""Wrong passwords of one address for any names: so many, and one more in so much time."""

IN_ALL, AGAIN_IN_ALL = 100, timedelta(seconds=0.5)
"""Of all addresses together, except those that somebody signed in from before."""

MOST_KEPT = 50_000


class TooManySignIns(MaplebridgeError):
    """Too many wrong passwords, or too many sign-ins at a time. `params`: `seconds` to wait."""

    code = "session.too_many"
    kind = ErrorKind.TOO_MANY


@dataclass(frozen=True, slots=True)
class Caller:
    """Client that signs in: its network address, and its device if it signed in under this name before."""

    address: str
    device: str | None = None


@dataclass(slots=True)
class Bucket:
    """A budget that refills by one in `every`."""

    most: int
    every: timedelta
    left: float
    at: datetime

    def wait(self, now: datetime) -> timedelta:
        """Return how long until one is left."""
        self.left, self.at = min(self.most, self.left + (now - self.at) / self.every), now
        return max(timedelta(), (1 - self.left) * self.every)

    def take(self, now: datetime) -> None:
        self.wait(now)
        self.left -= 1


@dataclass(slots=True)
class _Failures:
    """Attempts in a row that have not succeeded, and the moment before which the next is refused."""

    count: int = 0
    last: datetime | None = None
    not_before: datetime | None = None


@dataclass(slots=True)
class SignInBudgets:
    """Wrong passwords by name and address, by address, and in all."""

    _failures: OrderedDict[Hashable, _Failures] = field(default_factory=OrderedDict)
    _addresses: OrderedDict[Hashable, Bucket] = field(default_factory=OrderedDict)
    _welcome: OrderedDict[Hashable, None] = field(default_factory=OrderedDict)
    _in_all: Bucket | None = None

    def begin(self, name: str, caller: Caller, *, now: datetime) -> None:
        """Count an attempt, before its password is checked: of a hundred at once, five are. Raises `TooManySignIns`."""
        self.check(name, caller, now=now)
        found = self._failures_of(name, caller, now=now)
        found.count, found.last = found.count + 1, now
        if found.count >= FREE_ATTEMPTS:
            found.not_before = now + delay_after(found.count)

    def check(self, name: str, caller: Caller, *, now: datetime) -> None:
        """Raise `TooManySignIns` unless an attempt may be made now."""
        if caller.device is None:
            self.check_address(caller.address, now=now)
        found = self._failures_of(name, caller, now=now)
        if found.not_before is not None and now < found.not_before:
            raise TooManySignIns(seconds=_seconds(found.not_before - now))

    def check_address(self, address: str, *, now: datetime) -> None:
        """Raise `TooManySignIns` when the address, or all strangers together, have used their budget up."""
        wait = self._bucket_of(address, now=now).wait(now)
        if address not in self._welcome:
            wait = max(wait, self._all(now).wait(now))
        if wait:
            raise TooManySignIns(seconds=_seconds(wait))

    def failed(self, caller: Caller, *, now: datetime) -> None:
        """Take a wrong password off the budgets. A known device has its own delay, and leaves the address's alone."""
        if caller.device is not None:
            return
        self._bucket_of(caller.address, now=now).take(now)
        self._all(now).take(now)

    def succeeded(self, name: str, caller: Caller) -> None:
        """Forget the failures for this name from there, and remember the address."""
        self._failures.pop(_key(name, caller), None)
        _keep(self._welcome, caller.address, None)

    def _failures_of(self, name: str, caller: Caller, *, now: datetime) -> _Failures:
        key = _key(name, caller)
        found = self._failures.get(key)
        if found is None or (found.last is not None and now - found.last > FORGOTTEN_AFTER):
            found = _Failures()
        _keep(self._failures, key, found)
        return found

    def _bucket_of(self, address: str, *, now: datetime) -> Bucket:
        found = self._addresses.get(address)
        if found is None:
            found = Bucket(OF_AN_ADDRESS, AGAIN_OF_AN_ADDRESS, left=OF_AN_ADDRESS, at=now)
        _keep(self._addresses, address, found)
        return found

    def _all(self, now: datetime) -> Bucket:
        self._in_all = self._in_all or Bucket(IN_ALL, AGAIN_IN_ALL, left=IN_ALL, at=now)
        return self._in_all


def delay_after(count: int) -> timedelta:
    """Return the wait after so many attempts in a row: half a minute after the fifth, then twice as long each time."""
    doublings = min(count - FREE_ATTEMPTS, 10)
    return min(LONGEST_DELAY, FIRST_DELAY * (1 << doublings))


def _key(name: str, caller: Caller) -> bytes:
    """Return a digest, so that no typed name is kept: people type passwords into the wrong field."""
    device = f"device {caller.device}" if caller.device else f"address {caller.address}"
    return blake2b(f"{device}\0{name}".encode(), digest_size=16).digest()


def _keep(kept: OrderedDict[Hashable, Value], key: Hashable, value: Value) -> None:
    """Keep a value as the newest; drop the oldest of too many."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST_KEPT:
        kept.popitem(last=False)


def _seconds(wait: timedelta) -> int:
    return max(1, ceil(wait.total_seconds()))
