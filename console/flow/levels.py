"""Which level decides a case, which one has it, and which comes next. Pure.

`level` of a case is the one that decides it 分级: by its risk, a triage, or a move to another level. The unit that has
it may be of another one, as a town that a county's case came in at. Who is above is measured from that unit.
"""

from console.flow.case_state import CaseState
from console.flow.case_terms import CaseTerms, MoveKind

STEPS = {MoveKind.ESCALATE: 1, MoveKind.SEND_DOWN: -1}


def holding_level(terms: CaseTerms, state: CaseState, unit_level: str | None) -> str:
    """Return the level of the unit that has a case; that of the case, if the unit's is none of those that handle
    cases, or not known.
    """
    return unit_level if unit_level in terms.level_codes else state.level


def is_above(terms: CaseTerms, level: str, other: str) -> bool:
    """Whether a level is higher than another one. One that handles no cases is above none."""
    rising = terms.level_codes
    return level in rising and rising.index(level) > rising.index(other)


def higher(terms: CaseTerms, level: str, other: str) -> str:
    """Return the higher of two levels, of which the first handles cases."""
    return other if is_above(terms, other, level) else level


def next_level(terms: CaseTerms, state: CaseState, kind: MoveKind, *, held_at: str) -> str | None:
    """Return the level that escalating leads to, or sending down, from a unit of a level; None if there is none.

    It is the level that decides the case, where that lies ahead. Otherwise, or where the case has been offered it
    already, it is the one after.
    """
    rising, step = terms.level_codes, STEPS[kind]
    held, decides = rising.index(held_at), rising.index(state.level)
    ahead = (decides - held) * step > 0
    if ahead and not _waits_for_level(state):
        return state.level
    place = (decides if ahead else held) + step
    return rising[place] if 0 <= place < len(rising) else None


def _waits_for_level(state: CaseState) -> bool:
    """Whether a hand-over to another level waits to be accepted."""
    return state.offer is not None and state.offer.level_before not in (None, state.level)
