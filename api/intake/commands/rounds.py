"""Commands about rounds: their start and end, check-ins, points that are left out, and visits."""

from api.intake.commands.kinds import CommandKind, Effect, Ground
from api.intake.commands.tasks import check_in_at_task
from console.rounds.actions import NewVisit, end_round, mark_point, record_visit, start_round
from console.rounds.rules import How, NewMark, Position, RoundUnknown, When
from console.rounds.tables import PatrolRound
from ingest.commands.lines import CheckInLine, EndRoundLine, LeaveOutLine, Line, StartRoundLine, VisitLine


async def _start(ground: Ground, line: StartRoundLine) -> Effect:
    return _effect(await start_round(ground.session, ground.actor, line.id, line.route, when=_when(ground, line)))


async def _check_in(ground: Ground, line: CheckInLine) -> Effect:
    if line.round is not None:
        position = None
        if line.lon is not None and line.lat is not None:
            position = Position(line.lon, line.lat, line.accuracy_m, line.age_s)
        how = How.PLACE if line.code is None else How.QR
        new = NewMark(how, line.point, line.code or "", position, line.note)
        when = _when(ground, line)
        return _effect(await mark_point(ground.session, ground.actor, line.round, line.id, new, when=when))
    return Effect() if line.task is None else await check_in_at_task(ground, line, task=line.task)


async def _leave_out(ground: Ground, line: LeaveOutLine) -> Effect:
    new, when = NewMark(How.LEFT_OUT, line.point, reason=line.reason), _when(ground, line)
    return _effect(await mark_point(ground.session, ground.actor, line.round, line.id, new, when=when))


async def _end(ground: Ground, line: EndRoundLine) -> Effect:
    when = _when(ground, line)
    return _effect(await end_round(ground.session, ground.actor, line.round, note=line.note, when=when))


async def _visit(ground: Ground, line: VisitLine) -> Effect:
    new = NewVisit(line.grid, line.kind, line.count, line.matter)
    when = _when(ground, line)
    visit = await record_visit(ground.session, ground.actor, line.id, new, day=ground.day(), when=when)
    return Effect(path=visit.division_path)


def _when(ground: Ground, line: Line) -> When:
    return When(ground.given.at, line.device_at, ground.now, ground.given.doubtful)


def _effect(going: PatrolRound) -> Effect:
    return Effect(path=going.division_path)


KINDS = (
    CommandKind("start_round", StartRoundLine, _start),
    CommandKind("check_in", CheckInLine, _check_in, may_pass=RoundUnknown),
    CommandKind("leave_out", LeaveOutLine, _leave_out, may_pass=RoundUnknown),
    CommandKind("end_round", EndRoundLine, _end, may_pass=RoundUnknown),
    CommandKind("visit", VisitLine, _visit),
)
