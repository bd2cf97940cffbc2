"""Batches of reports: NDJSON, one JSON object a line. Valid lines are stored, invalid ones are refused with errors."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from pydantic import ValidationError
from pydantic_core import from_json

from ingest.reports.fields import MOST_MEMBERS, Observation, Report
from ingest.reports.observation import FieldError, Outcome, Refused, Sink
from ingest.reports.report import field_errors, observe, observe_all
from ingest.reports.terms import KnownCodes

LINES_AT_ONCE = 1000
LONGEST_LINE = 64 * 1024
MOST_LINES = 50_000
"""Bounds the response: millions of one-byte lines fit into a body, but not their outcomes into memory."""

BYTES_AT_ONCE = 128 * 1024
_NOT_BLANK = re.compile(rb"[^ \t\r\n]")
"""Millions of blank lines are skipped by one search."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """Outcome of the report on a line; lines count from 1."""

    line: int
    outcome: Outcome


async def accept_report(report: Report, sink: Sink, *, known: KnownCodes, now: datetime) -> Outcome:
    """Pass a single report to the sink if it is valid."""
    seen = observe(report, known, now=now)
    return seen if isinstance(seen, Refused) else (await sink.accept([seen]))[0]


async def accept_batch(
    body: bytes, sink: Sink, *, known: KnownCodes, now: datetime, at_once: int = LINES_AT_ONCE
) -> AsyncIterator[list[LineOutcome]]:
    """Pass the reports of a body to the sink, `at_once` at a time; yield an outcome for each line that is not blank.

    Each call of the sink stores all it accepts or raises. So a crash in the middle leaves complete groups from the
    beginning stored; a source that numbers its reports sends the batch again, and those are answered as existing.
    """
    lines = iter(lines_of(body))
    while some := list(islice(lines, at_once)):
        yield await _accept(some, sink, known=known, now=now)
        await asyncio.sleep(0)  # A batch without valid lines awaits nothing else and would block the event loop.


def has_too_many_lines(body: bytes) -> bool:
    """Return whether more than `MOST_LINES` lines are not blank."""
    return body.count(b"\n") >= MOST_LINES and next(islice(lines_of(body), MOST_LINES, None), None) is not None


def lines_of(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and bytes of the lines that are not blank, without CR and byte order mark."""
    start, number = len(BYTE_ORDER_MARK) if body.startswith(BYTE_ORDER_MARK) else 0, 1
    while found := _NOT_BLANK.search(body, start):
        number += body.count(b"\n", start, found.start())
        end = body.find(b"\n", found.start())
        end = len(body) if end < 0 else end
        yield number, body[found.start() : end].rstrip(b" \t\r")
        start = end


def parse_line(line: bytes) -> Report | Refused:
    """Parse a line. Refused if too long, not UTF-8, not JSON, NaN, not an object, or with an invalid field."""
    if len(line) > LONGEST_LINE:
        return Refused((FieldError("", "too_long"),))
    if line.count(b":") > MOST_MEMBERS and _has_many_members(line):
        return Refused((FieldError("", "too_many_fields"),))
    try:
        line.decode("utf-8")
        return Report.model_validate_json(line)
    except UnicodeDecodeError:
        return Refused((FieldError("", "encoding"),))
    except ValidationError as error:
        return Refused(field_errors(error.errors(include_url=False, include_context=False, include_input=False)))


def _has_many_members(line: bytes) -> bool:
    """Return whether a line is an object of too many members. Its texts may hold colons, too."""
    try:
        read = from_json(line)
    except ValueError:
        return False
    return isinstance(read, dict) and len(read) > MOST_MEMBERS


async def _parse_lines(lines: Sequence[tuple[int, bytes]]) -> list[tuple[int, Report | Refused]]:
    """Parse lines, and let others run after each `BYTES_AT_ONCE`: a thousand long ones take a second."""
    read, size = [], 0
    for number, line in lines:
        read.append((number, parse_line(line)))
        size += len(line)
        if size > BYTES_AT_ONCE:
            size = 0
            await asyncio.sleep(0)
    return read


async def _accept(
    lines: Sequence[tuple[int, bytes]], sink: Sink, *, known: KnownCodes, now: datetime
) -> list[LineOutcome]:
    read = await _parse_lines(lines)
    reports = [(number, found) for number, found in read if isinstance(found, Report)]
    seen = list(zip((n for n, _ in reports), observe_all([r for _, r in reports], known, now=now), strict=True))
    good = [(number, found) for number, found in seen if isinstance(found, Observation)]
    outcomes: dict[int, Outcome] = {number: found for number, found in [*read, *seen] if isinstance(found, Refused)}
    if good:
        taken = await sink.accept([observation for _, observation in good])
        outcomes |= {number: outcome for (number, _), outcome in zip(good, taken, strict=True)}
    return [LineOutcome(number, outcomes[number]) for number, _ in lines]
