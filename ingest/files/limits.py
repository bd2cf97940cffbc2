"""How much a file may ask for."""

from dataclasses import dataclass

REFUSED = 3
"""The parsing process's exit code when it answers with problems."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may ask for. They count what is really there; what headers claim is not believed."""

    file_bytes: int = 200_000_000
    zipped_bytes: int = 20_000_000
    unzipped_bytes: int = 200_000_000
    zip_entries: int = 200
    zip_ratio: int = 100
    rows: int = 1_000_000
    columns: int = 512
    cell_chars: int = 1_000_000
    feature_vertices: int = 100_000
    file_vertices: int = 1_000_000
    depth: int = 32
    memory_bytes: int = 1_500_000_000
    seconds: int = 30


LIMITS = Limits()
