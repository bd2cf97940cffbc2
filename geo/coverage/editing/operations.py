"""All operations, and their form as JSON: `{op, …}` with the fields of each."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Annotated, Any, ClassVar, get_type_hints

from geo.coverage.editing.attributes import Designate, Lock, Rename, Unlock
from geo.coverage.editing.creating import Create
from geo.coverage.editing.fields import Reader
from geo.coverage.editing.moving import Move, Snap, Straighten
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.restoring import Restore
from geo.coverage.editing.splitting import Split, SplitAlong
from geo.coverage.patches import Patch
from geo.coverage.refusals import Unreadable
from geo.coverage.topology import Coverage

Batched = Reassign | Merge | Split | SplitAlong
BATCHED: Mapping[str, type[Batched]] = {kind.op: kind for kind in (Reassign, Merge, Split, SplitAlong)}
MOST_BATCHED = 5_000


def batched_of(value: Any) -> tuple[Batched, ...]:
    """Read the operations of a batch. Raises ValueError for anything else."""
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST_BATCHED:
        raise ValueError
    return tuple(_batched_of(body) for body in value)


def _batched_of(body: Any) -> Batched:
    if not isinstance(body, Mapping) or body.get("op") not in BATCHED:
        raise ValueError
    try:
        operation = stored_operation_of(body)
    except Unreadable as refused:
        raise ValueError from refused
    assert isinstance(operation, Batched)
    return operation


@dataclass(frozen=True, slots=True)
class Batch:
    """Do several operations as one: undone in one step, and judged by what they make together.

    In between, a division may lie in several parts or be empty.
    """

    op: ClassVar[str] = "batch"
    operations: Annotated[tuple[Batched, ...], batched_of]

    def patch(self, coverage: Coverage) -> Patch:
        """Raises what the first operation that cannot be done raises."""
        found = Patch(issued=(coverage.issued, coverage.issued))
        for operation in self.operations:
            patch = operation.patch(coverage)
            coverage, found = coverage.patched(patch), found.then(patch)
        return found


AnyOperation = (
    Reassign
    | Merge
    | Split
    | SplitAlong
    | Move
    | Straighten
    | Snap
    | Create
    | Rename
    | Designate
    | Lock
    | Unlock
    | Restore
    | Batch
)
KINDS: Mapping[str, type[AnyOperation]] = {
    kind.op: kind
    for kind in (
        Reassign, Merge, Split, SplitAlong, Move, Straighten, Snap, Create, Rename, Designate,
        Lock, Unlock, Restore, Batch,
    )
}  # fmt: skip

READERS: Mapping[str, Mapping[str, Reader]] = {
    name: {field.name: get_type_hints(kind, include_extras=True)[field.name].__metadata__[0] for field in fields(kind)}
    for name, kind in KINDS.items()
}
"""How each field of an operation is read, as its type says."""


def operation_of(body: Mapping[str, Any]) -> AnyOperation:
    """Read an operation that a client asks for. Raises `Unreadable` with the fields that are wrong.

    A client cannot ask for `restore`: it would put in any edges.
    """
    if body.get("op") == Restore.op:
        raise Unreadable(fields=["op"], known=sorted(KINDS.keys() - {Restore.op}))
    return stored_operation_of(body)


def stored_operation_of(body: Mapping[str, Any]) -> AnyOperation:
    """Read an operation that the product has stored: `restore`, too. Raises `Unreadable`."""
    kind = KINDS.get(body.get("op", "")) if isinstance(body.get("op"), str) else None
    if kind is None:
        raise Unreadable(fields=["op"], known=sorted(KINDS.keys() - {Restore.op}))
    declared = {field.name: field for field in fields(kind)}
    wrong = sorted(body.keys() - declared.keys() - {"op"})
    values: dict[str, Any] = {}
    readers = READERS[kind.op]
    for name, field in declared.items():
        if name not in body:
            if field.default is MISSING:
                wrong.append(name)
            continue
        try:
            values[name] = readers[name](body[name])
        except ValueError:
            wrong.append(name)
    if wrong:
        raise Unreadable(fields=sorted(wrong), op=kind.op)
    try:
        return kind(**values)
    except ValueError:
        raise Unreadable(fields=sorted(values), op=kind.op) from None


def as_json(operation: AnyOperation) -> dict[str, Any]:
    """Return an operation as `stored_operation_of` reads it, without fields that are None."""
    given = {field.name: getattr(operation, field.name) for field in fields(operation)}
    kept = {name: _plain(value) for name, value in given.items() if value is not None}
    return {"op": operation.op, **kept}


def _plain(value: Any) -> Any:
    if isinstance(value, Patch):
        return value.as_json()
    if isinstance(value, Batched):
        return as_json(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
