"""Check that no closing of a case passes over the check by another person that others ask for. Pure."""

from collections.abc import Collection, Iterator

from console.flow.case_checks import Fault
from console.flow.case_terms import CaseMove, CaseTerms, MoveKind


def faults_of_closings(terms: CaseTerms, *, categories: Collection[str]) -> Iterator[Fault]:
    """Yield closings without a check, of cases that another closing checks.

    Those that `finish_closes` ends may be closed without: nobody looks at them there either.
    """
    closings = [(i, move) for i, move in enumerate(terms.moves) if move.kind is MoveKind.CLOSE]
    for i, move in closings:
        passed_over = (
            (flow.code, lane.code)
            for flow in terms.flows
            for lane in terms.lanes
            if not move.checked
            and _is_of(terms, move, flow.code, lane.code)
            and any(other.checked and _meet(terms, move, other, flow.code, lane.code) for _, other in closings)
            and not _ends_by_itself(terms, categories, flow.code, lane.code)
        )
        if found := next(passed_over, None):
            words = (
                "the flow {flow} checks closings of the lane {lane}, and this one passes over it: add checked, "
                "or name other lanes"
            )
            yield Fault(("moves", i), words, {"flow": found[0], "lane": found[1]})


def _is_of(terms: CaseTerms, move: CaseMove, flow: str, lane: str) -> bool:
    return bool(terms.leaves_of(move, flow)) and (not move.lanes or lane in move.lanes)


def _meet(terms: CaseTerms, move: CaseMove, other: CaseMove, flow: str, lane: str) -> bool:
    """Whether both moves are for cases of some level."""
    return _is_of(terms, other, flow, lane) and (
        not move.levels or not other.levels or bool({*move.levels} & {*other.levels})
    )


def _ends_by_itself(terms: CaseTerms, categories: Collection[str], flow: str, lane: str) -> bool:
    """Whether the end of the leading force's task closes every case of a flow in a lane."""
    of_flow = [category for category in categories if terms.flow_for(category) == flow]
    return all(terms.closed_by_finish(category, lane) for category in of_flow)
