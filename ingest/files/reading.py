"""Read a file of any known format, in a sandboxed process."""

from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.files.rows import read_records
from ingest.files.sandbox import run_sandboxed
from ingest.files.table import Table


def read_table(path: Path, *, layer: str | None = None) -> Table:
    """Read the rows of a local file. Raises FileRefused, at the latest after the time limit."""
    with TemporaryDirectory(prefix="maplebridge-") as folder:
        rows, scratch = Path(folder) / "rows", Path(folder) / "scratch"
        scratch.mkdir()
        job = {"path": str(path.resolve()), "layer": layer, "scratch": str(scratch), "rows": str(rows)}
        return Table(**run_sandboxed("ingest.files.parsing", job), records=list(read_records(rows)))
