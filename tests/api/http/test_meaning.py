"""A body's meaning is the same however its JSON is written."""

import pytest

from api.http.meaning import meaning_of


@pytest.mark.parametrize(
    "written",
    [
        b'{"lon": 120.0, "lat": 31.10, "title": "\xe5\x99\xaa"}',
        b'{"title":"\\u566a","lat":3.11e1,"lon":120}',
        b'\n{ "lat": 31.1, "lon": 1.2e2, "title": "\\u566a", "description": null }\n',
    ],
)
def test_order_spaces_nulls_and_forms_of_numbers_mean_the_same(written: bytes) -> None:
    assert meaning_of(written) == b'{"lat":31.1,"lon":120,"title":"\\u566a"}'


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a": 1}', b'{"a": "1"}'),
        (b'{"a": 1}', b'{"a": true}'),
        (b'{"a": [1, 2]}', b'{"a": [2, 1]}'),
        (b'{"a": [null, 1]}', b'{"a": [1]}'),
        (b'{"id": 9007199254740993}', b'{"id": 9007199254740992}'),
        (b'{"a": 1}\n{"a": 2}', b'{"a": 2}\n{"a": 1}'),
        (b"{", b"{ "),
        (b"[" * 100_000, b" " + b"[" * 100_000),
    ],
)
def test_other_content_means_something_else(one: bytes, other: bytes) -> None:
    assert meaning_of(one) != meaning_of(other)


def test_lines_are_compared_one_by_one() -> None:
    assert meaning_of(b'{"a": 1, "b": 2}\r\n\n{"c": 3}') == meaning_of(b'{"b":2,"a":1.0}\n{"c":3}\n')
