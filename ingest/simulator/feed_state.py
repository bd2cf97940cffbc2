"""Client's copy of the live state: a snapshot, and events applied when they are newer. Pure."""

from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]
KINDS = {"incident": "incidents", "task": "tasks", "force": "forces"}


@dataclass(slots=True)
class FeedState:
    """Incidents, tasks and forces by id. `cursor` (`epoch:pos`) resumes the feed; None before a snapshot."""

    cursor: str | None = None
    incidents: dict[int, Body] = field(default_factory=dict)
    tasks: dict[int, Body] = field(default_factory=dict)
    forces: dict[int, Body] = field(default_factory=dict)
    fixes: dict[int, tuple[float, float]] = field(default_factory=dict)

    def load_snapshot(self, snapshot: Body) -> None:
        """Replace everything by a snapshot."""
        self.cursor = f"{snapshot['epoch']}:{snapshot['pos']}"
        for name in KINDS.values():
            setattr(self, name, {body["id"]: body for body in snapshot[name]})
        fixes = snapshot["fixes"]
        self.fixes = {f: (x, y) for f, x, y in zip(fixes["force"], fixes["lon"], fixes["lat"], strict=True)}

    def apply_frame(self, frame: Body) -> bool:
        """Apply a frame of the socket. Return False when the server asks for a new snapshot."""
        if frame["t"] == "resync":
            self.cursor = None
            return False
        if frame["t"] == "events" and self.cursor is not None:
            for item in frame["items"]:
                self._apply(item)
            self.cursor = f"{self.cursor.rpartition(':')[0]}:{frame['to']}"
        return True

    def _apply(self, item: Body) -> None:
        if item["kind"] not in KINDS:
            return
        known: dict[int, Body] = getattr(self, KINDS[item["kind"]])
        if item["id"] not in known or known[item["id"]]["version"] < item["version"]:
            known[item["id"]] = item["body"]

    def active_tasks(self) -> dict[int, Body]:
        """Return active tasks by force."""
        return {task["force"]: task for task in self.tasks.values() if task["active"]}

    def unassigned(self) -> list[Body]:
        """Return incidents without a task."""
        return [i for i in self.incidents.values() if i["status"] == "registered"]

    def drop_ended(self) -> None:
        """Drop closed incidents and ended tasks."""
        self.tasks = {i: task for i, task in self.tasks.items() if task["active"]}
        self.incidents = {i: body for i, body in self.incidents.items() if body["status"] != "closed"}
