"""Rename, mark and lock divisions."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from geo.coverage.divisions import Division
from geo.coverage.editing.fields import Codes, MaybeText, Text
from geo.coverage.editing.finding import division_of
from geo.coverage.patches import Patch
from geo.coverage.refusals import NoName
from geo.coverage.topology import Coverage

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Rename:
    """Give the division `code` another name."""

    op: ClassVar[str] = "rename"
    code: Text
    name: Text

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `UnknownCode`, and `NoName` for a name of spaces or of more than 200 letters."""
        division, name = division_of(coverage, self.code), self.name.strip()
        if not name or len(name) > LONGEST_NAME:
            raise NoName(self.code, longest=LONGEST_NAME)
        return records(coverage, [replace(division, name=name)])


@dataclass(frozen=True, slots=True)
class Designate:
    """Mark the division `code` as one of its own `kind` 专属网格 (a market, a park, a school), or as none."""

    op: ClassVar[str] = "designate"
    code: Text
    kind: MaybeText = None

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `UnknownCode`, and `NoName` for a kind of more than 200 letters."""
        division, kind = division_of(coverage, self.code), (self.kind or "").strip()
        if len(kind) > LONGEST_NAME:
            raise NoName(self.code, longest=LONGEST_NAME)
        return records(coverage, [replace(division, kind=kind or None)])


@dataclass(frozen=True, slots=True)
class Lock:
    """Lock divisions: their land, names and parents stay, and so does all below them."""

    op: ClassVar[str] = "lock"
    codes: Codes

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `UnknownCode`."""
        return records(coverage, [replace(division_of(coverage, code), locked=True) for code in self.codes])


@dataclass(frozen=True, slots=True)
class Unlock:
    """Unlock divisions. One below another that is locked stays so."""

    op: ClassVar[str] = "unlock"
    codes: Codes

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `UnknownCode`."""
        return records(coverage, [replace(division_of(coverage, code), locked=False) for code in self.codes])


def records(coverage: Coverage, divisions: Iterable[Division], *, issued: int | None = None) -> Patch:
    """Return the patch that stores divisions as given: changed ones, and new ones."""
    after = {one.code: one for one in divisions if coverage.divisions.get(one.code) != one}
    return Patch(
        before={code: coverage.divisions.get(code) for code in after},
        after=dict(after),
        issued=(coverage.issued, coverage.issued if issued is None else issued),
    )
