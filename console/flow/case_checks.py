"""Check that a case flow fits together: stages that can be reached and end, moves that somebody may make. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from console.access.rules import ROLES, Permission
from console.flow.case_paths import next_stages, reachable
from console.flow.case_terms import CaseMove, CaseTerms, DueMove, FieldType, FormField, MoveKind, StageKind, clock_for
from console.flow.forms import FormInvalid, fill, form_of
from geo.terms import Coded

Path = tuple[str | int, ...]
MISSING_CODE = "{value} is not among {among}"
NEEDED: Mapping[MoveKind, Mapping[str, FieldType]] = MappingProxyType(
    {
        MoveKind.RETURN: {"reason": "text"},
        MoveKind.SPLIT: {"title": "text"},
        MoveKind.TRANSFER: {"unit": "unit"},
        MoveKind.ESCALATE: {"reason": "text"},
        MoveKind.SEND_DOWN: {"reason": "text"},
        MoveKind.JOIN: {"units": "units"},
        MoveKind.ANSWER: {"note": "text"},
        MoveKind.REFUSE: {"reason": "text"},
        MoveKind.STAND_DOWN: {"unit": "unit"},
        MoveKind.PAUSE: {"reason": "text"},
        MoveKind.EXTEND: {"limit": "choice", "amount": "number", "reason": "text"},
        MoveKind.PROCEDURE: {"procedure": "choice"},
        MoveKind.CLOSE: {"outcome": "choice"},
        MoveKind.REOPEN: {"reason": "text"},
    }
)
"""Fields that a kind of move cannot do without, with their types. A reason may be a choice."""
KNOWN_FIELDS: Mapping[str, FieldType] = MappingProxyType(
    {"unit": "unit", "units": "units", "post": "post", "handler": "unit", "coordinator": "unit", "amount": "number"}
)
LISTS: Mapping[str, str] = MappingProxyType(
    {"lane": "lanes", "level": "levels", "outcome": "outcomes", "procedure": "procedures", "limit": "limits"}
)
"""Fields that the engine acts on, by code, and the list whose codes they hold."""
BECOMES: Mapping[MoveKind, frozenset[StageKind]] = MappingProxyType(
    {
        MoveKind.PAUSE: frozenset({StageKind.PAUSED}),
        MoveKind.CLOSE: frozenset({StageKind.END}),
        MoveKind.ARCHIVE: frozenset({StageKind.ARCHIVED}),
        MoveKind.REOPEN: frozenset({StageKind.OPEN}),
        MoveKind.RESUME: frozenset({StageKind.OPEN}),
        MoveKind.FOLLOW_UP: frozenset({StageKind.END, StageKind.OPEN}),
        MoveKind.URGE: frozenset(),
        MoveKind.CIRCULATE: frozenset(),
    }
)
"""Kinds of stages that a kind of move leads to; open ones for every other kind."""
BY_SERVER = (MoveKind.ESCALATE, MoveKind.ADVANCE, MoveKind.RETURN)
"""Kinds of moves that the server can make when a limit is due: nobody has to accept them or be named."""
OPEN_ONLY = frozenset({StageKind.OPEN})
GOING_ON = frozenset({StageKind.OPEN, StageKind.PAUSED})
LEAVES: Mapping[MoveKind, frozenset[StageKind]] = MappingProxyType(
    {
        MoveKind.RESUME: frozenset({StageKind.PAUSED}),
        MoveKind.REOPEN: frozenset({StageKind.END, StageKind.ARCHIVED}),
        MoveKind.ARCHIVE: frozenset({StageKind.END}),
        MoveKind.FOLLOW_UP: frozenset({StageKind.END, StageKind.OPEN}),
        MoveKind.CLOSE: GOING_ON,
        MoveKind.ACCEPT: GOING_ON,
        MoveKind.RETURN: GOING_ON,
        MoveKind.ESCALATE: GOING_ON,
        MoveKind.TAKE_UP: GOING_ON,
        MoveKind.TAKE_CHARGE: GOING_ON,
        MoveKind.PROCEDURE: GOING_ON,
        MoveKind.ANSWER: GOING_ON,
        MoveKind.REFUSE: GOING_ON,
        MoveKind.STAND_DOWN: GOING_ON,
        MoveKind.URGE: GOING_ON,
        MoveKind.CIRCULATE: GOING_ON,
    }
)
"""Kinds of stages that a kind of move may leave; open ones for every other kind."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the section: the path of its key, and what to do, in which braces name `values`."""

    key: Path
    words: str
    values: Mapping[str, object] = field(default_factory=dict)


