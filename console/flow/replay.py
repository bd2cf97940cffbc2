"""Compute a case's state from the entries of its timeline. Pure.

An entry says what has become of the case (`set`), beside the move and its form. So old entries are read alike, whatever
later versions of the pack say.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from console.flow.case_state import CaseState, from_json

PREFIX = "case."
OPENED = f"{PREFIX}opened"
MOVED = f"{PREFIX}moved"


def replay(entries: Iterable[tuple[str, Mapping[str, Any]]]) -> CaseState | None:
    """Return the state after entries in their order, given as kind and data; None if none opens a case.

    Entries of other kinds change nothing. An incident that is opened again, as when its history was imported before,
    goes on from there.
    """
    stored: dict[str, Any] | None = None
    for kind, data in entries:
        changes = data.get("set") if kind.startswith(PREFIX) else None
        if changes is None:
            continue
        if kind == OPENED:
            stored = dict(changes)
        elif stored is not None:
            stored |= changes
            stored["paused_until"] = _paused_until(stored, changes, data)
    return None if stored is None else from_json(stored)


def _paused_until(stored: Mapping[str, Any], changes: Mapping[str, Any], data: Mapping[str, Any]) -> str | None:
    """Return until when a case is paused. Entries from before this was a part of the state say so in the form alone."""
    if stored.get("resume_to") is None:
        return None
    said = data.get("form", {}).get("until") if data.get("kind") == "pause" else stored.get("paused_until")
    until: str | None = changes.get("paused_until", said)
    return until
