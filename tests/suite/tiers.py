"""Sort each test into one of three tiers by what it needs, so that the quick ones can run alone.

`quick` needs no database and no process of ours; `store` needs PostgreSQL; `served` needs a browser, or the program in
a process of its own: a server, a command, the one that parses files. Fixtures tell most of them. Where a file or a test
starts something without one, it says so itself: `pytestmark = pytest.mark.store`.
"""

from collections.abc import Iterable

import pytest

TIERS = ("quick", "store", "served")
DATABASES = {"cluster"}
SERVERS = {"alone", "browser", "checkout", "city", "first", "narrow", "served", "server", "site", "story"}
"""Fixtures that start PostgreSQL, and fixtures that start a process which serves. What rests on them counts too."""


def mark_tiers(items: Iterable[pytest.Item]) -> None:
    """Give each test the mark of its tier, unless its file has said it."""
    for item in items:
        if not any(item.get_closest_marker(tier) for tier in TIERS):
            item.add_marker(tier_of(set(getattr(item, "fixturenames", ()))))


def tier_of(fixtures: set[str]) -> str:
    """The tier of a test that rests on these fixtures."""
    if fixtures & SERVERS:
        return "served"
    return "store" if fixtures & DATABASES else "quick"
