"""JSON of files that come into plans: the operations that they are, and what was mended before."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import Field

from api.http.wire.plans import DrawnOut, FiguresOut, figures_out
from api.http.wire.shapes import Out
from console.planning.importing import Imported, Step


class ImportedStepOut(Out):
    """One operation that the file is, with the codes that it changed and ended, and figures of what it touched.

    Lines that were drawn anew are one `batch`, of splits and merges.
    """

    operation: dict[str, Any]
    changed: list[str]
    ended: list[str]
    figures: dict[str, FiguresOut] | None = Field(description="After it. Null beyond the first 50 operations.")

    @classmethod
    def of(cls, step: Step) -> Self:
        return cls(
            operation=dict(step.operation),
            changed=list(step.changed),
            ended=list(step.ended),
            figures=None if step.figures is None else figures_out(step.figures),
        )


class MendedFaultOut(Out):
    """One fault of the file that was mended: numbered, with its width, and `where`, as GeoJSON."""

    number: int
    fault: str
    code: str
    other: str | None
    width_m: float
    area_m2: float
    where: dict[str, Any] | None


class MendedShapeOut(Out):
    """A shape of the file before and after it was mended, as GeoJSON."""

    code: str
    before: dict[str, Any]
    after: dict[str, Any]


class MendingOut(Out):
    """What `repair` mended. Lists are of the first 100; counts are of all. `moved_m`: the furthest that a border moved.

    `noise` counts shapes that differ from the draft's by less than the width: they stay as the draft has them.
    """

    repair_m: float
    count: int
    moved_m: float
    noise: int
    faults: list[MendedFaultOut]
    shapes: list[MendedShapeOut]


class ImportedOut(DrawnOut):
    """What a file did to a draft. `version`, `changed`, `ended`, `problems`, `notices` and `figures` are those of an
    operation, for all of them together.

    `codes` has the code that each new division got, by that in the file, or by `#` and its row. `notes` say what the
    reader decided, such as an encoding or a conversion.
    """

    kept: bool = Field(description="False for a preview, and where nothing differs.")
    operations: list[ImportedStepOut]
    mended: MendingOut
    codes: dict[str, str]
    notes: list[dict[str, Any]]

    @classmethod
    def told(cls, found: Imported, *, version: int, kept: bool, notes: Sequence[Mapping[str, Any]]) -> Self:
        drawn = DrawnOut.of(found.outcome, version=version)
        return cls(
            **{name: getattr(drawn, name) for name in DrawnOut.model_fields},
            kept=kept,
            operations=[ImportedStepOut.of(step) for step in found.steps],
            mended=MendingOut(**found.mended),
            codes=dict(found.codes),
            notes=[dict(note) for note in notes],
        )
