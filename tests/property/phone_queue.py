"""The queue of a phone in plain Python, by the rules of `static/src/live/field/entries.ts` and `queue.svelte.ts`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from api.intake.commands.receiving import Answer

MOST_AT_ONCE = 500


@dataclass(slots=True)
class Entry:
    """A command on the phone. `state`: `unsent`, in `review`, or `dismissed`, which the server has not been told."""

    line: dict[str, Any]
    state: str = "unsent"

    @property
    def id(self) -> UUID:
        return UUID(self.line["id"])


@dataclass(slots=True)
class PhoneQueue:
    """A phone of `author`, whose clock is ahead by `ahead`, and the versions of tasks that it has seen."""

    device: UUID
    author: int
    ahead: timedelta
    seq: int = 0
    entries: list[Entry] = field(default_factory=list)
    tasks: dict[int, int] = field(default_factory=dict)

    def clock(self, now: datetime) -> datetime:
        return now + self.ahead

    def give(self, command: str, *, now: datetime, **said: Any) -> dict[str, Any]:
        """Keep a command, and return its line."""
        self.seq += 1
        head = {
            "id": str(UUID(int=(self.device.int << 32) + self.seq)),
            "device": str(self.device),
            "device_seq": self.seq,
            "device_at": self.clock(now).isoformat(),
            "author": self.author,
            "command": command,
        }
        self.entries.append(Entry(head | said))
        return head | said

    def batch(self) -> list[Entry]:
        return self.of("unsent")[:MOST_AT_ONCE]

    def of(self, state: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.state == state]

    def take(self, answers: Iterable[Answer]) -> None:
        """An entry that an answer names is done, or somebody has to look at it; all others stay."""
        said = {answer.id: answer.status for answer in answers}
        self.entries = [entry for entry in self.entries if said.get(entry.id) != "applied"]
        for entry in self.of("unsent"):
            if said.get(entry.id) in ("refused", "review"):
                entry.state = "review"
