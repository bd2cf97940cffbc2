"""The register 名册: units 单位, the people who work there, and the posts 岗位 that they hold."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, Text, func, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from geo.store import SCOPED, Base, BigId, BigRef, MaybePoint, Path


class Unit(Base):
    """A centre, zone, room, station, studio, committee, organisation, department or pool, under one code.

    `kind` is one of the pack's unit kinds, `level` that of its division. A division has at most one open centre
    (`is_centre`). `hours` names opening hours of the pack. `attendance` says how the unit is there: `resident`,
    `rotating`, `on_call`, or none of them. `running` is false while its site is being built. `assumed` marks what no
    report names. A closed unit keeps its row: what it handled still names it.
    """

    __tablename__ = "units"
    __table_args__ = (
        CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name="days_in_order"),
        CheckConstraint("attendance IN ('', 'resident', 'rotating', 'on_call')", name="attendance_known"),
        Index(
            "uq_units_centre",
            "division_path",
            unique=True,
            postgresql_where=literal_column("is_centre AND closed_on IS NULL"),
        ),
        Index("ix_units_parent", "parent"),
        Index("gist_units_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    is_centre: Mapped[bool]
    name: Mapped[str]
    name_en: Mapped[str]
    parent: Mapped[str | None]
    level: Mapped[str]
    division_path: Mapped[Path]
    geom: Mapped[MaybePoint]
    hours: Mapped[str]
    telephone: Mapped[str]
    services: Mapped[list[str]] = mapped_column(ARRAY(Text))
    specialities: Mapped[list[str]] = mapped_column(ARRAY(Text))
    attendance: Mapped[str]
    running: Mapped[bool]
    assumed: Mapped[bool]
    properties: Mapped[dict[str, Any]]
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]


class StaffMember(Base):
    """A person on the staff: a name and a code, nothing of their life. `division_path` is where they belong."""

    __tablename__ = "staff_members"
    __table_args__ = (
        Index("gist_staff_members_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    division_path: Mapped[Path]


class Post(Base):
    """A post that a person holds in a unit, from `first_day` until the day before `until`; several at once.

    `duty` is head, deputy, member or seconded; `title` one of the pack's titles, if any; `role` the role of an account
    that its work needs, empty for none. `managed_by` are the codes of the units that manage the person in this post:
    two of seconded staff. `specialities` are those by which parties choose from a pool.
    """

    __tablename__ = "posts"
    __table_args__ = (
        ExcludeConstraint(
            ("person_id", "="),
            ("unit_id", "="),
            ("title", "="),
            (func.daterange(literal_column("first_day"), literal_column("until")), "&&"),
            name="posts_person_id_unit_id_title_daterange_excl",
            using="gist",
        ),
        CheckConstraint("until IS NULL OR until >= first_day", name="days_in_order"),
        CheckConstraint("duty IN ('head', 'deputy', 'member', 'seconded')", name="duty_known"),
        CheckConstraint("attendance IN ('', 'resident', 'rotating', 'on_call')", name="attendance_known"),
        CheckConstraint("cardinality(managed_by) <= 2", name="two_managements"),
        Index("ix_posts_unit_id", "unit_id"),
        Index("ix_posts_person_id", "person_id"),
        Index("gist_posts_division_path", "division_path", postgresql_using="gist"),
        {"info": SCOPED},
    )

    id: Mapped[BigId]
    person_id: Mapped[BigRef] = mapped_column(ForeignKey("staff_members.id"))
    unit_id: Mapped[BigRef] = mapped_column(ForeignKey("units.id"))
    division_path: Mapped[Path]
    duty: Mapped[str]
    title: Mapped[str]
    role: Mapped[str]
    attendance: Mapped[str]
    managed_by: Mapped[list[str]] = mapped_column(ARRAY(Text))
    specialities: Mapped[list[str]] = mapped_column(ARRAY(Text))
    first_day: Mapped[date]
    until: Mapped[date | None]
    created_by: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
