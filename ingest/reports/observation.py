"""Outcomes of an observation, and the interface of the sink that stores it. Ingest does not depend on incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.reports.fields import Observation


@dataclass(frozen=True, slots=True)
class Accepted:
    """The sink stored it, under this id and case code. `created` is false when the source had sent it before.

    `differs` are the fields that had other values then; the incident keeps its own, and its timeline has both.
    """

    id: int
    case_code: str
    created: bool
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldError:
    """Error of one field (a dotted path; empty for the whole report). Never has the value, which may be personal."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The sink or a rule refused it."""

    errors: tuple[FieldError, ...]


Outcome = Accepted | Refused


class Sink(Protocol):
    """Stores observations."""

    async def accept(self, observations: Sequence[Observation]) -> Sequence[Outcome]:
        """Store observations; return their outcomes in order. Stores all that are `Accepted`, or raises."""
