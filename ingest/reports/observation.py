"""What a source tells, once it is understood, and the sink that takes it. Ingest knows no incidents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Observation:
    """One matter: a point in WGS-84 (degrees) and aware times. `raw_x`, `raw_y` are as they came, in `datum`.

    A `lat` beyond ±90 is left to the sink, which can say whether the two were exchanged.
    """

    source: str
    external_no: str | None
    category: str
    title: str
    description: str
    lon: float
    lat: float
    raw_x: float
    raw_y: float
    datum: str
    occurred_at: datetime
    closed_at: datetime | None
    risk: str | None


@dataclass(frozen=True, slots=True)
class Taken:
    """The sink has it, under that id and code. `created` is false when the source had told it before."""

    id: int
    case_code: str
    created: bool


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with one field (a path with dots; empty for the whole). Never the value: it may be personal."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The sink or a rule has refused it."""

    flaws: tuple[Flaw, ...]


Outcome = Taken | Refused


class Sink(Protocol):
    """Where observations go."""

    async def take(self, observations: Sequence[Observation]) -> Sequence[Outcome]:
        """What became of each, in order. All that are `Taken` are kept, or an exception is raised and none is."""
