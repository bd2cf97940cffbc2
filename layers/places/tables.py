"""Places 中心与站点: centres, stations and rooms on the map."""

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path, PointColumn


class Place(Base):
    """A centre, station or room, with the units based there under `properties`."""

    __tablename__ = "places"
    __table_args__ = (
        Index("gist_places_geom", "geom", postgresql_using="gist"),
        Index("gist_places_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    name: Mapped[str]
    geom: Mapped[PointColumn]
    division_path: Mapped[Path]
    properties: Mapped[dict[str, Any]] = mapped_column(default=dict)
