"""Simulated operators share the queue with the person at the screen."""

from datetime import UTC, datetime, timedelta

from ingest.simulator.desk import (
    LEFT_TO_PERSON,
    MOST_PER_SEAT,
    PERSON_DEADLINE,
    SUPPORT_SHARE,
    Waiting,
    incidents_to_serve,
    roles_for,
)

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


def queue(count: int, *, age_s: int = 500) -> list[Waiting]:
    return [Waiting(i, NOW - timedelta(seconds=age_s - i)) for i in range(count)]


def test_a_short_queue_is_left_to_the_person() -> None:
    assert incidents_to_serve(queue(LEFT_TO_PERSON), now=NOW, seats=4) == []


def test_the_top_of_the_queue_is_left_to_the_person() -> None:
    assert incidents_to_serve(queue(LEFT_TO_PERSON + 3), now=NOW, seats=4) == [
        LEFT_TO_PERSON,
        LEFT_TO_PERSON + 1,
        LEFT_TO_PERSON + 2,
    ]


def test_an_incident_that_the_person_leaves_for_long_is_served() -> None:
    overdue = Waiting(99, NOW - PERSON_DEADLINE)
    assert incidents_to_serve([overdue, *queue(3)], now=NOW, seats=4) == [99]


def test_a_new_incident_is_not_served_at_once() -> None:
    assert incidents_to_serve(queue(LEFT_TO_PERSON + 3, age_s=5), now=NOW, seats=4) == []


def test_a_long_queue_is_served_faster_up_to_a_bound() -> None:
    assert len(incidents_to_serve(queue(LEFT_TO_PERSON + 1), now=NOW, seats=1)) == 1
    assert len(incidents_to_serve(queue(LEFT_TO_PERSON + 40), now=NOW, seats=2)) == 10
    assert len(incidents_to_serve(queue(LEFT_TO_PERSON + 400), now=NOW, seats=2)) == 2 * MOST_PER_SEAT


def test_without_seats_nothing_is_served() -> None:
    assert incidents_to_serve(queue(100, age_s=900), now=NOW, seats=0) == []


def test_each_incident_gets_a_lead_and_some_get_a_support() -> None:
    sent = [roles_for(incident, seed=7) for incident in range(2000)]
    assert {roles[0] for roles in sent} == {"lead"}
    assert {roles[1:] for roles in sent} == {(), ("support",)}
    assert abs(sum(len(roles) == 2 for roles in sent) / len(sent) - SUPPORT_SHARE) < 0.03
    assert sent == [roles_for(incident, seed=7) for incident in range(2000)]


def test_what_lies_on_top_of_the_screens_queue_is_left_to_the_person_however_new() -> None:
    grave = [Waiting(1000 + i, NOW - timedelta(seconds=60 - i), rank=2) for i in range(LEFT_TO_PERSON)]
    taken = incidents_to_serve([*queue(5), *grave], now=NOW, seats=20)
    assert taken == [0, 1, 2, 3, 4]
