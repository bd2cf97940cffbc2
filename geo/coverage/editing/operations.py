"""All operations, and their form as JSON: `{op, …}` with the fields of each."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

from geo.coverage.editing.attributes import Lock, Rename, Unlock
from geo.coverage.editing.creating import Create
from geo.coverage.editing.fields import Reader
from geo.coverage.editing.moving import Move, Snap, Straighten
from geo.coverage.editing.reassigning import Merge, Reassign
from geo.coverage.editing.restoring import Restore
from geo.coverage.editing.splitting import Split, SplitAlong
from geo.coverage.patches import Patch
from geo.coverage.refusals import Unreadable

AnyOperation = (
    Reassign | Merge | Split | SplitAlong | Move | Straighten | Snap | Create | Rename | Lock | Unlock | Restore
)
KINDS: Mapping[str, type[AnyOperation]] = {
    kind.op: kind
    for kind in (Reassign, Merge, Split, SplitAlong, Move, Straighten, Snap, Create, Rename, Lock, Unlock, Restore)
}

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
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
