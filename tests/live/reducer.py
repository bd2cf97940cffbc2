"""The reference reducer: what any client does with a snapshot and the frames after it.

The front end's `static/src/wire/apply.ts` does the same; both are held to the cases in `cases/`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from console.feed.kinds import Kinds, Retention
from console.situation.kinds import KINDS

Body = dict[str, Any]


class Gap(Exception):
    """A frame begins beyond the state's position, so events were missed."""


class State:
    """Entities by kind and id, the versions in which entities went that are gone, and the position all are true at."""

    def __init__(self, snapshot: Body, kinds: Kinds = KINDS) -> None:
        self.kinds = {name: kind for name, kind in kinds.items() if kind.plural in snapshot}
        self.pos: int = snapshot["pos"]
        self.gone: dict[tuple[str, int], int] = {}
        self.held: dict[str, dict[int, Body]] = {
            kind.plural: {body["id"]: body for body in snapshot[kind.plural]} for kind in self.kinds.values()
        }

    def apply(self, frame: Body) -> None:
        """Versioned upserts: repeats and older versions change nothing, unknown kinds are ignored. Raises `Gap`.

        Events at or before the state's position are part of the state already.
        """
        if frame["from"] > self.pos:
            raise Gap
        for item in frame["items"]:
            if item["kind"] in self.kinds and item["pos"] > self.pos:
                self._apply_one(item)
        self.pos = max(self.pos, frame["to"])

    def _apply_one(self, item: Body) -> None:
        """Replace the entity, or remove it where it is `gone`, unless what is known of it is as new."""
        key, held = (item["kind"], item["id"]), self.held[self.kinds[item["kind"]].plural]
        known = held[item["id"]]["version"] if item["id"] in held else self.gone.get(key)
        if known is not None and known >= item["version"]:
            return
        if item.get("gone"):
            held.pop(item["id"], None)
            self.gone[key] = item["version"]
        else:
            held[item["id"]] = item["body"]
            self.gone.pop(key, None)

    def apply_all(self, frames: Iterable[Body]) -> None:
        for frame in frames:
            self.apply(frame)

    def lists(self) -> dict[str, list[Body]]:
        """As in a snapshot, by id."""
        return {name: [held[key] for key in sorted(held)] for name, held in self.held.items()}

    def settled(self, now: datetime) -> dict[str, list[Body]]:
        """Return the entities shown at `now`, without those ended longer than their kind's retention."""
        lists = self.lists()
        return {
            kind.plural: [body for body in lists[kind.plural] if _is_shown(body, kind.retention, now)]
            for kind in self.kinds.values()
        }


def _is_shown(body: Body, retention: Retention | None, now: datetime) -> bool:
    ended = body[retention.after.key] if retention else None
    return ended is None or datetime.fromisoformat(ended) > now - retention.time
