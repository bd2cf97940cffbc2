"""Read a file of any known format, in a sandboxed process."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ingest.files.choices import Choices
from ingest.files.problems import Problem
from ingest.files.rows import read_records
from ingest.files.sandbox import run_sandboxed
from ingest.files.table import Record, Table

AS_FOUND = Choices()
"""Nothing is stated: the file decides."""


def read_table(path: Path, choices: Choices = AS_FOUND) -> Table:
    """Read the rows of a local file. Raises FileRefused, at the latest after the time limit."""
    with TemporaryDirectory(prefix="maplebridge-") as folder:
        rows, scratch = Path(folder) / "rows", Path(folder) / "scratch"
        scratch.mkdir()
        job = {"path": str(path.resolve()), "choices": asdict(choices), "scratch": str(scratch), "rows": str(rows)}
        return as_table(run_sandboxed("ingest.files.parsing", job), list(read_records(rows)))


def as_table(heading: Mapping[str, Any], records: Sequence[Record]) -> Table:
    """Make a table of a header in JSON form and its rows."""
    problems = [Problem(**problem) for problem in heading["problems"]]
    return Table(**{**heading, "problems": problems}, records=records)
