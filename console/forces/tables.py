"""Forces 力量: mediators, units, patrol teams and grid workers."""

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path, PointColumn


class Force(Base):
    """A person or team that can be sent. `duty` is on, on_call or off; `division_path` is its own division.

    `device_datum`: what the device's positions are in where they do not say it; None where nobody has set it.
    `telephone` is empty where it is not known; no feed, list or export over HTTP has it.
    """

    __tablename__ = "forces"
    __table_args__ = (
        CheckConstraint("duty IN ('on', 'on_call', 'off')", name="duty_known"),
        CheckConstraint("device_datum IN ('wgs84', 'gcj02', 'bd09')", name="device_datum_known"),
        Index("gist_forces_division_path", "division_path", postgresql_using="gist"),
        Index("gist_forces_home", "home", postgresql_using="gist"),
        Index("gist_forces_home_off", "home", postgresql_using="gist", postgresql_where=text("duty = 'off'")),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    organisation: Mapped[str] = mapped_column(default="")
    specialities: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    mode: Mapped[str]
    home: Mapped[PointColumn]
    device_id: Mapped[str | None] = mapped_column(unique=True)
    device_datum: Mapped[str | None]
    telephone: Mapped[str] = mapped_column(default="")
    duty: Mapped[str]
    division_path: Mapped[Path]
    version: Mapped[int]
