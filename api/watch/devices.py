"""Find phones that need a person: a wrong clock, made-up positions, or messages that cannot be read.

By the code of the force that carries the phone, never by a person's name. One that does it once is forgiven: several in
a row count, and the first good position ends it.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from api.intake.device_faults import Fault

FAULTY_FROM = 5
SILENT_SECONDS = 3600.0
"""A fault that is not repeated for so long is forgotten: the phone may be switched off, or mended and off duty."""

MOST_FAULTS = 10_000
MOST_LISTED = 5
"""Of each fault at one time, so that a thousand phones do not fill the hall's screen."""


@dataclass(slots=True)
class _Row:
    """Number of faults in a row, and time of the last. `amount`: seconds that a clock is ahead, or behind below 0."""

    times: int = 0
    at: float = 0.0
    amount: int = 0


@dataclass(frozen=True, slots=True)
class DeviceState:
    """A phone with a fault. `n`: seconds that its clock is ahead, else the messages in a row."""

    force: str
    fault: Fault
    n: int


@dataclass(slots=True)
class Devices:
    """Counts faults in a row by force and fault."""

    elapsed: Callable[[], float] = time.monotonic
    _rows: dict[tuple[str, Fault], _Row] = field(default_factory=dict)

    def record(self, force: str, fault: Fault | None, *, amount: int = 0) -> None:
        """Count one more message with this fault; forget the phone's other faults, and all of them for None."""
        if fault is not Fault.UNREADABLE:
            self._forget(force, but=fault)
        if fault is None:
            return
        if (force, fault) not in self._rows and len(self._rows) >= MOST_FAULTS:
            return
        row = self._rows.setdefault((force, fault), _Row())
        row.times, row.at, row.amount = row.times + 1, self.elapsed(), amount

    def _forget(self, force: str, *, but: Fault | None) -> None:
        if self._rows:
            for fault in Fault:
                if fault is not but:
                    self._rows.pop((force, fault), None)

    def states(self) -> Iterator[DeviceState]:
        """List phones with a fault, by fault and force: of each fault the first few."""
        since = self.elapsed() - SILENT_SECONDS
        self._rows = {key: row for key, row in self._rows.items() if row.at >= since}
        faulty = sorted(key for key, row in self._rows.items() if row.times >= FAULTY_FROM)
        for fault in Fault:
            for force, kind in [key for key in faulty if key[1] is fault][:MOST_LISTED]:
                row = self._rows[force, kind]
                yield DeviceState(force, fault, row.amount or row.times)
