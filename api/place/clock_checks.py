"""Check that a pack's clocks, their hours, and the limits of its cases fit together."""

from collections.abc import Iterator

from api.place.pack import Pack
from api.place.phrases import Phrase
from api.place.problems import Key, Problem, repeated, unknown
from console.clocks.terms import ClockUnit
from console.flow.case_terms import MoveKind, StageKind


def clock_problems(pack: Pack) -> Iterator[Problem]:
    """Yield repeated codes, hours and clocks that are not defined, and clocks that no limit runs by."""
    clocks = pack.clocks
    yield from repeated([(("clocks", "limits", i, "code"), limit.code) for i, limit in enumerate(clocks.limits)])
    yield from repeated([(("clocks", "hours", i, "code"), hours.code) for i, hours in enumerate(clocks.hours)])
    named: list[tuple[Key, str]] = [
        (("clocks", "limits", i, "hours"), limit.hours) for i, limit in enumerate(clocks.limits) if limit.hours
    ]
    if pack.notices.hours:
        named.append((("notices", "hours"), pack.notices.hours))
    yield from unknown(named, clocks.hours_by_code, among="clocks.hours")
    yield from _of_cases(pack)
    yield from _of_moves(pack)
    yield from _of_pauses(pack)
    yield from _of_hours(pack)


def _of_cases(pack: Pack) -> Iterator[Problem]:
    """Yield clocks that the limits of cases name and that are not there, and those that none of them names."""
    if pack.case is None:
        return
    used: list[tuple[Key, str]] = [
        (("case", "limits", i, "clocks", j, "clock"), one.clock)
        for i, limit in enumerate(pack.case.limits)
        for j, one in enumerate(limit.clocks)
    ]
    yield from unknown(used, pack.clocks.limit_by_code, among="clocks.limits")
    names = {code for _, code in used}
    for i, limit in enumerate(pack.clocks.limits):
        if limit.code not in names:
            yield Problem(
                ("clocks", "limits", i),
                "unused",
                Phrase("no limit of cases runs by {code}: name it there, or leave it out", {"code": limit.code}),
            )


def _of_moves(pack: Pack) -> Iterator[Problem]:
    """Yield moves that pause or extend where no clock may be paused or extended."""
    limits = pack.clocks.limits
    allowed = {
        MoveKind.PAUSE: any(limit.pausable for limit in limits),
        MoveKind.EXTEND: any(limit.extension for limit in limits),
    }
    for i, move in enumerate(pack.case.moves if pack.case else ()):
        if not allowed.get(move.kind, True):
            said = Phrase("no clock allows a {kind} move", {"kind": move.kind.value})
            yield Problem(("case", "moves", i, "kind"), "unused", said)


def _of_pauses(pack: Pack) -> Iterator[Problem]:
    """Yield clocks of a limit during a pause that the pause itself would stop."""
    stages = pack.case.stage_by_code if pack.case else {}
    for i, limit in enumerate(pack.case.limits if pack.case else ()):
        paused = any(stages[code].kind is StageKind.PAUSED for code in limit.stages if code in stages)
        for j, one in enumerate(limit.clocks):
            clock = pack.clocks.limit_by_code.get(one.clock)
            if paused and clock and clock.pausable:
                said = Phrase("a pause stops this clock, which is to limit it: choose one that is not pausable")
                yield Problem(("case", "limits", i, "clocks", j, "clock"), "invalid", said)


def _of_hours(pack: Pack) -> Iterator[Problem]:
    """Yield limits in working hours that no hours are named for, and that would run by hours nobody has chosen."""
    for i, limit in enumerate(pack.clocks.limits):
        some = pack.clocks.hours or pack.registry.opening_hours
        if limit.unit is ClockUnit.WORKING_HOUR and not limit.hours and not some:
            said = Phrase("a limit in working hours needs clocks.hours, or units with opening hours")
            yield Problem(("clocks", "limits", i, "hours"), "missing", said)
