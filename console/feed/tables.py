"""The feed 动态: all changes, in the order of their commits.

An action writes to `feed_outbox` in its own transaction. Only the sequencer moves committed rows to `feed_log`, with
contiguous positions. Ids are not in commit order, so the outbox must not be read by id.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Ltree, Path

EMPTY_ARRAY = text("'{}'")


class OutboxEvent(Base):
    """A committed change without a position. `left_path` and `left_force_ids` are the visibility before the change."""

    __tablename__ = "feed_outbox"
    __table_args__ = ({"info": SCOPED},)

    id: Mapped[BigId]
    at: Mapped[datetime]
    kind: Mapped[str]
    entity_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    force_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=EMPTY_ARRAY)
    division_path: Mapped[Path]
    body: Mapped[dict[str, Any]]
    left_path: Mapped[Path | None] = mapped_column(Ltree)
    left_force_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=EMPTY_ARRAY)


class LoggedEvent(Base):
    """A change with its position. Partitioned by day of `at`, the time of numbering; `pos` is contiguous over all.

    In a row without a body the entity has left the visibility of its path and forces, except for audiences of
    `kept_path` and `kept_force_ids`, which have the new state from the row before.
    """

    __tablename__ = "feed_log"
    __table_args__ = (
        Index("ix_feed_log_kind_entity_id_at", "kind", "entity_id", "at"),
        Index("ix_feed_log_gone", "kind", "at", postgresql_where=text("body IS NULL")),
        CheckConstraint("(body IS NULL) = (kept_path IS NOT NULL)", name="gone"),
        {"info": SCOPED, "postgresql_partition_by": "RANGE (at)"},
    )

    pos: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    kind: Mapped[str]
    entity_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    force_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=EMPTY_ARRAY)
    division_path: Mapped[Path]
    body: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    kept_path: Mapped[Path | None] = mapped_column(Ltree)
    kept_force_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))


class EarlierState(Base):
    """The last state of an entity before the log begins, or of one that has never been in it."""

    __tablename__ = "earlier_states"
    __table_args__ = (
        Index("gist_earlier_states_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    entity_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version: Mapped[int]
    division_path: Mapped[Path]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))


class FeedHead(Base):
    """The single row with the feed's last position. A new `epoch` invalidates earlier positions.

    `origin` identifies the database cluster: a dump restored in another begins a new epoch.
    """

    __tablename__ = "feed_head"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=False), primary_key=True)
    epoch: Mapped[UUID]
    pos: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[str]
