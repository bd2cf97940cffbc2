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
from console.flow.levels import next_level
from console.flow.seats import Person, Seat

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
NAMES = {"zh": "名", "en": "Name"}
LEVELS = ("village", "town", "county")
UNITS = {"v1": "village", "v2": "village", "t1": "town", "d1": "town", "c1": "county"}
"""Units of the tests, with their levels."""
ACCESS = ("operator", "supervisor")
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
FOLLOW_UP = {
    "ways": [{"code": "phone", "names": NAMES}],
    "aspects": [{"code": "result", "names": NAMES}],
    "answers": [
        {"code": "well", "names": NAMES, "satisfied": "yes"},
        {"code": "badly", "names": NAMES, "satisfied": "no"},
    ],
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
    "follow_up": ["anywhere"],
}
HANDING = ("accept", "transfer", "return", "escalate", "send_down")
CALLING = ("join", "answer", "refuse", "stand_down")


def coded(code: str, **more: object) -> dict[str, object]:
    return {"code": code, "names": NAMES, **more}


def field(code: str) -> dict[str, object]:
    types = {"unit": "unit", "units": "units", "outcome": "choice"}
    return coded(code, type=types.get(code, "text"), **({"of": "outcomes"} if code == "outcome" else {}))


def move(code: str, kind: str, leaves: list[str], to: str | None = None, **more: object) -> dict[str, object]:
    form = [field(name) for name in NEEDED.get(kind, [])]
    by = [f"at_{where}" for where in WHERE.get(kind, ["owner"])]
    return coded(code, kind=kind, leaves=leaves, to=to, by=by, form=form, **more)


def _some(draw: st.DrawFn, stages: list[str]) -> list[str]:
    """Draw some of the stages, in their order."""
    chosen = draw(st.sets(st.sampled_from(stages), min_size=1))
    return [stage for stage in stages if stage in chosen]


def _moves(draw: st.DrawFn, opens: list[str], *, pauses: bool, easy: str | None) -> list[dict[str, object]]:
    """Draw the moves of stages in a chain. Hand-overs and calls are answered in some of them only."""
    left, called = _some(draw, opens), _some(draw, opens)
    checked, waits, asked = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    paused = ["waiting"] if pauses else []
    moves = [move(f"next{i}", "advance", [a], b) for i, (a, b) in enumerate(pairwise(opens))]
    moves += [move(kind, kind, left) for kind in HANDING]
    moves += [move(kind, kind, called) for kind in CALLING]
    moves += [move("take_up", "take_up", [*opens, *paused]), move("lead_on", "advance", opens, opens[-1])]
    moves[-1]["by"] = ["at_anywhere"]
    moves += [move("close", "close", [opens[-1]], "end", checked=checked, waits=waits)]
    moves[-1]["by"] = ["at_owner", "at_above", "at_anywhere"]
    if easy is not None:
        moves += [move("close_easy", "close", opens, "end", lanes=[easy])]
    moves += [move("reopen", "reopen", ["end", "kept"], draw(st.sampled_from(opens)))]
    moves += [move("archive", "archive", ["end"], "kept"), move("urge", "urge", opens)]
    if asked:
        back = draw(st.sampled_from(opens))
        moves += [move("follow_up", "follow_up", ["end"], dissatisfied_to=back)]
        moves[-3]["conditions"] = ["asked"]
    for i in range(draw(st.integers(0, 2))):
        moves.append(move(f"back{i}", "advance", [draw(st.sampled_from(opens))], draw(st.sampled_from(opens))))
    if pauses:
        moves += [move("pause", "pause", opens, "waiting"), move("resume", "resume", paused)]
        moves[-1]["by"] = ["at_owner", "at_anywhere"]
    return moves


