"""Bodies of simulated reports."""

import re
from datetime import UTC, date, datetime, timedelta

from api.http.wire.incidents import IncidentIn
from api.keeping.commands.simulate import traffic_of
from ingest.simulator.locations import IncidentLocations, Spot
from ingest.simulator.rates import arrivals_of
from ingest.simulator.reports import DUPLICATE_SHARE, Body, Reporter
from ingest.simulator.sending import records
from tests.worlds import PACK

SEED = 11
NOW = datetime(2026, 3, 9, 6, tzinfo=UTC)
SPOTS = [Spot(120.6 + i / 100, 31.1, spread_m=100, weight=1 + i) for i in range(9)]
TRAFFIC = traffic_of(PACK)
ARRIVALS = [a for day in range(6) for a in arrivals_of(TRAFFIC, date(2026, 3, 2 + day), zone=PACK.zone, seed=SEED)]


def reporter(run: str = "") -> Reporter:
    return Reporter(TRAFFIC, IncidentLocations(SPOTS, seed=SEED), seed=SEED, run=run)


def reports() -> list[list[Body]]:
    made = reporter()
    return [made.report(arrival, occurred_at=arrival.at) for arrival in ARRIVALS]


def test_every_report_is_valid_for_the_http_interface() -> None:
    for body in (body for one in reports() for body in one):
        IncidentIn.model_validate(body)


def test_the_same_arrivals_give_the_same_reports() -> None:
    assert reports() == reports()


def test_no_two_reports_have_the_same_external_number() -> None:
    numbers = [(body["source"], body["external_no"]) for one in reports() for body in one]
    assert len(set(numbers)) == len(numbers)


def test_another_run_has_other_external_numbers() -> None:
    first, second = (
        {b["external_no"] for a in ARRIVALS for b in reporter(run).report(a, occurred_at=NOW)} for run in ("", "9-")
    )
    assert not first & second


def test_a_few_incidents_are_reported_again_nearby_by_another_source() -> None:
    twice = [one for one in reports() if len(one) == 2]
    assert len(twice) / len(ARRIVALS) < 3 * DUPLICATE_SHARE
    assert twice
    for first, second in twice:
        assert first["source"] != second["source"]
        assert abs(first["lat"] - second["lat"]) < 0.002


def test_placeholders_are_filled_and_no_phone_number_appears() -> None:
    for body in (body for one in reports() for body in one):
        words = body["title"] + body["description"]
        assert "{" not in words
        assert not re.search(r"\d{7,}", words)
        assert body["description"]


def test_history_is_closed_before_now_and_reproducible() -> None:
    def made(now: datetime) -> list[Body]:
        return list(records(reporter(), TRAFFIC, zone=PACK.zone, days=3, now=now, seed=SEED))

    past = made(NOW)
    assert len(past) > 600
    for body in past:
        occurred, closed = (datetime.fromisoformat(body[name]) for name in ("occurred_at", "closed_at"))
        assert occurred <= closed < NOW
    again = made(NOW + timedelta(hours=2))
    assert [b["external_no"] for b in again][: len(past)] == [b["external_no"] for b in past]
