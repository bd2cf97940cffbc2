"""Key areas 重点区域: stations, schools, squares and other areas that cameras should cover."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, MultiPolygonColumn, Path


class KeyArea(Base):
    """A key area. `kind` is a code of the place's own. It keeps its division when lines change."""

    __tablename__ = "key_areas"
    __table_args__ = (
        Index("gist_key_areas_geom", "geom", postgresql_using="gist"),
        Index("gist_key_areas_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    name: Mapped[str]
    geom: Mapped[MultiPolygonColumn]
    division_path: Mapped[Path]
