"""docs/errors.md lists every error code with its status; those that screens can show are translated."""

import re
from collections.abc import Iterator

import pytest

from api.app import create_app
from api.http.errors import DISK_CODE, FULL_CODE, HTTP_CODES, SLOW_CODE, STATUS, status_of
from geo.coverage import refusals
from geo.errors import ErrorKind, MaplebridgeError
from tests.shared import CHECKOUT

PAGE = (CHECKOUT / "docs" / "errors.md").read_text(encoding="utf8")
DOCUMENTED = {
    code: int(status) for code, status in re.findall(r"^\| `([\w.]+)` \| (\d{3}) \|", PAGE, flags=re.MULTILINE)
}
WORDS = (CHECKOUT / "static" / "src" / "i18n" / "zh.ts").read_text(encoding="utf8")
NO_CLASS = {
    "fault": 500,
    FULL_CODE: 503,
    DISK_CODE: 503,
    SLOW_CODE: 503,
    HTTP_CODES[405]: 405,
    HTTP_CODES[400]: 400,
}
"""Responses without an error class."""
BY_SCREENS = (
    "force.",
    "incident.",
    "plan.",
    "task.",
    "session.",
    "access.",
    "version.",
    "database.",
    "reads.",
    "disk.",
    "not_found",
    "fault",
)

assert create_app, "Building the app imports every room, so that every error class is known here."
assert refusals, "Refusals of operations on boundaries."


def classes(of: type[MaplebridgeError]) -> Iterator[type[MaplebridgeError]]:
    for error in of.__subclasses__():
        yield error
        yield from classes(error)


def over_http() -> dict[str, int]:
    """Code to status of every error class that says its kind."""
    reached = [error for error in classes(MaplebridgeError) if error.kind is not None]
    return {error.code: status_of(error.__new__(error)) for error in reached} | NO_CLASS


def test_every_kind_of_error_has_a_status() -> None:
    assert set(STATUS) == set(ErrorKind)


def test_every_refusal_is_documented_with_its_status() -> None:
    assert over_http() == DOCUMENTED


@pytest.mark.parametrize("code", sorted(code for code in DOCUMENTED if code.startswith(BY_SCREENS)))
def test_errors_that_screens_can_show_are_translated(code: str) -> None:
    assert f'"error.{code}"' in WORDS
