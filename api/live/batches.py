"""Numbered events as servers on one database carry them to each other: a batch, and its JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from console.feed.rules import Cursor, Event, Visibility


@dataclass(frozen=True, slots=True)
class Batch:
    """All events of the positions `start` < pos ≤ `upto`; `events` is None for a batch too large to carry."""

    epoch: str
    start: int
    upto: int
    events: Sequence[Event] | None

    @classmethod
    def after(cls, head: Cursor, events: Sequence[Event], upto: int) -> "Batch | None":
        """Of events read up to `upto`, return those that a hub at `head` has not published; None if it has all."""
        if upto <= head.pos:
            return None
        return cls(head.epoch, head.pos, upto, [event for event in events if event.pos > head.pos])

    def is_known(self, head: Cursor) -> bool:
        """Whether a hub at `head` has published all of it."""
        return self.epoch == head.epoch and self.upto <= head.pos

    def continues(self, head: Cursor) -> bool:
        """Whether a hub at `head` may publish the events as they are: they begin there, and no position is missing."""
        if self.events is None or (self.epoch, self.start) != (head.epoch, head.pos):
            return False
        return [event.pos for event in self.events] == [*range(self.start + 1, self.upto + 1)]


def common_division(paths: Sequence[str]) -> str:
    """Return the path of the smallest division that contains all these; empty for none."""
    levels = zip(*(path.split(".") for path in paths), strict=False)
    return ".".join(names[0] for names in takewhile(lambda names: len({*names}) == 1, levels))


def encoded(batch: Batch) -> dict[str, Any]:
    """Return a batch as JSON has it."""
    events = None if batch.events is None else [*map(_encoded, batch.events)]
    return {"epoch": batch.epoch, "from": batch.start, "to": batch.upto, "events": events}


def decoded(said: dict[str, Any]) -> Batch:
    """Return the batch of this JSON. Raises `ValueError`, `TypeError` or `KeyError`."""
    events = None if said["events"] is None else [*map(_decoded, said["events"])]
    return Batch(said["epoch"], said["from"], said["to"], events)


def _encoded(event: Event) -> dict[str, Any]:
    return {
        "pos": event.pos,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "id": event.entity_id,
        "version": event.version,
        "seen": _seen_by(event.visibility),
        "body": event.body,
        "kept": event.kept and _seen_by(event.kept),
    }


def _seen_by(visibility: Visibility) -> dict[str, Any]:
    return {"path": visibility.division_path, "forces": sorted(visibility.force_ids)}


def _decoded(said: dict[str, Any]) -> Event:
    at, kept = datetime.fromisoformat(said["at"]), said["kept"]
    seen = _visibility(said["seen"])
    return Event(
        said["pos"], at, said["kind"], said["id"], said["version"], seen, said["body"], kept and _visibility(kept)
    )


def _visibility(said: dict[str, Any]) -> Visibility:
    return Visibility(said["path"], frozenset(said["forces"]))
