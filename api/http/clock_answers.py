"""Answers with the clocks of a case."""

from datetime import datetime

from api.http.wire.clocks import ClockLineOut, ClockOut, ClockSourceOut, ClockSumOut
from api.http.wire.flow import NamesOut
from console.cases.casework import RunningClock
from console.clocks.sums import ClockSum, Line


def clock_out(clock: RunningClock, counted: ClockSum, *, now: datetime) -> ClockOut:
    """Return a running clock with its sum, words and source."""
    term = clock.term
    return ClockOut(
        kind=clock.limit,
        clock=clock.clock,
        names=term and NamesOut.model_validate(term.names),
        source=term and ClockSourceOut.model_validate(term.source),
        statutory=clock.statutory,
        unit=clock.unit_code,
        started_at=clock.started_at,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        paused_at=clock.paused_at,
        provisional=clock.provisional,
        late=clock.paused_at is None and clock.due_at < now,
        sum=_sum_out(counted),
    )


def _sum_out(counted: ClockSum) -> ClockSumOut:
    plain = ("measure", "limit", "extended", "used", "left", "paused", "first_day", "rolled_from")
    return ClockSumOut(
        **{name: getattr(counted, name) for name in plain},
        lines=[_line_out(line) for line in counted.lines],
        unannounced=[*counted.unannounced],
    )


def _line_out(line: Line) -> ClockLineOut:
    return ClockLineOut(
        kind=line.kind,
        begin=line.begin,
        end=line.end,
        amount=line.amount,
        reason=line.reason,
        days_off=[*line.days_off],
        make_up=[*line.make_up],
    )
