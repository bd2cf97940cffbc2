"""Cover: who is left in each town when forces go, and the one move-up 补位 that mends the worst gap. Pure.

Left is who is on duty, free and not proposed. The minimums are the roster's, those that hold at the moment.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from console.clocks.calendar import WorkingCalendar
from console.dispatching.rules import Candidate, exclusion_code
from console.rosters.rules import Served, Skills, Span, Who, WhoKind, counts_for
from console.rosters.terms import Attendance, Cover, span_of
from geo.store import lies_within
from geo.travel import TravelTime, distance_m

ATTENDANCE: dict[str | None, Attendance] = {"rotating": "rotating", "on_call": "on_call"}


@dataclass(frozen=True, slots=True)
class Town:
    """A division with a minimum, and where its label stands in degrees."""

    path: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Left:
    """How many of a minimum are free in a division now, and how many are left; `least` 0 where there is none."""

    cover: Cover | None
    town: Town
    free: int
    left: int

    @property
    def least(self) -> int:
        return self.cover.least if self.cover else 0

    @property
    def gap(self) -> int:
        return max(0, self.least - self.left)


@dataclass(frozen=True, slots=True)
class MoveUp:
    """A free force that mends a gap by waiting in another town; `leaves` is None where it comes from no town."""

    force: Candidate
    leaves: Town | None
    to: Left
    minutes: float


def holds(cover: Cover, *, now: datetime, zone: ZoneInfo, calendar: WorkingCalendar) -> bool:
    """Return whether a minimum holds now and forces count for it. Hours over midnight begin on the day before."""
    if cover.titles and not cover.kinds:
        return False
    today = now.astimezone(zone).date()
    for day in (today, today - timedelta(days=1)):
        for hours in cover.hours if cover.include(day, calendar) else ():
            begin, end = span_of(day, hours, zone)
            if begin <= now < end:
                return True
    return False


def is_free(one: Candidate) -> bool:
    """Return whether a force is on duty and free; one on two tasks is busy once."""
    return exclusion_code(one) is None


def cover_of(
    covers: Sequence[Cover | None],
    towns: Sequence[Town],
    forces: Collection[Candidate],
    going: Collection[int],
) -> list[Left]:
    """Count for each minimum and town who is free, and who is left when some go."""
    free = [one for one in forces if is_free(one)]
    found = []
    for cover in covers:
        counted = [one for one in free if _counts(cover, one)]
        for town in towns:
            here = [one.force for one in counted if lies_within(one.division_path, town.path)]
            found.append(Left(cover, town, len(here), sum(force not in going for force in here)))
    return found


def move_up(
    lefts: Sequence[Left], forces: Collection[Candidate], going: Collection[int], *, minutes: TravelTime
) -> MoveUp | None:
    """Return the nearest force that mends the worst gap which going opens or deepens, and opens none; by id if equal.

    None if no gap is there, or nobody can mend it.
    """
    torn = [one for one in lefts if one.gap and one.left < one.free]
    worst = max(torn, key=lambda one: (one.gap, one.town.path), default=None)
    if worst is None:
        return None
    return min(
        _moves(worst, lefts, forces, going, minutes), key=lambda one: (one.minutes, one.force.force), default=None
    )


def _moves(
    worst: Left, lefts: Sequence[Left], forces: Collection[Candidate], going: Collection[int], minutes: TravelTime
) -> Iterator[MoveUp]:
    for one in forces:
        here = lies_within(one.division_path, worst.town.path)
        if here or one.force in going or not is_free(one) or not _counts(worst.cover, one):
            continue
        own = [left for left in lefts if lies_within(one.division_path, left.town.path) and _counts(left.cover, one)]
        if all(left.left > left.least for left in own):
            metres = distance_m(one.lon, one.lat, worst.town.lon, worst.town.lat)
            yield MoveUp(one, own[0].town if own else None, worst, round(minutes(metres, one.mode), 1))


def _counts(cover: Cover | None, one: Candidate) -> bool:
    if cover is None:
        return True
    attendance = ATTENDANCE.get(one.roster or one.duty, "resident")
    served = Served(Who(WhoKind.FORCE, one.force), attendance, _NO_SPAN, one.division_path)
    return counts_for(cover, served, Skills(one.kind, specialities=frozenset(one.specialities)))


_NO_SPAN = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
