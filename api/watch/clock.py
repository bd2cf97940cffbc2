"""The server's one clock, which every room is handed the time from."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

PACE = 0.99
"""Rate of the clock while the system's clock is behind: a step of a minute is made up for in less than two hours, and
no limit is off by more than a hundredth."""

LITTLE_AHEAD = timedelta(minutes=10)


def system_time() -> datetime:
    return datetime.now(UTC)


def uptime() -> float:
    """Seconds since the machine started, which nobody can set; a sleeping machine counts them as well."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SteadyClock:
    """Follows the system's clock, but never goes backwards.

    When the system's clock is set back it goes on by the time that really passes, a little slower, until the system's
    clock has caught up or is set forward. Calling it returns the time, aware and in UTC.
    """

    def __init__(self, system: Callable[[], datetime] = system_time, *, elapsed: Callable[[], float] = uptime) -> None:
        self.system = system
        self.elapsed = elapsed
        self._lock = Lock()
        self._last, self._at = system(), elapsed()

    def __call__(self) -> datetime:
        with self._lock:
            # In this order: time that passes between the two is never counted twice.
            system, elapsed = self.system(), self.elapsed()
            self._last = max(system, self._last + PACE * timedelta(seconds=elapsed - self._at))
            self._at = elapsed
            return self._last

    @property
    def lead(self) -> timedelta:
        """Return how far it is ahead of the system's clock; zero while it follows that."""
        return max(timedelta(), self() - self.system())

    def go_on_from(self, moment: datetime) -> None:
        """Go on from the latest moment that the store knows, if that is a little ahead of now.

        The system's clock was set back while no server ran. One that is far behind the store was far ahead before: to
        follow the store would be to keep that fault for good.
        """
        now = self()
        if now < moment <= now + LITTLE_AHEAD:
            with self._lock:
                self._last = moment
