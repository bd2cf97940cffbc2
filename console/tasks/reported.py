"""When a force's phone says that something was done, and where. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from console.feed.bodies import utc_text
from console.tasks.tables import Task


@dataclass(frozen=True, slots=True)
class Reported:
    """`done_at`: by the server's clock. `device_at`: what the phone's own said. `place`: where it was, as reported."""

    done_at: datetime
    device_at: datetime
    place: Mapping[str, float] = field(default_factory=dict)
    doubtful: bool = False

    def on(self, task: Task) -> datetime:
        """Return the time to write on a task: not before what is written there already."""
        steps = (task.accepted_at, task.departed_at, task.arrived_at)
        return max([self.done_at, task.assigned_at, *(step for step in steps if step is not None)])

    def data(self) -> dict[str, Any]:
        """Return both times, and the place, as a timeline entry has them."""
        said: dict[str, Any] = {"done_at": utc_text(self.done_at), "device_at": utc_text(self.device_at)}
        said |= {"doubtful": True} if self.doubtful else {}
        return said | ({"place": dict(self.place)} if self.place else {})
