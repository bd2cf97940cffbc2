"""Limits of files and of the processes that parse them."""

from dataclasses import dataclass, replace

REFUSED = 3
"""Exit code of a sandboxed process that outputs problems."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a file. They apply to actual content; headers are not trusted.

    `memory_bytes` is what the parser may allocate, including 80 MB at its start (130 MB with GDAL). `cells` are filled
    ones: they bound the memory of the process that receives the rows. `seconds` are of processor time, since a busy
    machine must not refuse a small file; `waiting_seconds` only end a process that gets none.
    """

    file_bytes: int = 200_000_000
    zipped_bytes: int = 20_000_000
    unzipped_bytes: int = 200_000_000
    zip_entries: int = 200
    zip_ratio: int = 100
    rows: int = 250_000
    columns: int = 512
    cells: int = 5_000_000
    cell_chars: int = 1_000_000
    feature_vertices: int = 100_000
    file_vertices: int = 1_000_000
    depth: int = 32
    problems: int = 1000
    memory_bytes: int = 512_000_000
    address_bytes: int = 2_000_000_000
    open_files: int = 64
    seconds: int = 30
    waiting_seconds: int = 900


LIMITS = Limits()
MENDING = replace(LIMITS, memory_bytes=1_024_000_000, address_bytes=3_000_000_000, seconds=60)
"""Limits of the processes that mend grids and lay networks on them: five thousand, each drawn twice, have a hundred
thousand faces."""


ROADS = replace(
    LIMITS,
    file_bytes=4_000_000_000,
    unzipped_bytes=16_000_000_000,
    memory_bytes=6_000_000_000,
    address_bytes=32_000_000_000,
    open_files=1024,
    seconds=7200,
    waiting_seconds=7200,
)
"""Limits of the processes that check a file of roads and build of it: a province has thirty million points."""


def limits_of(module: str) -> Limits:
    """Return the limits of the process that runs a module."""
    if module.startswith(("ingest.roads.", "ingest.basemap.")):
        return ROADS
    return MENDING if module in ("ingest.files.grid_coverage", "ingest.files.network_overlay") else LIMITS
