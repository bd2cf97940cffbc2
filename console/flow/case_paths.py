"""Which stages of a case can come after which. Pure."""

from collections.abc import Mapping

from console.flow.case_terms import CaseTerms, MoveKind, StageKind


def next_stages(terms: CaseTerms, flow: str) -> dict[str, set[str]]:
    """Return the stages that a move, or a finished task, leads to from each stage of a flow."""
    after: dict[str, set[str]] = {stage: set() for stage in terms.flow_by_code[flow].stages}
    for move in terms.moves:
        for stage in terms.leaves_of(move, flow):
            after[stage] |= {code for code in (move.to, move.dissatisfied_to) if code}
    _add_resumed(terms, flow, after)
    if terms.finish_closes:
        [end, *_] = terms.stages_of(flow, StageKind.END)
        for stage in terms.stages_of(flow, StageKind.OPEN):
            after[stage].add(end)
    return after


def _add_resumed(terms: CaseTerms, flow: str, after: dict[str, set[str]]) -> None:
    """Add the stages before a pause to which a resumed case goes back."""
    paused = [move for move in terms.moves if move.kind is MoveKind.PAUSE]
    for move in terms.moves:
        if move.kind is MoveKind.RESUME and move.to is None:
            for stage in terms.leaves_of(move, flow):
                after[stage] |= {code for pause in paused if pause.to == stage for code in terms.leaves_of(pause, flow)}


def reachable(after: Mapping[str, set[str]], stage: str) -> set[str]:
    """Return a stage, and all that can come after it."""
    reached: set[str] = set()
    ahead = {stage}
    while ahead:
        reached |= ahead
        ahead = {code for before in ahead for code in after[before]} - reached
    return reached
