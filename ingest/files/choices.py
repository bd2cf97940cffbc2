"""Caller's statements about a file before it is read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choices:
    """Statements about one file; each is None where the file itself decides.

    `layer` is a layer or sheet by name. `encoding` is that of the text, whatever the file declares. `header` is the
    row with the column names, counted from 1. With `keep_bad_rows`, rows that cannot be read come back with their
    problems instead of refusing the file.
    """

    layer: str | None = None
    encoding: str | None = None
    header: int | None = None
    keep_bad_rows: bool = False