def faults_of(
    terms: CaseTerms, *, classes: Collection[str], categories: Collection[str], risks: Collection[str]
) -> Iterator[Fault]:
    """Yield the faults of a case flow for incidents of these classes, categories and risks."""
    yield from _repeated(terms)
    yield from _undefined(terms, classes=classes, categories=categories, risks=risks)
    yield from _draws(terms, classes=classes)
    yield from _roles(terms)
    yield from _unused(terms)
    yield from _overdue(terms)
    for i, move in enumerate(terms.moves):
        yield from _move(terms, move, ("moves", i))
    known = {*terms.stage_by_code}
    if all({*flow.stages} <= known for flow in terms.flows):
        for i, flow in enumerate(terms.flows):
            yield from _paths(terms, flow.code, ("flows", i, "stages"))
            yield from _waiting(terms, flow.code)
    yield from _covered(terms, categories=categories, risks=risks)


def _repeated(terms: CaseTerms) -> Iterator[Fault]:
    lists: dict[Path, Iterable[Coded]] = {
        (name,): getattr(terms, name)
        for name in ("steps", "stages", "flows", "lanes", "roles", "moves", "limits", "conditions", "outcomes")
    }
    lists[("procedures",)] = terms.procedures
    if terms.follow_up:
        lists["follow_up", "draws"] = terms.follow_up.draws
        lists["follow_up", "aspects"] = terms.follow_up.aspects
    for i, move in enumerate(terms.moves):
        lists["moves", i, "form"] = move.form
    for key, coded in lists.items():
        yield from _doubles((*key,), [one.code for one in coded])
    yield from _doubles(("levels",), [level.level for level in terms.levels])


def _doubles(key: Path, codes: list[str]) -> Iterator[Fault]:
    for i, code in enumerate(codes):
        if code in codes[:i]:
            yield Fault((*key, i), "{code} stands more than once: leave one of them", {"code": code})


def _undefined(
    terms: CaseTerms, *, classes: Collection[str], categories: Collection[str], risks: Collection[str]
) -> Iterator[Fault]:
    """Yield codes that are used and defined nowhere."""
    here = _Known(terms, classes=classes, categories=categories, risks=risks)
    lists: dict[str, tuple[str, ...]] = {
        "flows": ("classes", "categories", "stages"),
        "lanes": ("risks", "classes", "categories"),
        "limits": ("stages",),
        "finish_closes": ("lanes", "classes", "categories"),
    }
    for name, keys in lists.items():
        for i, part in enumerate(getattr(terms, name)):
            yield from here.listed((name, i), part, *keys)
    singles = {"stages": ("step", "steps"), "receivers": ("level", "levels"), "finish_closes": ("outcome", "outcomes")}
    for name, (key, among) in singles.items():
        for i, part in enumerate(getattr(terms, name)):
            yield from here.unknown((name, i), key, getattr(part, key), among)
    for i, move in enumerate(terms.moves):
        yield from here.move(("moves", i), move)
    clocks = [(i, j, clock) for i, limit in enumerate(terms.limits) for j, clock in enumerate(limit.clocks)]
    for i, j, clock in clocks:
        yield from here.listed(("limits", i, "clocks", j), clock, "flows", "lanes", "levels", "risks")
    if terms.desk_close:
        yield from here.unknown(("desk_close",), "move", terms.desk_close.move, "moves")
        yield from here.unknown(("desk_close",), "otherwise", terms.desk_close.otherwise, "moves")
        yield from here.unknown(("desk_close",), "outcome", terms.desk_close.outcome, "outcomes")


