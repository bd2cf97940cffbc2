"""The opening hours of units, from `register.toml`, as hours in which clocks run."""

from collections.abc import Iterator, Sequence

from console.clocks.terms import WEEKDAYS, ClockTerms, Hours
from console.register.terms import Hours as OpeningHours

Spans = Sequence[tuple[int, int]]


def with_unit_hours(clocks: ClockTerms, opening: Sequence[OpeningHours]) -> ClockTerms:
    """Return a pack's clocks with the opening hours of its units, where `clocks.hours` has none of the same code."""
    added = tuple(_added(clocks, opening))
    return ClockTerms(hours=(*clocks.hours, *added), limits=clocks.limits) if added else clocks


def _added(clocks: ClockTerms, opening: Sequence[OpeningHours]) -> Iterator[Hours]:
    for one in opening:
        weekdays = [spans for spans in one.week[:5] if spans]
        # Hours of weekends alone would never end a limit in working time: its days then have no hours.
        if one.code not in clocks.hours_by_code and weekdays:
            yield _hours_of(one, weekdays[0])


def _hours_of(one: OpeningHours, working: Spans) -> Hours:
    """Return hours as clocks run by them. A unit that opens on all days alike opens on days off as well."""
    week = {day: _texts(spans) for day, spans in zip(WEEKDAYS, one.week, strict=True)}
    always = len(set(one.week)) == 1
    return Hours(
        code=one.code, names=one.names, working=_texts(working), week=week, holidays=week["sun"] if always else ()
    )


def _texts(spans: Spans) -> tuple[str, ...]:
    return tuple(f"{_text(begin)}-{_text(end)}" for begin, end in spans)


def _text(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
