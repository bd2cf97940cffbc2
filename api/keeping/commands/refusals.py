"""What the terminal says when a command comes to nothing: what, where, and the way out, in a sentence or two."""

from types import MappingProxyType

import psycopg
from psycopg.errors import DiskFull, InsufficientPrivilege
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import DBAPIError

from api.settings import Settings, refused_settings
from geo.errors import MaplebridgeError

REFUSALS = (MaplebridgeError, ValidationError, SettingsError, psycopg.Error, DBAPIError, OSError)
"""What may have words here. Whatever has none is a fault of the program's, and keeps its traceback."""

WORDS = MappingProxyType(
    {
        "user.unknown": "there is no user {username}; `maplebridge users list` shows who there is",
        "user.exists": "there is a user {username} already: choose another name",
        "user.name": "{username} is no username: 2 to 32 of a-z, 0-9, dot, dash and underscore, a letter first",
        "user.role": "there is no role {role}; a role is one of {roles}",
        "user.force_missing": "a {role} answers for a force, and {username} has none: say which by `--force CODE`, the "
        "code that `maplebridge import forces` brought it in by. A pack's account takes a free one of its force_kind",
        "user.force_unwanted": "a {role} is of no force: leave the force away, or give {username} the role patrol",
        "password.weak": "this password is too weak: take {shortest} to {longest} characters, with {classes} of these "
        "four kinds: small letters, capitals, digits, others",
        "county.figures": "the pack counts {pack} of level {level} and the list of names has {names}: mend "
        "generator.counts in the pack",
        "county.names": "{path} is missing, the names of towns and villages: `./maplebridge demo` fetches it, or "
        "MAPLEBRIDGE_NAMES_DIR says where it lies",
        "county.outline": "no outline of {code} comes with the program: give the pack another root.code, or bring the "
        "lines in with `maplebridge import grids`",
        "database.away": "the database does not answer; `maplebridge doctor` looks at it",
    }
)
"""Of refusals that have no words of their own, by code: their rooms serve HTTP too, which sends codes alone."""


def told(refusal: BaseException) -> str | None:
    """A refusal's words, or None for what should be seen with its traceback."""
    match refusal:
        case MaplebridgeError():
            return _told_by_code(refusal)
        case ValidationError() if refusal.title == Settings.__name__:
            return refused_settings(refusal)
        case SettingsError():
            return f"{refusal}: it should be JSON. docs/settings.md says what each setting may be."
        case DBAPIError() if isinstance(refusal.orig, psycopg.Error):
            return _told_by_database(refusal.orig)
        case psycopg.Error():
            return _told_by_database(refusal)
        case OSError() if refusal.filename and refusal.strerror:
            return f"cannot use {refusal.filename}: {refusal.strerror}"
        case _:
            return None


def _told_by_code(refusal: MaplebridgeError) -> str:
    """Its own words where it has some, else those here, else its code and what belongs to it."""
    if type(refusal).__str__ is not Exception.__str__:
        return str(refusal)
    params = {name: ", ".join(value) if isinstance(value, list) else value for name, value in refusal.params.items()}
    if refusal.code in WORDS:
        return WORDS[refusal.code].format(**params)
    rest = ", ".join(f"{name}: {value}" for name, value in params.items())
    return f"{refusal.code} ({rest})" if rest else refusal.code


def _told_by_database(error: psycopg.Error) -> str | None:
    match error:
        case InsufficientPrivilege():
            remedy = "MAPLEBRIDGE_MIGRATION_DATABASE_URL should name the owner of the database."
        case DiskFull():
            remedy = "Make room on the database's disk and try again: nothing is half done."
        case psycopg.OperationalError():
            remedy = "Is it running, and is MAPLEBRIDGE_DATABASE_URL right? `maplebridge doctor` looks at it."
        case _:
            return None
    return f"the database: {' '.join(str(error).split())}\n{remedy}"