class _Known:
    """The codes that a section and its pack define, by the name of their list."""

    def __init__(
        self, terms: CaseTerms, *, classes: Collection[str], categories: Collection[str], risks: Collection[str]
    ) -> None:
        coded = ("steps", "stages", "flows", "lanes", "roles", "moves", "conditions", "outcomes")
        self.codes: dict[str, Collection[str]] = {name: [one.code for one in getattr(terms, name)] for name in coded}
        self.codes |= {"levels": terms.level_codes, "classes": classes, "categories": categories, "risks": risks}

    def listed(self, key: Path, part: object, *names: str) -> Iterator[Fault]:
        for name in names:
            for i, code in enumerate(getattr(part, name)):
                yield from self.unknown((*key, name), i, code, name)

    def unknown(self, key: Path, last: str | int, code: str | None, among: str) -> Iterator[Fault]:
        if code is not None and code not in self.codes[among]:
            where = f"incidents.{among}" if among in ("classes", "categories", "risks") else f"case.{among}"
            yield Fault((*key, last), MISSING_CODE, {"value": code, "among": where})

    def move(self, key: Path, move: CaseMove) -> Iterator[Fault]:
        for name, among in (("by", "roles"), ("leaves", "stages")):
            for i, code in enumerate(getattr(move, name)):
                yield from self.unknown((*key, name), i, code, among)
        yield from self.listed(key, move, "conditions", "flows", "lanes", "levels")
        yield from self.unknown(key, "to", move.to, "stages")
        yield from self.unknown(key, "dissatisfied_to", move.dissatisfied_to, "stages")


def _draws(terms: CaseTerms, *, classes: Collection[str]) -> Iterator[Fault]:
    """Yield codes of draws of the follow-up that are defined nowhere."""
    here = _Known(terms, classes=classes, categories=(), risks=())
    for i, draw in enumerate(terms.follow_up.draws if terms.follow_up else ()):
        yield from here.listed(("follow_up", "draws", i), draw, "lanes", "classes", "levels")


def _roles(terms: CaseTerms) -> Iterator[Fault]:
    """Yield roles that nobody has: neither by an account that may move cases, nor by a post."""
    may = sorted(role for role, permissions in ROLES.items() if Permission.MOVE_CASES in permissions)
    for i, role in enumerate(terms.roles):
        key = ("roles", i)
        if not role.access and not role.posts and not role.duties:
            yield Fault(key, "nobody has this role: name access, posts or duties")
        for j, access in enumerate(role.access):
            if access not in may:
                words = "accounts of the role {value} move no cases; these do: {roles}"
                yield Fault((*key, "access", j), words, {"value": access, "roles": ", ".join(may)})
        if not role.where:
            yield Fault((*key, "where"), "nobody has this role: say where its people stand to the case")
        for j, level in enumerate(role.levels):
            if level not in terms.level_codes:
                yield Fault((*key, "levels", j), MISSING_CODE, {"value": level, "among": "case.levels"})


def _unused(terms: CaseTerms) -> Iterator[Fault]:
    """Yield what is defined and used nowhere."""
    kinds = {move.kind for move in terms.moves}
    used: dict[str, set[str]] = {
        "steps": {stage.step for stage in terms.stages if stage.step},
        "stages": {stage for flow in terms.flows for stage in flow.stages},
        "roles": {role for move in terms.moves for role in move.by},
        "conditions": {condition for move in terms.moves for condition in move.conditions},
    }
    for name, codes in used.items():
        for i, one in enumerate(getattr(terms, name)):
            if one.code not in codes:
                yield Fault((name, i), "nothing uses {code}: remove it", {"code": one.code})
    needing = (
        ("procedures", MoveKind.PROCEDURE, terms.procedures),
        ("follow_up", MoveKind.FOLLOW_UP, terms.follow_up),
        ("pause", MoveKind.PAUSE, "pause" in terms.model_fields_set),
    )
    for name, kind, given in needing:
        if given and kind not in kinds:
            yield Fault((name,), "no move is of the kind {kind}", {"kind": kind.value})
    joined = {"answer": MoveKind.ANSWER, "stand_down": MoveKind.STAND_DOWN}
    for kind in joined.values():
        if MoveKind.JOIN in kinds and kind not in kinds:
            yield Fault(("moves",), "no move is of the kind {kind}", {"kind": kind.value})


