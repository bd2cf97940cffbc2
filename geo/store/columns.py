"""Declarative base, column types and naming of constraints for all tables."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, ClassVar

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import BigInteger, DateTime, Dialect, Identity, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import UserDefinedType

SRID = 4326
SCOPED = {"scoped": True}
"""`__table_args__` info of a table whose rows belong to a division: row-level security is forced on it."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Ltree(UserDefinedType[str]):
    """PostgreSQL `ltree`: a division's path from the root, codes joined by dots."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "LTREE"


class Ltrees(UserDefinedType[list[str]]):
    """PostgreSQL `ltree[]`: paths of several divisions. The driver does not know the type, and has it as text."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "LTREE[]"

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        return lambda paths: f"{{{','.join(paths)}}}"

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str], list[str]]:
        return lambda text: [path for path in text.strip("{}").split(",") if path]


class Base(DeclarativeBase):
    """Base class of all tables. Times are `timestamptz`; callers refuse naive datetimes before they reach the
    driver.
    """

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True), dict[str, Any]: JSONB, list[Any]: JSONB}


BigId = Annotated[int, mapped_column(BigInteger, Identity(always=True), primary_key=True)]
BigRef = Annotated[int, mapped_column(BigInteger)]
Path = Annotated[str, mapped_column(Ltree)]
PointColumn = Annotated[WKBElement, mapped_column(Geometry("POINT", srid=SRID, spatial_index=False))]
MaybePoint = Annotated[
    WKBElement | None, mapped_column(Geometry("POINT", srid=SRID, spatial_index=False), nullable=True)
]
MultiPolygonColumn = Annotated[WKBElement, mapped_column(Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False))]
