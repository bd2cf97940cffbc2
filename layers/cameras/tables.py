"""Cameras 视频点位: where they stand and what they can see. No video passes through the product."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, Path, PointColumn


class Camera(Base):
    """A camera under its GB/T 28181 id: 20 digits. Heading in degrees clockwise from north, range in metres.

    `level` 1 to 3 is its class 一类、二类、三类; `ptz`: it can turn, so that its heading says little. `online` is what
    its entry said; what the platform said is in `camera_states`.
    """

    __tablename__ = "cameras"
    __table_args__ = (
        CheckConstraint("heading >= 0 AND heading < 360", name="heading_in_degrees"),
        CheckConstraint("fov_deg > 0 AND fov_deg <= 360", name="field_of_view_in_degrees"),
        CheckConstraint("level BETWEEN 1 AND 3", name="level_of_three"),
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
    level: Mapped[int] = mapped_column(default=1, server_default="1")
    ptz: Mapped[bool] = mapped_column(default=False, server_default="false")
    online: Mapped[bool] = mapped_column(default=True)
    geom: Mapped[PointColumn]
    division_path: Mapped[Path]


class CameraState(Base):
    """What the video platform said last of a camera.

    `online`: both the device and the channel. `said_at` is when it said so, `heard_at` when it last heard of the
    device. Seen by those who see the camera.
    """

    __tablename__ = "camera_states"

    camera_id: Mapped[BigRef] = mapped_column(ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True)
    online: Mapped[bool]
    said_at: Mapped[datetime]
    heard_at: Mapped[datetime | None]