def _move(terms: CaseTerms, move: CaseMove, key: Path) -> Iterator[Fault]:
    """Yield what does not fit the kind of a move."""
    known = [flow.code for flow in terms.flows if {*flow.stages} <= {*terms.stage_by_code}]
    if not any(terms.leaves_of(move, flow) for flow in known):
        yield Fault(key, "no flow has this move: its stages lie in none, or in different ones")
    yield from _ends(terms, move, key)
    yield from _fields(move, key)
    for i, one in enumerate(move.form):
        yield from _choices(one, (*key, "form", i))
    if move.kind is MoveKind.FOLLOW_UP and terms.follow_up is None:
        yield Fault(key, "say in case.follow_up what is asked")
    if move.dissatisfied_to and move.kind is not MoveKind.FOLLOW_UP:
        yield Fault((*key, "dissatisfied_to"), "only a follow_up move has this")


def _fields(move: CaseMove, key: Path) -> Iterator[Fault]:
    """Yield fields that the kind of a move needs and its form lacks or has with another type."""
    fields = {one.code: one for one in move.form}
    needed = NEEDED.get(move.kind, {})
    for code, kind in (dict(KNOWN_FIELDS) | dict(needed)).items():
        if code not in fields:
            if code in needed:
                words = "a {kind} move needs the field {code}"
                yield Fault((*key, "form"), words, {"kind": move.kind.value, "code": code})
        elif not _fits(fields[code], kind):
            yield _wrong_type(key, move, code, kind)
        elif code in needed and code != "outcome" and not fields[code].required:
            at = move.form.index(fields[code])
            yield Fault(
                (*key, "form", at, "required"), "a {kind} move cannot do without this field", {"kind": move.kind}
            )


def _waiting(terms: CaseTerms, flow: str) -> Iterator[Fault]:
    """Yield moves that wait for called units where no move can end the wait. Without answers there is no wait."""
    if not _stages_left_by(terms, MoveKind.JOIN, flow):
        return
    ending = _stages_left_by(terms, MoveKind.STAND_DOWN, flow)
    waiting = _stages_left_by(terms, MoveKind.ANSWER, flow)
    for i, move in enumerate(terms.moves):
        if move.waits and not {*terms.leaves_of(move, flow)} & waiting <= ending:
            yield Fault(
                ("moves", i, "waits"), "no stand_down move leaves the same stages: the wait could last for ever"
            )


def _stages_left_by(terms: CaseTerms, kind: MoveKind, flow: str) -> set[str]:
    return {stage for move in terms.moves if move.kind is kind for stage in terms.leaves_of(move, flow)}


def _overdue(terms: CaseTerms) -> Iterator[Fault]:
    """Yield moves of overdue limits that the server could not make: it names no unit and confirms nothing."""
    for i, limit in enumerate(terms.limits):
        due, key = limit.overdue, ("limits", i, "overdue")
        if due is None:
            continue
        move = terms.move_by_code.get(due.move)
        if move is None:
            yield Fault((*key, "move"), MISSING_CODE, {"value": due.move, "among": "case.moves"})
        elif move.kind not in BY_SERVER:
            kinds = ", ".join(kind.value for kind in BY_SERVER)
            yield Fault((*key, "move"), "only these kinds are made by the server: {kinds}", {"kinds": kinds})
        else:
            yield from _filled(terms, move, due, key)


def _filled(terms: CaseTerms, move: CaseMove, due: DueMove, key: Path) -> Iterator[Fault]:
    """Yield the fields of an overdue limit's move that are missing or wrong."""
    if any(code not in terms.condition_by_code for code in move.conditions):
        return
    try:
        fill(form_of(terms, move), due.form)
    except FormInvalid as bad:
        for error in bad.params["errors"]:
            words = "the field {field} of the move {move} is missing or wrong"
            yield Fault((*key, "form"), words, {"field": error["field"], "move": move.code})


def _fits(one: FormField, kind: FieldType) -> bool:
    return one.type == kind or (one.code == "reason" and one.type == "choice")


def _wrong_type(key: Path, move: CaseMove, code: str, kind: str) -> Fault:
    at = next(i for i, one in enumerate(move.form) if one.code == code)
    return Fault((*key, "form", at, "type"), "should be one of {expected}", {"expected": f"'{kind}'"})


