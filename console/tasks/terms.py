"""Terms of tasks: reasons to recall and to decline, outcomes, and how far from the incident is flagged."""

from geo.terms import Coded, Names, Part, Positive


def _coded(**named: tuple[str, str]) -> tuple[Coded, ...]:
    return tuple(Coded(code=code, names=Names(zh=zh, en=en)) for code, (zh, en) in named.items())


RECALL_REASONS = _coded(
    closer=("有更近的力量", "A nearer unit goes"),
    wrong_unit=("派错力量", "Wrong unit sent"),
    not_needed=("已无需到场", "No longer needed"),
    urgent=("另有紧急任务", "Needed elsewhere"),
    unanswered=("未应答", "No answer"),
    transferred=("转派其他力量", "Handed to another unit"),
)
DECLINE_REASONS = _coded(
    occupied=("手头有事走不开", "Busy with other work"),
    too_far=("距离太远", "Too far away"),
    not_my_field=("专长不对口", "Other speciality needed"),
    unwell=("身体不适", "Unwell"),
    blocked=("无法到达现场", "Cannot get there"),
    unsafe=("现场不安全，需增援", "Not safe alone"),
    not_permitted=("网格清单外事项", "Outside the grid's list"),
)
OUTCOMES = _coded(
    settled=("当场化解", "Settled on the spot"),
    agreement=("达成调解协议", "Agreement reached"),
    handled=("已处置、隐患已排除", "Dealt with, hazard removed"),
    passed_on=("移交有关部门", "Passed to the department in charge"),
    nobody=("未见当事人", "Nobody there"),
    unfounded=("情况不实", "Not as reported"),
    unresolved=("未能化解，需跟进", "Not settled, to be followed up"),
)


class TaskTerms(Part):
    """Lists that operators and forces choose from. A force that arrives or finishes `far_m` metres away is flagged."""

    recall_reasons: tuple[Coded, ...] = RECALL_REASONS
    decline_reasons: tuple[Coded, ...] = DECLINE_REASONS
    outcomes: tuple[Coded, ...] = OUTCOMES
    far_m: Positive = 300
