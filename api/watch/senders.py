"""Who sends rubbish: how much of what programs send was refused of late, by the account that sent it.

What was refused says nothing reliable of where it came from, and may be personal; the account is sure.
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
    """What was made of a program's sendings in the last ten minutes."""

    sender: str
    taken: int
    refused: int

    @property
    def is_failing(self) -> bool:
        return self.refused >= FAILING_FROM and self.refused > FAILING_SHARE * (self.taken + self.refused)


@dataclass(slots=True)
class _Span:
    began: float
    taken: int = 0
    refused: int = 0


@dataclass(slots=True)
class Senders:
    """Tallies by account, in spans of ten seconds that no clock can set."""

    elapsed: Callable[[], float] = time.monotonic
    _spans: dict[str, deque[_Span]] = field(default_factory=dict)

    def tell(self, sender: str, *, taken: int, refused: int) -> None:
        """So much of what came from `sender` was taken and so much refused."""
        spans = self._spans.get(sender)
        if spans is None:
            if len(self._spans) >= MOST_SENDERS or not taken + refused:
                return
            spans = self._spans[sender] = deque()
        now = self.elapsed()
        if not spans or now - spans[-1].began > SPAN_SECONDS:
            spans.append(_Span(now))
        spans[-1].taken += taken
        spans[-1].refused += refused
        self._forget(spans)

    def states(self) -> list[SenderState]:
        """Those that sent something in the last ten minutes, by name."""
        for spans in self._spans.values():
            self._forget(spans)
        self._spans = {sender: spans for sender, spans in self._spans.items() if spans}
        return [
            SenderState(sender, taken=sum(span.taken for span in spans), refused=sum(span.refused for span in spans))
            for sender, spans in sorted(self._spans.items())
        ]

    def _forget(self, spans: deque[_Span]) -> None:
        since = self.elapsed() - WINDOW_SECONDS
        while spans and spans[0].began < since:
            spans.popleft()
