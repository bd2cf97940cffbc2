"""Length of a shift. Pure."""

from datetime import datetime, timedelta

LONGEST = timedelta(days=7)
MOST_ENTRIES = 500
UNASKED = ("duplicate_linked", "case.opened")
"""Kinds of entries that the server writes of its own accord on behalf of a person."""


LONG_AGO = timedelta(hours=24)
"""How far back a handover goes for somebody who was never here."""
MOST_HANDED = 50


def since_when(asked: datetime | None, *, signed_in_at: datetime, now: datetime) -> datetime:
    """Return the moment from which a shift is listed: as asked or else the sign-in, a week ago at the earliest."""
    return max(asked or signed_in_at, now - LONGEST)
