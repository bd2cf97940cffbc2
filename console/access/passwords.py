"""Passwords: what makes one good enough, and the only form in which it is kept (argon2id)."""

import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from geo.errors import MaplebridgeError

SHORTEST = 10
LONGEST = 256
CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"), re.compile(r"[^a-zA-Z0-9]"))
CLASSES_WANTED = 3

_HASHER = PasswordHasher()


class WeakPassword(MaplebridgeError):
    """Too short, too long, or of too few classes of characters. `params`: what is wanted."""

    code = "password.weak"


def check_strength(password: str) -> None:
    """Raise `WeakPassword` unless it has 10 to 256 characters of three classes: lower, upper, digit, other."""
    classes = sum(bool(found.search(password)) for found in CLASSES)
    if not SHORTEST <= len(password) <= LONGEST or classes < CLASSES_WANTED:
        raise WeakPassword(shortest=SHORTEST, longest=LONGEST, classes=CLASSES_WANTED)


def hash_password(password: str) -> str:
    """The argon2id hash of a password that is strong enough, salted. Takes tens of milliseconds: call it in a thread.

    Raises `WeakPassword`.
    """
    check_strength(password)
    return _HASHER.hash(password)


def password_matches(password: str, stored: str | None) -> bool:
    """Whether the password is the one kept. With none kept the answer is no, and takes as long as any other.

    Who does not exist must not be told apart by time. Takes tens of milliseconds: call it in a thread.
    """
    try:
        _HASHER.verify(stored or _NOBODYS, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return bool(stored)


_NOBODYS = _HASHER.hash("Nobody's password 0")
