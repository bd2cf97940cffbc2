"""Undo: put back what an operation took out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import shapely

from geo.coverage.patches import Patch
from geo.coverage.refusals import Conflict
from geo.coverage.topology import Coverage


def _patch_of(value: Any) -> Patch:
    """Read a kept patch. Raises ValueError for anything else."""
    if not isinstance(value, Mapping):
        raise ValueError
    try:
        return Patch.of_json(value)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError from error


Kept = Annotated[Patch, _patch_of]


@dataclass(frozen=True, slots=True)
class Restore:
    """Restore what was before an operation. It stores that itself, so that undoing gives back the very bytes.

    A screen does not send it: it is what undoing one operation is stored as.
    """

    op: ClassVar[str] = "restore"
    kept: Kept

    def patch(self, coverage: Coverage) -> Patch:
        """Raises `Conflict` unless all that it takes out is there as the operation left it."""
        kept = self.kept
        changed = [edge for edge in kept.gone if coverage.edges.get(edge.key) != edge]
        codes = {code for edge in changed for code in edge.sides if code is not None}
        codes |= {code for code, one in kept.before.items() if coverage.divisions.get(code) != one}
        if codes or coverage.issued != kept.issued[0]:
            lines = [edge.line for edge in changed]
            raise Conflict(*sorted(codes), where=shapely.MultiLineString(lines) if lines else None)
        return kept
