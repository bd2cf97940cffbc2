"""Opening hours of units, as their clocks run by them."""

import pytest

from api.place.unit_hours import with_unit_hours
from console.clocks.terms import ClockTerms
from console.register.terms import Hours
from tests.console.clocks.clockwork import limit, schedule, told

NAMES = {"zh": "时间", "en": "Hours"}
DAY = [[540, 720], [780, 1020]]
ALWAYS = Hours.model_validate({"code": "always", "names": NAMES, "week": [[[0, 1440]]] * 7})
LATE = Hours.model_validate({"code": "late", "names": NAMES, "week": [[[600, 1200]]] * 5 + [[[600, 720]], []]})
WEEKENDS = Hours.model_validate({"code": "weekends", "names": NAMES, "week": [[]] * 5 + [DAY, DAY]})


@pytest.mark.parametrize(
    ("hours", "due"),
    [
        ("always", "2026-10-01 01:00"),  # By night, and on National Day.
        ("late", "2026-10-08 15:00"),  # Until 20:00, and from 10:00 after the holiday.
        ("weekends", "2026-10-09 10:00"),  # Ordinary hours: these would never end a limit in working time.
        ("unknown", "2026-10-09 10:00"),
        (None, "2026-10-09 10:00"),
    ],
)
def test_a_limit_without_hours_runs_in_the_opening_hours_of_the_unit(hours: str | None, due: str) -> None:
    terms = with_unit_hours(ClockTerms(), [ALWAYS, LATE, WEEKENDS])
    working = limit(8, "working_hour")
    found = schedule(working, "2026-09-30 17:00", hours=terms.hours_of(working, of_unit=hours))
    assert told(found.due_at) == due
