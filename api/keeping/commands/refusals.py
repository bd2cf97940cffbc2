"""Terminal messages of refused commands: the problem and its remedy, in a sentence or two."""

from types import MappingProxyType

import psycopg
from psycopg.errors import DiskFull, InsufficientPrivilege
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import DBAPIError

from api.keeping.words import said
from api.keeping.words.refused import pack_refusal, settings_refusal
from api.keeping.words.refused_roads import map_refusal
from api.place.problems import PackError
from api.settings import Settings
from geo.errors import MaplebridgeError
from layers.basemap.errors import BasemapRefused
from layers.roads.errors import RoadsRefused

REFUSALS = (MaplebridgeError, ValidationError, SettingsError, psycopg.Error, DBAPIError, OSError)
"""Exceptions that may have a message here. Any other is a bug and keeps its traceback."""

WORDS = MappingProxyType(
    {
        "user.unknown": "there is no user {username}; `maplebridge users list` lists all users",
        "user.exists": "user {username} exists already: choose another name",
        "user.name": "{username} is not a valid username: 2 to 32 of a-z, 0-9, dot, dash and underscore, beginning "
        "with a letter",
        "token.label": "the label of {username}'s token is longer than 100 letters or has a character that nobody sees",
        "user.role": "there is no role {role}; the roles are {roles}",
        "user.force_missing": "role {role} needs a force, and {username} has none: add `--force CODE`, with a code "
        "given to `maplebridge import forces`. An account in a pack takes a free force of its force_kind",
        "user.force_unwanted": "role {role} has no force: omit --force, or give {username} the role patrol",
        "password.weak": "this password is too weak: it needs {shortest} to {longest} characters, with {classes} of "
        "these four kinds: lower case, upper case, digits, others",
        "county.figures": "the pack expects {pack} divisions of level {level}, the list of names has {names}: correct "
        "generator.counts in the pack",
        "county.names": "{path}, the names of towns and villages, is missing: `./maplebridge demo` fetches it, or set "
        "MAPLEBRIDGE_NAMES_DIR",
        "county.outline": "the program ships no outline of {code}: change root.code in the pack, or import boundaries "
        "with `maplebridge import grids`",
        "database.away": "the database does not respond; `maplebridge doctor` finds out why",
    }
)
"""Messages by error code, for errors without a message of their own: HTTP sends their codes only."""


def message_of(refusal: BaseException) -> str | None:
    """Return the message of a refusal, or None for an exception that should show its traceback."""
    match refusal:
        case PackError():
            return pack_refusal(refusal)
        case MaplebridgeError():
            return _by_code(refusal)
        case ValidationError() if refusal.title == Settings.__name__:
            return settings_refusal(refusal)
        case SettingsError():
            return said("{setting}: it must be JSON. docs/settings.md describes all settings.", setting=refusal)
        case DBAPIError() if isinstance(refusal.orig, psycopg.Error):
            return _by_database(refusal.orig)
        case psycopg.Error():
            return _by_database(refusal)
        case OSError() if refusal.filename and refusal.strerror:
            return said("cannot use {file}: {reason}", file=refusal.filename, reason=refusal.strerror)
        case _:
            return None


def _by_code(refusal: MaplebridgeError) -> str:
    """Return the error's own message, else the one listed here, else its code and parameters."""
    if isinstance(refusal, RoadsRefused | BasemapRefused):
        return map_refusal(refusal)
    if type(refusal).__str__ is not Exception.__str__:
        return str(refusal)
    params = {name: ", ".join(value) if isinstance(value, list) else value for name, value in refusal.params.items()}
    if refusal.code in WORDS:
        return said(WORDS[refusal.code], **params)
    rest = ", ".join(f"{name}: {value}" for name, value in params.items())
    return f"{refusal.code} ({rest})" if rest else refusal.code


def _by_database(error: psycopg.Error) -> str | None:
    match error:
        case InsufficientPrivilege():
            remedy = "Set MAPLEBRIDGE_MIGRATION_DATABASE_URL to the owner of the database."
        case DiskFull():
            remedy = "Make room on the database's disk and try again. Nothing was changed."
        case psycopg.OperationalError():
            remedy = "Is it running, and is MAPLEBRIDGE_DATABASE_URL right? `maplebridge doctor` checks both."
        case _:
            return None
    return said("the database: {reason}", reason=" ".join(str(error).split())) + f"\n{said(remedy)}"
