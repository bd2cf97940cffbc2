"""Which push services are allowed, what their answers mean, and what a message says."""

from datetime import timedelta

import pytest

from console.messages.rules import (
    SERVICES,
    Answer,
    Outcome,
    Outgoing,
    PushServiceRefused,
    Subscription,
    TaskSaid,
    hook_said,
    key_of,
    life_of,
    meaning_of_hook,
    meaning_of_push,
    push_said,
    service_of,
    wait_after,
)
from console.messages.sealing import PushKey, decoded, encoded, seal
from tests.push_services import CURVE, ec
from tests.worlds import NOW


@pytest.mark.parametrize(
    ("endpoint", "where"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", "fcm.googleapis.com"),
        ("https://FCM.googleapis.com:443/fcm/send/abc", "fcm.googleapis.com"),
        ("https://wns2-sg2p.notify.windows.com/w/?token=a", "wns2-sg2p.notify.windows.com"),
        ("https://push.county.example:8443/a", "push.county.example:8443"),
    ],
)
def test_known_services_and_the_keeper_s_own_are_allowed(endpoint: str, where: str) -> None:
    assert service_of(endpoint, [*SERVICES, "push.county.example:8443"]) == where


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/a",
        "https://fcm.googleapis.com:8443/a",
        "https://fcm.googleapis.com.evil.example/a",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@evil.example/a",
        "https://evil.example#@fcm.googleapis.com/a",
        "https://notify.windows.com/a",
        "https://xnotify.windows.com/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://[::1/a",
        "https://fcm.googleapis.com:99999/a",
        "https:///a",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_other_address_is_ever_called(endpoint: str) -> None:
    with pytest.raises(PushServiceRefused):
        service_of(endpoint, [*SERVICES, "127.0.0.1", "[::1]"])


@pytest.mark.parametrize(
    ("status", "retry_after", "push", "hook"),
    [
        (200, None, Answer(Outcome.TAKEN), Answer(Outcome.TAKEN)),
        (201, None, Answer(Outcome.TAKEN), Answer(Outcome.TAKEN)),
        (301, None, Answer(Outcome.REFUSED, "301"), Answer(Outcome.LATER, "301")),
        (400, None, Answer(Outcome.REFUSED, "400"), Answer(Outcome.LATER, "400")),
        (403, None, Answer(Outcome.REFUSED, "403"), Answer(Outcome.LATER, "403")),
        (404, None, Answer(Outcome.GONE, "404"), Answer(Outcome.LATER, "404")),
        (410, None, Answer(Outcome.GONE, "410"), Answer(Outcome.LATER, "410")),
        (413, None, Answer(Outcome.REFUSED, "413"), Answer(Outcome.LATER, "413")),
        (429, "30", *[Answer(Outcome.LATER, "429", timedelta(seconds=30))] * 2),
        (503, "Fri, 27 Nov 2026 09:00:00 GMT", *[Answer(Outcome.LATER, "503")] * 2),
        (500, "999999", *[Answer(Outcome.LATER, "500", timedelta(hours=1))] * 2),
    ],
)
def test_each_answer_has_its_meaning(status: int, retry_after: str | None, push: Answer, hook: Answer) -> None:
    assert (meaning_of_push(status, retry_after), meaning_of_hook(status, retry_after)) == (push, hook)


def test_a_message_waits_longer_each_time_and_five_minutes_at_most() -> None:
    assert [wait_after(n).total_seconds() for n in (1, 2, 3, 6, 7, 30)] == [5, 10, 20, 160, 300, 300]
    assert wait_after(3, timedelta(seconds=90)) == timedelta(seconds=90)


TASK = TaskSaid(7, "patrol-1", "lead", "high", NOW, NOW + timedelta(minutes=3))
PHONE = Subscription(1, "https://fcm.googleapis.com/a", b"", b"", "en")


def test_a_phone_is_told_no_more_than_that_there_is_a_task() -> None:
    said = push_said(Outgoing(5, "sent", NOW, TASK, PHONE), token="5.x")
    assert said == {"about": "sent", "task": 7, "token": "5.x", "language": "en"}


def test_the_hook_is_told_codes_and_times_under_one_id() -> None:
    message = Outgoing(5, "sent", NOW, TASK)
    assert hook_said(message) == {
        "type": "task.sent",
        "at": "2026-03-02T02:00:00+00:00",
        "task": 7,
        "force": "patrol-1",
        "role": "lead",
        "risk": "high",
        "sent_at": "2026-03-02T02:00:00+00:00",
        "answer_due_at": "2026-03-02T02:03:00+00:00",
    }
    assert key_of(message) == key_of(Outgoing(6, "sent", NOW, TASK)) != key_of(Outgoing(5, "recalled", NOW, TASK))


def test_a_push_service_keeps_a_task_until_its_answer_is_due_and_a_minute_at_least() -> None:
    message = Outgoing(5, "sent", NOW, TASK, PHONE)
    later = NOW + timedelta(minutes=10)
    assert (life_of(message, now=NOW), life_of(message, now=later)) == (timedelta(minutes=3), timedelta(minutes=1))


def test_a_message_is_sealed_as_in_the_standard_s_example() -> None:
    """RFC 8291, appendix A."""
    key = ec.derive_private_key(int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), CURVE)
    sealed = seal(
        b"When I grow up, I want to be a watermelon",
        p256dh=decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        auth=decoded("BTBZMqHH6r4Tts7J_aSIgg"),
        padded_to=0,
        key=key,
        salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert encoded(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7"
        "A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_token_proves_its_own_message_by_its_own_key_alone() -> None:
    key = PushKey.made()
    token = key.token_of(12)
    assert (key.message_of(token), PushKey.read(key.pem()).message_of(token)) == (12, 12)
    others = [token.replace("12.", "13."), PushKey.made().token_of(12), "12.", "", "²." + token[3:], token + "é"]
    assert [key.message_of(other) for other in others] == [None] * 6
