"""Cameras 视频点位: where they stand and what they can see. No video passes through the product."""

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path, PointColumn


class Camera(Base):
    """A camera under its GB/T 28181 id: 20 digits. Heading in degrees clockwise from north, range in metres."""

    __tablename__ = "cameras"
    __table_args__ = (
        CheckConstraint("heading >= 0 AND heading < 360", name="heading_in_degrees"),
        CheckConstraint("fov_deg > 0 AND fov_deg <= 360", name="field_of_view_in_degrees"),
        Index("gist_cameras_geom", "geom", postgresql_using="gist"),
        Index("gist_cameras_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    owner: Mapped[str]
    heading: Mapped[float]
    fov_deg: Mapped[float]
    range_m: Mapped[float]
    online: Mapped[bool] = mapped_column(default=True)
    geom: Mapped[PointColumn]
    division_path: Mapped[Path]
