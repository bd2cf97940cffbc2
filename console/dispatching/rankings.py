"""What is kept with a task of the ranking that its force was chosen from: forces and their reasons, without names."""

from collections.abc import Sequence
from typing import Any

from console.dispatching.rules import Ranked, Reason, exclusion_code

KEPT = 10
"""So many candidates are kept, and the one that was sent."""
BY_SHIFT = "on_call.shift"
"""Minutes to call a force in that its shift says: no weight of the place changes them."""


def ranking_of(best: Sequence[Ranked], sent: Ranked) -> dict[str, Any] | None:
    """Return what is kept: `forces`, best first, which of them are `stale`, and their `minutes` of each reason by code.

    The force that was sent comes last if it is not among the best, and not at all where nobody proposes it, as one that
    has declined. None if there is nobody.
    """
    rows = [*best[:KEPT]]
    if all(one.candidate.force != sent.candidate.force for one in rows) and exclusion_code(sent.candidate) is None:
        rows.append(sent)
    minutes: dict[str, list[float]] = {}
    for at, row in enumerate(rows):
        for reason in row.reasons:
            if reason.minutes:
                minutes.setdefault(_code(row, reason), [0.0] * len(rows))[at] += reason.minutes
    if not rows:
        return None
    return {"forces": [one.candidate.force for one in rows], "stale": [one.stale for one in rows], "minutes": minutes}


def _code(row: Ranked, reason: Reason) -> str:
    by_shift = (
        reason.code == "on_call" and row.candidate.roster == "on_call" and row.candidate.answer_minutes is not None
    )
    return BY_SHIFT if by_shift else reason.code