@st.composite
def flows(draw: st.DrawFn, *, first: str | None = None) -> CaseTerms:
    """Draw a flow of one to five open stages in a chain that is in order: perhaps with a pause, moves back, follow-ups,
    and a lane closed without a check. A class `first` has one of its own, of the same stages or the last of them.
    """
    opens = [f"s{i}" for i in range(draw(st.integers(1, 5)))]
    pauses = draw(st.booleans())
    stages = [coded(code) for code in opens] + [coded("end", kind="end"), coded("kept", kind="archived")]
    stages += [coded("waiting", kind="paused")] if pauses else []
    codes = [str(stage["code"]) for stage in stages]
    lanes = [coded("lane0", risks=["low"]), coded("lane1")][draw(st.integers(0, 1)) :]
    easy = str(lanes[0]["code"]) if draw(st.booleans()) else None
    moves = _moves(draw, opens, pauses=pauses, easy=easy)
    asked = any(one["kind"] == "follow_up" for one in moves)
    used = {where for one in moves for where in one["by"]}  # type: ignore[attr-defined]
    roles = [coded(name, access=ACCESS, where=[name.removeprefix("at_")]) for name in sorted(used)]
    due = [{"move": move, "form": {"reason": "overdue"}} for move in ("escalate", "return")]
    up, back = (draw(st.sampled_from([None, one])) for one in due)
    after = next((str(one["dissatisfied_to"]) for one in moves if one["kind"] == "follow_up"), opens[-1])
    own = coded("own", classes=[first], stages=codes[draw(st.integers(0, opens.index(after))) :])
    received = draw(st.sampled_from([None, *LEVELS]))
    values = {
        "stages": stages,
        "flows": ([own] if first else []) + [coded("all", stages=codes)],
        "lanes": lanes,
        "levels": [{"level": level, "names": NAMES} for level in LEVELS],
        "receivers": [{"level": received}] if received else [],
        "roles": roles,
        "moves": moves,
        "conditions": [coded("asked", kind="followed_up")] if asked else [],
        "follow_up": FOLLOW_UP | {"by": draw(st.sampled_from(["own", "third_party"]))} if asked else None,
        "finish_closes": [{"lanes": [easy], "outcome": "settled"}] if easy else [],
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
    flow = terms.flows[-1]
    first = Holder("v1")
    return CaseState(flow.code, "x.y", "low", flow.stages[0], terms.lanes[0].code, "village", first, first)


def facts_at(state: CaseState) -> Facts:
    return Facts(owner_level=UNITS[state.owner.unit])


def possible(terms: CaseTerms, state: CaseState) -> list[tuple[Person, CaseMove]]:
    """List the moves that anybody of the tests may make."""
    facts = facts_at(state)
    return [
        (person, one) for person in PEOPLE for one, refused in permitted(terms, state, person, facts) if refused is None
    ]


def deed_of(draw: st.DrawFn, terms: CaseTerms, state: CaseState, person: Person, one: CaseMove) -> Deed:
    """Draw what a person fills in for a move."""
    form: dict[str, object] = {}
    target = None
    if one.kind is MoveKind.TRANSFER:
        unit = draw(st.sampled_from([*UNITS]))
        target = Target(unit, UNITS[unit])
    elif one.kind in (MoveKind.ESCALATE, MoveKind.SEND_DOWN):
        level = next_level(terms, state, one.kind, held_at=UNITS[state.owner.unit])
        assert level is not None
        target = Target(next((unit for unit, of in UNITS.items() if of == level), "c1"), level)
    elif one.kind is MoveKind.JOIN:
        form["units"] = draw(st.lists(st.sampled_from([*UNITS]), min_size=1, max_size=3))
    elif one.kind is MoveKind.STAND_DOWN:
        form["unit"] = draw(st.sampled_from(state.open_calls))
    elif one.kind is MoveKind.CLOSE:
        form["outcome"] = draw(st.sampled_from([outcome.code for outcome in terms.outcomes]))
    elif one.kind is MoveKind.FOLLOW_UP:
        assert terms.follow_up is not None
        answer = draw(st.sampled_from([answer.code for answer in terms.follow_up.answers]))
        form |= {"way": "phone", "reached": True, terms.follow_up.aspects[0].code: answer}
    elif one.kind is MoveKind.PROCEDURE:
        form["procedure"] = terms.procedures[0].code
    seat = seat_for(terms, state, one, person, facts_at(state))
    return Deed(one, person, seat, form, AT, target, satisfied=satisfied_of(terms, form))


def walk(
    draw: st.DrawFn, terms: CaseTerms, *, most: int = 12, state: CaseState | None = None
) -> Iterator[tuple[CaseState, Deed, CaseState]]:
    """Yield random moves of random people, with the states before and after."""
    state = state or opened(terms)
    for _ in range(draw(st.integers(0, most))):
        person, one = draw(st.sampled_from(possible(terms, state)))
        deed = deed_of(draw, terms, state, person, one)
        after = apply(terms, state, deed)
        yield state, deed, after
        state = after
