"""Attachments 附件 of incidents. Rows are only added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigRef, MaybePoint, Path


class Attachment(Base):
    """A photo, recording or paper, of which the store of bytes has the content under `digest`.

    `id` is the sender's, `number` ours: looks are recorded by it. `sent_digest` is of the bytes as sent; the same may
    be attached to several incidents, and several times. `sender` is the display name of who sent it.

    `geom`, `accuracy_m` and `place_age_s` are what the phone reported of its place, `taken_at` its clock at the
    shutter, `clock_off_s` the seconds by which that clock was behind ours when it sent. None of these is read from the
    file. `division_path` is the incident's.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("kind IN ('photo', 'voice', 'paper')", name="kind_known"),
        CheckConstraint("origin <> 'gallery' OR (geom IS NULL AND taken_at IS NULL)", name="gallery_claims_nothing"),
        Index("ix_attachments_incident_id", "incident_id"),
        Index("ix_attachments_digest", "digest"),
        Index("ix_attachments_thumbnail_digest", "thumbnail_digest"),
        Index("gist_attachments_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    incident_id: Mapped[BigRef] = mapped_column(ForeignKey("incidents.id"))
    task_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("tasks.id"))
    force_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str]
    origin: Mapped[str]
    media_type: Mapped[str]
    sent_digest: Mapped[str]
    digest: Mapped[str]
    thumbnail_digest: Mapped[str | None]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    seconds: Mapped[float | None]
    geom: Mapped[MaybePoint]
    accuracy_m: Mapped[float | None]
    place_age_s: Mapped[float | None]
    taken_at: Mapped[datetime | None]
    clock_off_s: Mapped[float | None]
    received_at: Mapped[datetime]
    sent_by: Mapped[int] = mapped_column(BigInteger)
    sender: Mapped[str]
    division_path: Mapped[Path]
