"""Find programs whose requests are mostly refused, by account.

Refused requests may be personal and do not reliably name their source, but the account is known.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

WINDOW_SECONDS = 600.0
SPAN_SECONDS = 10.0
FAILING_FROM = 20
FAILING_SHARE = 0.5
MOST_SENDERS = 200


@dataclass(frozen=True, slots=True)
class SenderState:
    """Accepted and refused reports or fixes of a program in the last ten minutes, and messages that are unreadable."""

    sender: str
    taken: int
    refused: int
    unreadable: int = 0

    @property
    def is_failing(self) -> bool:
        return self.refused >= FAILING_FROM and self.refused > FAILING_SHARE * (self.taken + self.refused)

    @property
    def is_unreadable(self) -> bool:
        """True for many messages that nobody can read, encrypted ones for instance, whatever else is accepted: one
        phone of an account's many may be set up wrongly.
        """
        return self.unreadable >= FAILING_FROM


@dataclass(slots=True)
class _Span:
    began: float
    taken: int = 0
    refused: int = 0
    unreadable: int = 0


@dataclass(slots=True)
class Senders:
    """Counts by account, in spans of ten seconds of the monotonic clock."""

    elapsed: Callable[[], float] = time.monotonic
    _spans: dict[str, deque[_Span]] = field(default_factory=dict)

    def record(self, sender: str, *, taken: int, refused: int, unreadable: int = 0) -> None:
        """Add counts of accepted, refused and unreadable items from `sender`."""
        spans = self._spans.get(sender)
        if spans is None:
            if len(self._spans) >= MOST_SENDERS or not taken + refused + unreadable:
                return
            spans = self._spans[sender] = deque()
        now = self.elapsed()
        if not spans or now - spans[-1].began > SPAN_SECONDS:
            spans.append(_Span(now))
        spans[-1].taken += taken
        spans[-1].refused += refused
        spans[-1].unreadable += unreadable
        self._drop_old(spans)

    def states(self) -> list[SenderState]:
        """List accounts that sent something in the last ten minutes, by name."""
        for spans in self._spans.values():
            self._drop_old(spans)
        self._spans = {sender: spans for sender, spans in self._spans.items() if spans}
        return [
            SenderState(
                sender,
                taken=sum(span.taken for span in spans),
                refused=sum(span.refused for span in spans),
                unreadable=sum(span.unreadable for span in spans),
            )
            for sender, spans in sorted(self._spans.items())
        ]

    def _drop_old(self, spans: deque[_Span]) -> None:
        since = self.elapsed() - WINDOW_SECONDS
        while spans and spans[0].began < since:
            spans.popleft()
