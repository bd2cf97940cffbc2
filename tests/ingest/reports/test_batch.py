"""Lines of a batch, and the observations that reach the sink."""

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.reports.batch import LONGEST_LINE, LineOutcome, accept_batch, lines_of, parse_line
from ingest.reports.fields import Observation, Report
from ingest.reports.observation import Accepted, Outcome, Refused
from ingest.reports.report import observe

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
KNOWN = {"category": {"dispute.family"}, "risk": {"low"}}
GOOD = {"source": "hotline", "category": "dispute.family", "title": "Noise", "lon": 120.6, "lat": 31.1}


class MemorySink:
    """A sink that stores in memory, and fails at the `breaks_at`-th call."""

    def __init__(self, breaks_at: int | None = None) -> None:
        self.kept: list[Sequence[Observation]] = []
        self.breaks_at = breaks_at

    async def accept(self, observations: Sequence[Observation]) -> Sequence[Outcome]:
        if len(self.kept) == self.breaks_at:
            raise ConnectionError
        self.kept.append(observations)
        return [Accepted(i, f"code-{i}", created=True) for i, _ in enumerate(observations)]


async def answers_to(body: bytes, sink: MemorySink, *, at_once: int = 1000) -> list[LineOutcome]:
    return [one async for some in accept_batch(body, sink, known=KNOWN, now=NOW, at_once=at_once) for one in some]


def test_blank_lines_are_counted_but_skipped() -> None:
    assert list(lines_of(b"\xef\xbb\xbfa\r\n\n  \nb\n\t\nc")) == [(1, b"a"), (4, b"b"), (6, b"c")]
    assert list(lines_of(b"")) == list(lines_of(b"\n\r\n")) == []


@given(st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)))
def test_every_line_is_read_unchanged(lines: list[bytes]) -> None:
    found = dict(lines_of(b"\xef\xbb\xbf" + b"\n".join(lines)))
    assert found == {i: bare for i, line in enumerate(lines, 1) if (bare := line.strip(b" \t\r"))}


@given(st.binary(max_size=200))
def test_the_parser_never_crashes(line: bytes) -> None:
    assert isinstance(parse_line(line), Report | Refused)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"{", "json_invalid"),
        (b"\xff", "encoding"),
        (b"[]", "model_type"),
        (b"null", "model_type"),
        (b'"' + b"x" * LONGEST_LINE + b'"', "too_long"),
        (b"[" * 60_000, "json_invalid"),
    ],
)
def test_an_invalid_line_has_an_error_code(line: bytes, code: str) -> None:
    found = parse_line(line)
    assert isinstance(found, Refused) and [(error.field, error.code) for error in found.errors] == [("", code)]


def test_errors_never_contain_values() -> None:
    found = parse_line(orjson.dumps(GOOD | {"title": ["Zhang"], "lon": "Zhang", "source": "Zhang" * 20}))
    assert isinstance(found, Refused) and len(found.errors) == 3 and "Zhang" not in str(found)


async def test_valid_lines_reach_the_sink_in_groups_and_outcomes_keep_their_order() -> None:
    lines = [orjson.dumps(GOOD) if i % 3 else b"{" for i in range(10)]
    sink = MemorySink()
    answers = await answers_to(b"\n".join(lines), sink, at_once=4)
    assert [answer.line for answer in answers] == list(range(1, 11))
    assert [isinstance(answer.outcome, Accepted) for answer in answers] == [bool(i % 3) for i in range(10)]
    assert [len(some) for some in sink.kept] == [2, 3, 1]


async def test_invalid_lines_do_not_reach_the_sink() -> None:
    sink = MemorySink(breaks_at=0)
    assert len(await answers_to(b"{\n" * 1000, sink)) == 1000


async def test_a_failure_in_the_middle_keeps_complete_groups_from_the_beginning() -> None:
    sink = MemorySink(breaks_at=2)
    body = b"\n".join(orjson.dumps(GOOD | {"external_no": str(i)}) for i in range(10))
    with pytest.raises(ConnectionError):
        await answers_to(body, sink, at_once=3)
    assert [seen.external_no for some in sink.kept for seen in some] == [str(i) for i in range(6)]


def test_an_observation_keeps_the_raw_coordinates_and_their_datum() -> None:
    seen = observe(Report.model_validate(GOOD | {"datum": "gcj02"}), KNOWN, now=NOW)
    assert isinstance(seen, Observation)
    assert (seen.raw_x, seen.raw_y, seen.datum) == (120.6, 31.1, "gcj02")
    assert abs(seen.lon - 120.6) > 0.001 and seen.occurred_at == NOW


def test_a_latitude_beyond_90_is_left_to_the_sink() -> None:
    seen = observe(Report.model_validate(GOOD | {"lon": 31.1, "lat": 120.6, "datum": "gcj02"}), KNOWN, now=NOW)
    assert isinstance(seen, Observation) and (seen.lon, seen.lat) == (31.1, 120.6)
