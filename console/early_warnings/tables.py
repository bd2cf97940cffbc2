"""Early warnings 预警, the weeks that were judged, and the clusters of their last month."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, Path


class EarlyWarning(Base):
    """A rise of a category in a division over the one or two `weeks` that end with `week_end`, a Sunday.

    `told`: chance alone does as much in at most one year of twenty, whatever the category and division; the others are
    on the week's list, of which at most one of ten is there by chance. `expected` is from the past, `told_from` the
    count from which it would be told by itself. `answer` is what its owner found, with a `note`.
    """

    __tablename__ = "early_warnings"
    __table_args__ = (
        UniqueConstraint("week_end", "category", "division_path"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_whole"),
        CheckConstraint("answer IN ('real', 'explained', 'chance')", name="answer_known"),
        CheckConstraint("weeks IN (1, 2)", name="one_or_two_weeks"),
        Index("gist_early_warnings_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    week_end: Mapped[date]
    category: Mapped[str]
    division_path: Mapped[Path]
    weeks: Mapped[int]
    count: Mapped[int]
    expected: Mapped[float]
    told_from: Mapped[int]
    q: Mapped[float]
    told: Mapped[bool]
    answer: Mapped[str | None]
    note: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answerer: Mapped[str | None]
    version: Mapped[int]


class JudgedWeek(Base):
    """A week that was judged: how many `series` (categories in divisions), and which categories were not, and why.

    `left_out` has a row for each of those: `category`, `reason`, and `params`. `tried` is how many weeks of the past
    year were judged as this one, to see whether chance stays where it should. Everybody may read it: what it says of
    categories is of the whole county. `division_path` is the root's.
    """

    __tablename__ = "judged_weeks"
    __table_args__ = (
        Index("gist_judged_weeks_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    week_end: Mapped[date] = mapped_column(primary_key=True)
    judged_at: Mapped[datetime]
    series: Mapped[int]
    tried: Mapped[int]
    left_out: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    division_path: Mapped[Path]


class SpaceTimeCluster(Base):
    """A circle of H3 cells where more has occurred in the last `days` than place and time by themselves explain.

    `category` is None for all categories together. Its path is the root's: only who sees the whole county is shown it.
    """

    __tablename__ = "space_time_clusters"
    __table_args__ = (
        Index("ix_space_time_clusters_week_end", "week_end"),
        Index("gist_space_time_clusters_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    week_end: Mapped[date]
    category: Mapped[str | None]
    cells: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    radius_m: Mapped[float]
    days: Mapped[int]
    count: Mapped[int]
    expected: Mapped[float]
    p: Mapped[float]
    division_path: Mapped[Path]
