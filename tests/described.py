"""The OpenAPI document of the code under test, composed once in a process."""

import json
from functools import cache
from typing import Any

from api.keeping.commands import openapi


@cache
def document() -> str:
    """The document as `maplebridge openapi` prints it."""
    return openapi.document()


@cache
def described() -> dict[str, Any]:
    """The same, parsed; nobody may change it."""
    found: dict[str, Any] = json.loads(document())
    return found
