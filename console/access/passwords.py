"""Password strength and hashing (argon2id)."""

import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from geo.errors import ErrorKind, MaplebridgeError

SHORTEST = 10
LONGEST = 256
CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"), re.compile(r"[^a-zA-Z0-9]"))
CLASSES_WANTED = 3

_HASHER = PasswordHasher()
DUMMY_HASH = "$argon2id$v=19$m=65536,t=3,p=4$CrPGzEBJ0RlflAHtGtdajw$s5pXzLcx8lXzQ+WXqDGDK8eOdvmBlVdiBJXSPjGO7lQ"
"""Compared with where there is no such user. A constant, since a hash would take a tenth of a second at each start."""


class WeakPassword(MaplebridgeError):
    """Too short, too long, or of too few classes of characters. `params`: the requirements."""

    code = "password.weak"
    kind = ErrorKind.INVALID


def check_strength(password: str) -> None:
    """Raise `WeakPassword` unless it has 10 to 256 characters of three classes: lower, upper, digit, other."""
    classes = sum(bool(found.search(password)) for found in CLASSES)
    if not SHORTEST <= len(password) <= LONGEST or classes < CLASSES_WANTED:
        raise WeakPassword(shortest=SHORTEST, longest=LONGEST, classes=CLASSES_WANTED)


def hash_password(password: str) -> str:
    """Return the salted argon2id hash of a strong password. Takes tens of milliseconds: call it in a thread.

    Raises `WeakPassword`.
    """
    check_strength(password)
    return _HASHER.hash(password)


def password_matches(password: str, stored: str | None) -> bool:
    """Return whether the password matches the stored hash. Takes equally long when none is stored, and returns False.

    Response time must not reveal whether a user exists. Takes tens of milliseconds: call it in a thread.
    """
    try:
        _HASHER.verify(stored or DUMMY_HASH, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return bool(stored)
