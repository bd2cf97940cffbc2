"""Counts sign-ins that were refused, so that the hall is told when somebody tries passwords. No name is kept."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_SECONDS = 600.0
SPAN_SECONDS = 10.0
SUSPICIOUS_FROM = 20


@dataclass(slots=True)
class _Span:
    began: float
    refused: int = 0
    delayed: int = 0


@dataclass(slots=True)
class FailedSignIns:
    """Refused attempts of the last ten minutes, in spans of ten seconds of the monotonic clock."""

    elapsed: Callable[[], float] = time.monotonic
    _spans: deque[_Span] = field(default_factory=deque)

    def record(self, *, delayed: bool = False) -> bool:
        """Count a wrong password, or (`delayed`) an attempt that was turned away unread.

        Return whether that is the first of its sort for some seconds, which is worth a line in the log.
        """
        now = self.elapsed()
        if not self._spans or now - self._spans[-1].began > SPAN_SECONDS:
            self._spans.append(_Span(now))
            self._drop_old(now)
        span = self._spans[-1]
        span.refused += 1
        span.delayed += delayed
        return delayed and span.delayed == 1

    @property
    def suspicious(self) -> int:
        """Return how many were refused if that looks like guessing: one was turned away, or there are many. Else 0."""
        self._drop_old(self.elapsed())
        refused = sum(span.refused for span in self._spans)
        is_guessing = refused >= SUSPICIOUS_FROM or any(span.delayed for span in self._spans)
        return refused if is_guessing else 0

    def _drop_old(self, now: float) -> None:
        while self._spans and self._spans[0].began < now - WINDOW_SECONDS:
            self._spans.popleft()
