"""Summary of a pack's case flow: its flows with their stages, its moves, and its limits with their clocks."""

from collections.abc import Iterator

from console.clocks.terms import ClockTerms
from console.flow.case_terms import CaseLimit, CaseMove, CaseTerms, LimitClock

Row = tuple[str, str]


def flow_rows(terms: CaseTerms) -> Iterator[Row]:
    """Yield the flows with their stages in order, and the kind of those that are not open."""
    for flow in terms.flows:
        stages = (terms.stage_by_code[code] for code in flow.stages)
        yield flow.code, " → ".join(one.code if one.kind == "open" else f"{one.code} ({one.kind})" for one in stages)


def move_rows(terms: CaseTerms) -> Iterator[Row]:
    """Yield the moves: the kind, the stages that each leaves and leads to, and the roles that may make it."""
    for move in terms.moves:
        yield move.code, f"{move.kind}: {_way(move)}; {', '.join(move.by)}"


def limit_rows(terms: CaseTerms, clocks: ClockTerms) -> Iterator[Row]:
    """Yield the limits: when each runs, its clocks with their amounts, and the move that is made when it is due."""
    for limit in terms.limits:
        said = [_clock(one, clocks) for one in limit.clocks]
        due = [f"→ {limit.overdue.move}"] if limit.overdue else []
        yield limit.code, f"{_during(limit)}: {'; '.join([*said, *due])}"


def _way(move: CaseMove) -> str:
    leaves = ", ".join(move.leaves) or "*"
    return f"{leaves} → {move.to}" if move.to else leaves


def _during(limit: CaseLimit) -> str:
    return ", ".join(limit.stages) if limit.during == "stages" else limit.during


def _clock(one: LimitClock, clocks: ClockTerms) -> str:
    term = clocks.limit_by_code[one.clock]
    only = [*one.flows, *one.lanes, *one.levels, *one.risks]
    return f"{term.amount} {term.unit}" + (f" ({', '.join(only)})" if only else "")
