"""Check a case flow for what nobody could ever do in it: moves, fields and flows. Pure."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from console.flow.case_checks import Fault, Path
from console.flow.case_terms import CaseMove, CaseTerms, DeskClose, MoveKind, Where
from console.flow.forms import OF_ASKING, FormInvalid, fill, form_of

STANDS: Mapping[MoveKind, frozenset[Where]] = MappingProxyType(
    {
        MoveKind.ACCEPT: frozenset({"receiver", "anywhere"}),
        MoveKind.ANSWER: frozenset({"joined", "anywhere"}),
        MoveKind.REFUSE: frozenset({"joined", "anywhere"}),
    }
)
"""Where somebody must stand to make a kind of move: of the unit that the case is handed to, or that is called."""
ANSWERS: Mapping[MoveKind, MoveKind] = MappingProxyType(
    dict.fromkeys((MoveKind.TRANSFER, MoveKind.ESCALATE, MoveKind.SEND_DOWN, MoveKind.TRIAGE), MoveKind.ACCEPT)
    | {MoveKind.JOIN: MoveKind.ANSWER}
)
"""The kind of move by which a unit answers that the case is handed over to, or that is called."""


def faults_of_impossible(terms: CaseTerms, *, categories: Collection[str], risks: Collection[str]) -> Iterator[Fault]:
    """Yield what nobody could do; of a flow without other faults, as these are told by themselves."""
    yield from _roles(terms)
    for i, move in enumerate(terms.moves):
        yield from _form(terms, move, ("moves", i))
        yield from _posts(move, ("moves", i))
        if (wanted := STANDS.get(move.kind)) and not wanted & _where(terms, move):
            words = "nobody can make a {kind} move: one of its roles must stand at {where}"
            yield Fault(("moves", i, "by"), words, {"kind": move.kind.value, "where": ", ".join(sorted(wanted))})
    yield from _lanes(terms, categories=categories, risks=risks)
    for i, flow in enumerate(terms.flows):
        if flow.code not in {terms.flow_for(category) for category in categories}:
            yield Fault(("flows", i), "an earlier flow fits every incident of this one", {})
        yield from _not_answered(terms, flow.code)
        yield from _not_asked(terms, flow.code)
    if terms.desk_close:
        yield from _desk_close(terms, terms.desk_close)


def _roles(terms: CaseTerms) -> Iterator[Fault]:
    """Yield roles above a case whose units are all of the lowest level."""
    for i, role in enumerate(terms.roles):
        if role.where == ("above",) and role.levels == terms.level_codes[:1]:
            yield Fault(("roles", i, "levels"), "nobody has this role: no case is below the lowest level")


def _lanes(terms: CaseTerms, *, categories: Collection[str], risks: Collection[str]) -> Iterator[Fault]:
    """Yield lanes that no incident comes into, and that no triage can choose."""
    if any(one.code == "lane" for move in terms.moves if move.kind is MoveKind.TRIAGE for one in move.form):
        return
    reached = {terms.lane_for(category, risk) for category in categories for risk in risks}
    for i, lane in enumerate(terms.lanes):
        if lane.code not in reached:
            words = "no incident comes into the lane {lane}, and no triage chooses it"
            yield Fault(("lanes", i), words, {"lane": lane.code})


def _where(terms: CaseTerms, move: CaseMove) -> set[Where]:
    return {where for code in move.by for where in terms.role_by_code[code].where}


def _form(terms: CaseTerms, move: CaseMove, key: Path) -> Iterator[Fault]:
    """Yield fields that cannot be filled in, as another one has their name."""
    taken = {"move"} | {code for code in move.conditions if terms.condition_by_code[code].kind == "confirmed"}
    if move.kind is MoveKind.FOLLOW_UP and terms.follow_up:
        taken |= {*OF_ASKING, *(aspect.code for aspect in terms.follow_up.aspects)}
        for i, aspect in enumerate(terms.follow_up.aspects):
            if aspect.code in (*OF_ASKING, "move"):
                words = "this name is taken by another field: choose another one"
                yield Fault(("follow_up", "aspects", i, "code"), words)
    for i, one in enumerate(move.form):
        if one.code in taken:
            yield Fault((*key, "form", i, "code"), "this name is taken by another field: choose another one")
        if one.least is not None and one.most is not None and one.least > one.most:
            yield Fault((*key, "form", i, "least"), "no number is from {least} to {most}", one.model_dump())
    if move.dissatisfied_to and terms.follow_up and all(one.satisfied != "no" for one in terms.follow_up.answers):
        yield Fault((*key, "dissatisfied_to"), "no answer of the follow-up is dissatisfied")


def _posts(move: CaseMove, key: Path) -> Iterator[Fault]:
    """Yield posts that nobody can choose, as the form asks for no unit."""
    for i, one in enumerate(move.form):
        if one.type == "post" and all(other.code != "unit" for other in move.form):
            yield Fault((*key, "form", i), "a post is one of a unit: add the field unit to this form")


def _not_answered(terms: CaseTerms, flow: str) -> Iterator[Fault]:
    """Yield hand-overs that no unit could accept in the stage they lead to, and calls that none could answer: they
    would end at once.
    """
    for i, move in enumerate(terms.moves):
        leaves = terms.leaves_of(move, flow)
        waits_for = ANSWERS.get(move.kind)
        if not leaves or waits_for is None or (move.kind is MoveKind.TRIAGE and not _names_unit(move)):
            continue
        for stage in sorted({move.to} if move.to else leaves):
            if lane := _lane_without(waits_for, terms, flow, stage, move):
                words = "the case is handed over at {stage}, where no accept move is in the flow {flow}, lane {lane}"
                if waits_for is MoveKind.ANSWER:
                    words = "units are called at {stage}, where no answer move is in the flow {flow}, lane {lane}"
                yield Fault(("moves", i), words, {"stage": stage, "flow": flow, "lane": lane})


def _names_unit(move: CaseMove) -> bool:
    return any(one.code == "unit" for one in move.form)


def _lane_without(kind: MoveKind, terms: CaseTerms, flow: str, stage: str, move: CaseMove) -> str | None:
    """Return a lane of a move in which none of a kind leaves a stage, at a level that the case may have there."""
    answers = [one for one in terms.moves if one.kind is kind and stage in terms.leaves_of(one, flow)]
    levels = move.levels if move.kind in (MoveKind.TRANSFER, MoveKind.JOIN) and move.levels else terms.level_codes
    for lane in move.lanes or [lane.code for lane in terms.lanes]:
        here = [one for one in answers if not one.lanes or lane in one.lanes]
        if not all(any(not one.levels or level in one.levels for one in here) for level in levels):
            return lane
    return None


def _not_asked(terms: CaseTerms, flow: str) -> Iterator[Fault]:
    """Yield moves that wait for a follow-up where there is none: of an open case, before it has ended."""
    asked = {code for move in terms.moves if move.kind is MoveKind.FOLLOW_UP for code in terms.leaves_of(move, flow)}
    for i, move in enumerate(terms.moves):
        if any(terms.condition_by_code[code].kind == "followed_up" for code in move.conditions):
            for stage in sorted({*terms.leaves_of(move, flow)} - asked):
                words = "nobody is asked in {stage}: no follow_up move leaves it in the flow {flow}"
                yield Fault(("moves", i, "conditions"), words, {"stage": stage, "flow": flow})


def _desk_close(terms: CaseTerms, close: DeskClose) -> Iterator[Fault]:
    """Yield closings at the desk that are none, or that ask for more than their outcome."""
    for key, code in zip(("move", "otherwise"), close.moves, strict=False):
        move = terms.move_by_code[code]
        try:
            fill(form_of(terms, move), {"outcome": close.outcome, "note": "x"})
        except FormInvalid:
            yield Fault(("desk_close", key), "an operator fills in the outcome and a note, and nothing else")
        if move.kind is not MoveKind.CLOSE:
            yield Fault(("desk_close", key), "a move of the kind close is wanted")
