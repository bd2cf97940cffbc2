"""Find where a case can come to in a flow, and from where nobody could lead it on. Pure.

A place is what decides which moves there are: the stage, the stage before a pause, the level that decides, the level of
the unit that has the case, and whether it has accepted. The lane is left out where places are looked for, since a
correction of the risk changes it anywhere. Hand-overs and calls bar no move, and end where nobody can answer them; so
they count as ways only.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from console.flow.case_checks import GOING_ON
from console.flow.case_terms import CaseMove, CaseRole, CaseTerms, MoveKind, StageKind, Where

HAND_OVER = frozenset({MoveKind.TRANSFER, MoveKind.ESCALATE, MoveKind.SEND_DOWN})
ONLY_PERHAPS = frozenset(
    {
        MoveKind.RETURN,
        MoveKind.EXTEND,
        MoveKind.FOLLOW_UP,
        MoveKind.ANSWER,
        MoveKind.REFUSE,
        MoveKind.STAND_DOWN,
    }
)
"""Kinds of moves that need something of the case: they lead to places, but no case can rely on them."""
LEADING = HAND_OVER | {MoveKind.ACCEPT, MoveKind.RETURN, MoveKind.TAKE_UP, MoveKind.TRIAGE, MoveKind.RESUME}
LEADING |= {MoveKind.FOLLOW_UP}
"""Kinds of moves that lead to another place without naming a stage."""
OTHERS: frozenset[Where] = frozenset({"above", "anywhere"})
"""Where people stand who need not be of the unit that has the case."""
PEOPLE: frozenset[Where] = OTHERS | {"owner", "first_receiver"}


class Place(NamedTuple):
    """Where a case can stand. `level` is empty in a flow whose moves name no levels."""

    stage: str
    held_at: str
    level: str = ""
    accepted: bool = False
    resume_to: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """The places of a flow, and the ways between them. `ended_by_finish`: lanes in which a task's end closes a case."""

    terms: CaseTerms
    flow: str
    lanes: tuple[str, ...]
    levels: tuple[str, ...]
    ended_by_finish: frozenset[str]
    leaving: dict[str, list[CaseMove]]
    places: set[Place] = field(default_factory=set)

    @classmethod
    def of(cls, terms: CaseTerms, flow: str, *, categories: Collection[str], risks: Collection[str]) -> "Course":
        """Find the places that cases of these categories come to."""
        leading = sorted(terms.moves, key=lambda move: move.kind is not MoveKind.CLOSE)  # The short ways first.
        moves = [(move, terms.leaves_of(move, flow)) for move in leading if move.to or move.kind in LEADING]
        chosen = any(move.kind is MoveKind.TRIAGE and stages and _asks(move, "lane") for move, stages in moves)
        met = {terms.lane_for(category, risk) for category in categories for risk in risks}
        lanes = tuple(lane.code for lane in terms.lanes if chosen or lane.code in met)
        named = any(move.levels for move, stages in moves if stages)
        finished = {
            lane for lane in lanes if categories and all(terms.closed_by_finish(one, lane) for one in categories)
        }
        stages = terms.flow_by_code[flow].stages
        leaving = {stage: [move for move, left in moves if stage in left] for stage in stages}
        levels = terms.level_codes if named else ("",)
        course = cls(terms, flow, lanes, levels, frozenset(finished), leaving)
        course._explore(stages[0])
        return course

    def _explore(self, first: str) -> None:
        ahead = {Place(first, held, level) for held in self.terms.level_codes for level in self.levels}
        while ahead:
            self.places.update(ahead)
            ahead = {after for place in ahead for after in self._after(place, None, sure=False)} - self.places

    @property
    def lanes_apart(self) -> Iterable[str]:
        """One of the lanes of each set that has the same moves."""
        moves = [move for moves in self.leaving.values() for move in moves if move.lanes]
        return {
            (lane in self.ended_by_finish, *(lane in move.lanes for move in moves)): lane
            for lane in reversed(self.lanes)
        }.values()

    def stuck_in(self, lane: str) -> set[Place]:
        """Return the places from which no way is sure to lead to an end, for a case of a lane."""
        stuck = {StageKind.PAUSED} if lane in self.ended_by_finish else GOING_ON
        left = {place for place in self.places if self.terms.stage_by_code[place.stage].kind in stuck}
        while good := {one for one in left if any(way not in left for way in self._after(one, lane, sure=True))}:
            left -= good
        return left

    def is_left_to_owner(self, stage: str, lane: str) -> bool:
        """Whether nobody but the unit that has a case can take it up, or lead it to another stage."""
        if self.terms.stage_by_code[stage].kind not in GOING_ON:
            return False
        return not any(
            OTHERS & {where for role in self._roles(move) for where in role.where}
            and (move.kind in {MoveKind.TAKE_UP, MoveKind.RESUME, *HAND_OVER} or (move.to or stage) != stage)
            for move in self.leaving[stage]
            if move.kind not in {*ONLY_PERHAPS, MoveKind.ACCEPT} and (not move.lanes or lane in move.lanes)
        )

    def _roles(self, move: CaseMove) -> list[CaseRole]:
        return [self.terms.role_by_code[code] for code in move.by]

    def _after(self, place: Place, lane: str | None, *, sure: bool) -> Iterator[Place]:
        """Yield the places after a place, in a lane or in any; `sure` leaves out moves that a case cannot rely on."""
        for move in self.leaving[place.stage]:
            if not self._fits(move, lane, place.level) or (sure and move.kind in ONLY_PERHAPS):
                continue
            if "followed_up" in self._conditions(move) and not self._is_asked(place.stage):
                continue
            for after in self._moved(move, place, lane):
                yield after._replace(resume_to=self._resume_to(place, after.stage))

    def _moved(self, move: CaseMove, place: Place, lane: str | None) -> Iterator[Place]:
        to = place._replace(stage=move.to or place.stage)
        if move.kind in ONLY_PERHAPS:
            yield from self._perhaps(move, to)
        elif move.kind is MoveKind.ACCEPT:
            if not place.accepted and self._can(move, place.held_at, {"owner"}):
                yield to._replace(accepted=True)
        elif move.kind is MoveKind.TAKE_UP:
            for held in self._taken_to(move, place.held_at):
                yield to._replace(held_at=held, level=self._higher(place.level, held), accepted=True)
        elif self._can(move, place.held_at, PEOPLE):
            yield from self._led_on(move, place, to, lane)

    def _led_on(self, move: CaseMove, place: Place, to: Place, lane: str | None) -> Iterator[Place]:
        if move.kind is MoveKind.RESUME:
            to = to._replace(stage=move.to or place.resume_to or place.stage)
        if move.kind in HAND_OVER or (move.kind is MoveKind.TRIAGE and _asks(move, "unit")):
            yield from self._handed_over(move, to, lane)
        if move.kind is MoveKind.TRIAGE and _asks(move, "level"):
            yield from (to._replace(level=level) for level in self.levels)
        if move.kind not in (MoveKind.ESCALATE, MoveKind.SEND_DOWN):
            yield to

    def _handed_over(self, move: CaseMove, to: Place, lane: str | None) -> Iterator[Place]:
        """Yield where a case stands when it is handed over, and when the unit has accepted it."""
        rising = self.terms.level_codes
        held = rising.index(to.held_at)
        step = {MoveKind.ESCALATE: 1, MoveKind.SEND_DOWN: -1}.get(move.kind)
        targets = [level for i, level in enumerate(rising) if step is None or (i - held) * step > 0]
        for target in targets:
            offered = to._replace(level=target if to.level and step else to.level)
            yield offered
            accepting = (move for move in self.leaving[to.stage] if move.kind is MoveKind.ACCEPT)
            for accept in accepting:
                if self._fits(accept, lane, offered.level) and self._can(accept, target, {"receiver", "anywhere"}):
                    yield offered._replace(stage=accept.to or to.stage, held_at=target, accepted=True)

    def _perhaps(self, move: CaseMove, to: Place) -> Iterator[Place]:
        """Yield where moves lead to that a case cannot rely on."""
        if move.kind is not MoveKind.RETURN:
            yield to
            if move.dissatisfied_to:
                yield to._replace(stage=move.dissatisfied_to)
            return
        for held in self.terms.level_codes:
            yield from (to._replace(held_at=held, level=level, accepted=False) for level in self.levels)

    def _fits(self, move: CaseMove, lane: str | None, level: str) -> bool:
        lanes = self.lanes if lane is None else (lane,)
        return (not move.lanes or bool({*move.lanes} & {*lanes})) and (not move.levels or level in move.levels)

    def _conditions(self, move: CaseMove) -> set[str]:
        return {self.terms.condition_by_code[code].kind for code in move.conditions}

    def _is_asked(self, stage: str) -> bool:
        """Whether the reporter may have been asked; of a case that goes on, by a follow-up that leaves the stage."""
        asked = any(move.kind is MoveKind.FOLLOW_UP for move in self.leaving[stage])
        return asked or self.terms.stage_by_code[stage].kind not in GOING_ON

    def _can(self, move: CaseMove, held_at: str, standing: Collection[Where]) -> bool:
        """Whether one of a move's roles stands there, to a case at a unit of a level."""
        return any(
            where in standing and self._has(role, where, held_at) for role in self._roles(move) for where in role.where
        )

    def _has(self, role: CaseRole, where: Where, held_at: str) -> bool:
        if where == "above":
            return bool(self._above(role, held_at))
        if where in ("owner", "receiver"):
            return not role.levels or held_at in role.levels
        return where == "anywhere" or not role.levels

    def _above(self, role: CaseRole, held_at: str) -> list[str]:
        rising = self.terms.level_codes
        return [level for level in rising[rising.index(held_at) + 1 :] if not role.levels or level in role.levels]

    def _taken_to(self, move: CaseMove, held_at: str) -> set[str]:
        """Return the levels whose units may take a case up."""
        found: set[str] = set()
        for role in self._roles(move):
            levels: Iterable[str] = role.levels or self.terms.level_codes
            for where in role.where:
                found |= {*self._above(role, held_at)} if where == "above" else set()
                found |= {*levels} if where in ("anywhere", "first_receiver") else set()
                found |= {held_at} if where == "owner" and self._has(role, where, held_at) else set()
        return found

    def _higher(self, level: str, held: str) -> str:
        rising = self.terms.level_codes
        return max(level, held, key=rising.index) if level else level

    def _resume_to(self, place: Place, stage: str) -> str | None:
        if self.terms.stage_by_code[stage].kind is not StageKind.PAUSED:
            return None
        return place.resume_to or place.stage


def _asks(move: CaseMove, field_code: str) -> bool:
    return any(one.code == field_code for one in move.form)
