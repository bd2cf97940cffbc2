"""How the other seats share the queue with the person at the screen."""

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


def test_what_stands_on_top_of_the_queue_is_the_persons() -> None:
    assert incidents_to_serve(queue(LEFT_TO_PERSON + 3), now=NOW, seats=4) == [
        LEFT_TO_PERSON,
        LEFT_TO_PERSON + 1,
        LEFT_TO_PERSON + 2,
    ]


def test_what_the_person_leaves_for_long_is_served_all_the_same() -> None:
    forgotten = Waiting(99, NOW - PERSON_DEADLINE)
    assert incidents_to_serve([forgotten, *queue(3)], now=NOW, seats=4) == [99]


def test_a_incident_waits_a_while_before_a_seat_takes_it() -> None:
    assert incidents_to_serve(queue(LEFT_TO_PERSON + 3, age_s=5), now=NOW, seats=4) == []


def test_a_flood_is_served_faster_up_to_a_bound() -> None:
    assert len(incidents_to_serve(queue(LEFT_TO_PERSON + 1), now=NOW, seats=1)) == 1
    assert len(incidents_to_serve(queue(LEFT_TO_PERSON + 40), now=NOW, seats=2)) == 10
    assert len(incidents_to_serve(queue(LEFT_TO_PERSON + 400), now=NOW, seats=2)) == 2 * MOST_PER_SEAT


def test_nobody_sits_there_nothing_is_served() -> None:
    assert incidents_to_serve(queue(100, age_s=900), now=NOW, seats=0) == []


def test_one_leads_and_now_and_then_another_supports() -> None:
    sent = [roles_for(incident, seed=7) for incident in range(2000)]
    assert {roles[0] for roles in sent} == {"lead"}
    assert {roles[1:] for roles in sent} == {(), ("support",)}
    assert abs(sum(len(roles) == 2 for roles in sent) / len(sent) - SUPPORT_SHARE) < 0.03
    assert sent == [roles_for(incident, seed=7) for incident in range(2000)]
