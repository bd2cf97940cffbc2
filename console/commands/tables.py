"""Commands of phones, each kept as it was sent, and the stores that they come from."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigRef, Path


class Command(Base):
    """A command and its answer. `body` is the line as it was sent; `digest` is that of its content.

    `device_at` is what the phone's clock said, `done_at` what that was by the server's, `received_at` when it came.
    `subject` is what commands of one phone wait for one another about, such as a task. `status`: see `rules.Status`;
    `settled_at` when one that was refused or in review was put aside or restored.

    `division_path` is the task's or, without one, the author's. Row-level security also shows the row to its force.
    """

    __tablename__ = "commands"
    __table_args__ = (
        Index("uq_commands_device_seq", "device", "device_seq", unique=True),
        Index("ix_commands_received_at", "received_at"),
        Index("ix_commands_task_id", "task_id"),
        Index("gist_commands_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[BigRef]
    force_id: Mapped[int | None] = mapped_column(BigInteger)
    device: Mapped[UUID]
    device_seq: Mapped[int] = mapped_column(BigInteger)
    command: Mapped[str]
    subject: Mapped[str | None]
    task_id: Mapped[int | None] = mapped_column(BigInteger)
    incident_id: Mapped[int | None] = mapped_column(BigInteger)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    device_at: Mapped[datetime]
    done_at: Mapped[datetime]
    received_at: Mapped[datetime]
    status: Mapped[str]
    code: Mapped[str | None]
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    version_after: Mapped[int | None]
    case_code: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[int | None] = mapped_column(BigInteger)
    settled: Mapped[str | None]
    division_path: Mapped[Path]


class Phone(Base):
    """A store of commands on somebody's phone, known by its own id: one that was cleared comes back with another.

    `last_seq` is the highest number heard, given at `last_done_at`, and `heard` how many were: what is between is
    missing. `unsent` is what it last said to keep; `ahead_s`, by how many seconds its clock is ahead. `before_at` is
    when the author's last store before this one was heard, where it was not heard since.
    """

    __tablename__ = "phones"
    __table_args__ = (
        Index("ix_phones_force_id", "force_id"),
        Index("ix_phones_user_id", "user_id"),
        Index("gist_phones_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    device: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[BigRef]
    force_id: Mapped[int | None] = mapped_column(BigInteger)
    began_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    last_done_at: Mapped[datetime | None]
    heard: Mapped[int] = mapped_column(BigInteger, default=0)
    unsent: Mapped[int | None]
    ahead_s: Mapped[int] = mapped_column(BigInteger, default=0)
    before_at: Mapped[datetime | None]
    division_path: Mapped[Path]