def _choices(one: FormField, key: Path) -> Iterator[Fault]:
    if (one.type == "choice") != (bool(one.choices) or one.of is not None):
        yield Fault(key, "a choice, and nothing else, has choices or of")
    wanted = LISTS.get(one.code)
    if one.type == "choice" and wanted and one.of != wanted:
        yield Fault(key, "this field holds codes of {among}: say of", {"among": f"case.{wanted}"})


def _ends(terms: CaseTerms, move: CaseMove, key: Path) -> Iterator[Fault]:
    """Yield stages of a kind that this kind of move does not leave or lead to."""
    for i, code in enumerate(move.leaves):
        stage = terms.stage_by_code.get(code)
        if stage and stage.kind not in LEAVES.get(move.kind, OPEN_ONLY):
            yield _misplaced((*key, "leaves", i), move, stage.kind)
    for name, leads_to in (("to", move.to), ("dissatisfied_to", move.dissatisfied_to)):
        stage = terms.stage_by_code.get(leads_to) if leads_to else None
        if stage and stage.kind not in BECOMES.get(move.kind, OPEN_ONLY):
            yield _misplaced((*key, name), move, stage.kind)
    must = {MoveKind.PAUSE, MoveKind.CLOSE, MoveKind.ARCHIVE, MoveKind.REOPEN, MoveKind.ADVANCE}
    if move.to is None and move.kind in must:
        yield Fault((*key, "to"), "this key is missing: add it")
    if not move.leaves and move.kind in {MoveKind.RESUME, MoveKind.REOPEN, MoveKind.ARCHIVE}:
        yield Fault((*key, "leaves"), "this key is missing: add it")


def _misplaced(key: Path, move: CaseMove, kind: StageKind) -> Fault:
    return Fault(key, "a {kind} move and {stage} stages do not go together", {"kind": move.kind.value, "stage": kind})


def _paths(terms: CaseTerms, flow: str, key: Path) -> Iterator[Fault]:
    """Yield the stages of a flow that cannot be reached, or from which no end can be."""
    stages = terms.flow_by_code[flow].stages
    ends = {*terms.stages_of(flow, StageKind.END)}
    if not ends or terms.stage_by_code[stages[0]].kind is not StageKind.OPEN:
        yield Fault(key, "a flow begins with an open stage and has an end")
        return
    after = next_stages(terms, flow)
    reached = reachable(after, stages[0])
    for i, stage in enumerate(stages):
        if stage not in reached:
            yield Fault((*key, i), "{stage} cannot be reached in the flow {flow}", {"stage": stage, "flow": flow})
        elif terms.stage_by_code[stage].kind is not StageKind.ARCHIVED and not ends & reachable(after, stage):
            yield Fault((*key, i), "{stage} leads to no end in the flow {flow}", {"stage": stage, "flow": flow})


def _covered(terms: CaseTerms, *, categories: Collection[str], risks: Collection[str]) -> Iterator[Fault]:
    """Yield incidents without a flow, a lane or a clock for the whole case."""
    for category in categories:
        if not terms.fits(category, risks):
            words = "no flow or no lane fits incidents of the category {category}"
            yield Fault(("flows",), words, {"category": category})
            return
    flows = {terms.flow_for(category) for category in categories}
    every = {(flow, lane.code, risk) for flow in flows for lane in terms.lanes for risk in risks}
    for flow, lane, risk in sorted(every):
        for level in terms.level_codes:
            if not has_clock(terms, flow=flow, lane=lane, level=level, risk=risk):
                words = "no clock runs through a case of flow {flow}, lane {lane}, level {level}, risk {risk}"
                yield Fault(("limits",), words, {"flow": flow, "lane": lane, "level": level, "risk": risk})
                return


def has_clock(terms: CaseTerms, *, flow: str, lane: str, level: str, risk: str) -> bool:
    """Whether some limit of the whole case has a clock for it."""
    return any(
        clock_for(limit.clocks, flow=flow, lane=lane, level=level, risk=risk)
        for limit in terms.limits
        if limit.during == "case"
    )
