"""Random case flows, and a random walk through one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import strategies as st

from console.flow.case_rules import Facts, apply, permitted, seat_for
from console.flow.case_state import CaseState, Holder
from console.flow.case_terms import CaseMove, CaseTerms, MoveKind
from console.flow.effects import Deed, Target
from console.flow.forms import satisfied_of
from console.flow.seats import Person, Seat

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
NAMES = {"zh": "名", "en": "Name"}
LEVELS = ("village", "town", "county")
UNITS = {"v1": "village", "v2": "village", "t1": "town", "d1": "town", "c1": "county"}
"""Units of the tests, with their levels."""
ACCESS = ("operator", "supervisor")
NOTHING = Facts()
PEOPLE = tuple(
    Person(user=10 * i + j, access=access, seats=(Seat(unit, level, id=10 * i + j),))
    for i, (unit, level) in enumerate(UNITS.items(), 1)
    for j, access in enumerate(ACCESS)
)
NEEDED = {
    "return": ["reason"],
    "transfer": ["unit"],
    "escalate": ["reason"],
    "send_down": ["reason"],
    "join": ["units"],
    "answer": ["note"],
    "refuse": ["reason"],
    "stand_down": ["unit"],
    "pause": ["reason"],
    "close": ["outcome"],
    "reopen": ["reason"],
}
WHERE = {
    "accept": ["receiver", "owner"],
    "return": ["receiver", "owner"],
    "answer": ["joined"],
    "refuse": ["joined"],
    "take_up": ["above"],
    "reopen": ["anywhere"],
    "archive": ["anywhere"],
    "take_charge": ["anywhere"],
    "urge": ["anywhere"],
}
STAYING = ("accept", "transfer", "return", "escalate", "send_down", "take_up", "join", "answer", "refuse", "stand_down")


def coded(code: str, **more: object) -> dict[str, object]:
    return {"code": code, "names": NAMES, **more}


def field(code: str) -> dict[str, object]:
    types = {"unit": "unit", "units": "units", "outcome": "choice"}
    return coded(code, type=types.get(code, "text"), **({"of": "outcomes"} if code == "outcome" else {}))


def move(code: str, kind: str, leaves: list[str], to: str | None = None, **more: object) -> dict[str, object]:
    form = [field(name) for name in NEEDED.get(kind, [])]
    by = [f"at_{where}" for where in WHERE.get(kind, ["owner"])]
    return coded(code, kind=kind, leaves=leaves, to=to, by=by, form=form, **more)


@st.composite
def flows(draw: st.DrawFn) -> CaseTerms:
    """Draw a flow of one to five open stages in a chain, perhaps with a pause and with moves back, that is in order."""
    opens = [f"s{i}" for i in range(draw(st.integers(1, 5)))]
    pauses = draw(st.booleans())
    checked, waits = draw(st.booleans()), draw(st.booleans())
    stages = [coded(code) for code in opens] + [coded("end", kind="end"), coded("kept", kind="archived")]
    moves = [move(f"next{i}", "advance", [a], b) for i, (a, b) in enumerate(pairwise(opens))]
    moves += [move(kind, kind, opens) for kind in STAYING]
    moves += [move("close", "close", [opens[-1]], "end", checked=checked, waits=waits)]
    moves[-1]["by"] = ["at_owner", "at_above"]
    moves += [move("reopen", "reopen", ["end", "kept"], draw(st.sampled_from(opens)))]
    moves += [move("archive", "archive", ["end"], "kept"), move("urge", "urge", opens)]
    for i in range(draw(st.integers(0, 2))):
        moves.append(move(f"back{i}", "advance", [draw(st.sampled_from(opens))], draw(st.sampled_from(opens))))
    if pauses:
        stages.append(coded("waiting", kind="paused"))
        moves += [move("pause", "pause", opens, "waiting"), move("resume", "resume", ["waiting"])]
    used = {where for one in moves for where in one["by"]}  # type: ignore[attr-defined]
    roles = [coded(name, access=ACCESS, where=[name.removeprefix("at_")]) for name in sorted(used)]
    lanes = [coded(f"lane{i}") for i in range(draw(st.integers(1, 3)))]
    due = [{"move": move, "form": {"reason": "overdue"}} for move in ("escalate", "return")]
    up, back = (draw(st.sampled_from([None, one])) for one in due)
    values = {
        "stages": stages,
        "flows": [coded("all", stages=[str(stage["code"]) for stage in stages])],
        "lanes": lanes,
        "levels": [{"level": level, "names": NAMES} for level in LEVELS],
        "roles": roles,
        "moves": moves,
        "limits": [
            coded("whole", clocks=[{"clock": "whole"}], overdue=draw(st.sampled_from([None, up]))),
            coded(
                "answer", during="hand_over", clocks=[{"clock": "answer"}], overdue=draw(st.sampled_from([None, back]))
            ),
            coded("called", during="joint", clocks=[{"clock": "called"}]),
        ],
        "outcomes": [coded("settled"), coded("failed")],
        "joint": {"rule": draw(st.sampled_from(["all", "any", "count", "lead"])), "count": 2},
    }
    return CaseTerms.model_validate(values)


def opened(terms: CaseTerms) -> CaseState:
    flow = terms.flows[0]
    first = Holder("v1")
    return CaseState(flow.code, "x.y", "low", flow.stages[0], terms.lanes[0].code, "village", first, first)


def possible(terms: CaseTerms, state: CaseState, facts: Facts = NOTHING) -> list[tuple[Person, CaseMove]]:
    """List the moves that anybody of the tests may make."""
    return [
        (person, one) for person in PEOPLE for one, refused in permitted(terms, state, person, facts) if refused is None
    ]


def deed_of(draw: st.DrawFn, terms: CaseTerms, state: CaseState, person: Person, one: CaseMove) -> Deed:
    """Draw what a person fills in for a move."""
    form: dict[str, object] = {}
    target = None
    levels = [level for level in LEVELS if level in terms.level_codes]
    at = levels.index(state.level)
    if one.kind is MoveKind.TRANSFER:
        unit = draw(st.sampled_from([*UNITS]))
        target = Target(unit, UNITS[unit])
    elif one.kind in (MoveKind.ESCALATE, MoveKind.SEND_DOWN):
        level = levels[at + (1 if one.kind is MoveKind.ESCALATE else -1)]
        target = Target({"village": "v1", "town": "t1", "county": "c1"}[level], level)
    elif one.kind is MoveKind.JOIN:
        form["units"] = draw(st.lists(st.sampled_from([*UNITS]), min_size=1, max_size=3))
    elif one.kind is MoveKind.STAND_DOWN:
        form["unit"] = draw(st.sampled_from(state.open_calls))
    elif one.kind is MoveKind.CLOSE:
        form["outcome"] = draw(st.sampled_from([outcome.code for outcome in terms.outcomes]))
    seat = seat_for(terms, state, one, person, Facts())
    return Deed(one, person, seat, form, AT, target, satisfied=satisfied_of(terms, form))


def walk(draw: st.DrawFn, terms: CaseTerms, *, most: int = 12) -> Iterator[tuple[CaseState, Deed, CaseState]]:
    """Yield random moves of random people, with the states before and after."""
    state = opened(terms)
    for _ in range(draw(st.integers(0, most))):
        person, one = draw(st.sampled_from(possible(terms, state)))
        deed = deed_of(draw, terms, state, person, one)
        after = apply(terms, state, deed)
        yield state, deed, after
        state = after
