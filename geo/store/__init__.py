"""Column types, connections, and transactions with row-level security."""

from geo.store.bulk import BulkInsert, BulkMove, array_text, geometry_text, point_text, update_on
from geo.store.columns import (
    SCOPED,
    SRID,
    Base,
    BigId,
    BigRef,
    Ltree,
    Ltrees,
    MaybePoint,
    MultiPolygonColumn,
    Path,
    PointColumn,
)
from geo.store.connections import (
    CONNECT_SECONDS,
    NO_REACH,
    DatabaseUnavailable,
    Reach,
    Store,
    bind_reach,
    is_cancelled,
    is_disk_full,
    retry_deadlocks,
)
from geo.store.paths import common_path, lies_within

__all__ = [
    "CONNECT_SECONDS",
    "NO_REACH",
    "SCOPED",
    "SRID",
    "Base",
    "BigId",
    "BigRef",
    "BulkInsert",
    "BulkMove",
    "DatabaseUnavailable",
    "Ltree",
    "Ltrees",
    "MaybePoint",
    "MultiPolygonColumn",
    "Path",
    "PointColumn",
    "Reach",
    "Store",
    "array_text",
    "bind_reach",
    "common_path",
    "geometry_text",
    "is_cancelled",
    "is_disk_full",
    "lies_within",
    "point_text",
    "retry_deadlocks",
    "update_on",
]
