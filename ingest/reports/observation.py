"""What becomes of an observation, and the sink that takes it. Ingest knows no incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.reports.fields import Observation


@dataclass(frozen=True, slots=True)
class Accepted:
    """The sink has it, under that id and code. `created` is false when the source had told it before."""

    id: int
    case_code: str
    created: bool


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field (a path with dots; empty for the whole). Never the value: it may be personal."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The sink or a rule has refused it."""

    errors: tuple[FieldError, ...]


Outcome = Accepted | Refused


class Sink(Protocol):
    """Where observations go."""

    async def accept(self, observations: Sequence[Observation]) -> Sequence[Outcome]:
        """What became of each, in order. All that are `Accepted` are kept, or an exception is raised and none is."""
