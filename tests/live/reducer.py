"""The reference reducer: what any client does with a snapshot and the frames after it.

The front end's `static/src/wire/apply.ts` does the same; both are held to the cases in `cases/`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

KINDS = {"incident": "incidents", "task": "tasks", "force": "forces"}
LINGER = timedelta(hours=24)

Body = dict[str, Any]


class Gap(Exception):
    """A frame that begins beyond the state's position: something was missed."""


class State:
    """Entities by kind and id, the versions in which entities went that are gone, and the position all are true at."""

    def __init__(self, snapshot: Body) -> None:
        self.pos: int = snapshot["pos"]
        self.gone: dict[tuple[str, int], int] = {}
        self.held: dict[str, dict[int, Body]] = {
            name: {body["id"]: body for body in snapshot[name]} for name in KINDS.values()
        }

    def apply(self, frame: Body) -> None:
        """Versioned upserts: repeats and older versions change nothing, unknown kinds are ignored. Raises `Gap`.

        Events at or before the state's position are part of the state already.
        """
        if frame["from"] > self.pos:
            raise Gap
        for item in frame["items"]:
            if item["kind"] in KINDS and item["pos"] > self.pos:
                self._apply_one(item)
        self.pos = max(self.pos, frame["to"])

    def _apply_one(self, item: Body) -> None:
        """Replace the entity, or remove it where it is `gone`, unless what is known of it is as new."""
        key, held = (item["kind"], item["id"]), self.held[KINDS[item["kind"]]]
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

    def settled(self, now: datetime, *, own: int | None = None) -> dict[str, list[Body]]:
        """What is still shown at `now`: what ended leaves after a day. A force shows matters it is on its way to."""
        tasks = {key: task for key, task in self.held["tasks"].items() if _lingers(task["ended_at"], now)}
        incidents = {key: body for key, body in self.held["incidents"].items() if _lingers(body["closed_at"], now)}
        if own is not None:
            mine = {task["incident"] for task in tasks.values() if task["active"]}
            incidents = {key: body for key, body in incidents.items() if key in mine}
        shown = State({"pos": self.pos, "incidents": [*incidents.values()], "tasks": [*tasks.values()], "forces": []})
        return shown.lists() | {"forces": self.lists()["forces"]}


def _lingers(ended: str | None, now: datetime) -> bool:
    return ended is None or datetime.fromisoformat(ended) > now - LINGER
