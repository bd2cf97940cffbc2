"""Terms of a county to generate: the `generator` section of its `demo.toml`."""

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from geo.terms import (
    AtLeastOne,
    Code,
    Coded,
    Count,
    DivisionCode,
    Latitude,
    Longitude,
    Names,
    Part,
    Positive,
    Share,
    bad_value,
)
from geo.travel import ModeName


class Counts(Part):
    """Number of divisions of each level below the root. Without micro-grids, grids are the smallest divisions."""

    counties: Count = 0
    towns: Count = 0
    villages: AtLeastOne
    grids: AtLeastOne
    micro_grids: Count = 0

    @property
    def smallest(self) -> int:
        return self.micro_grids or self.grids


class Seat(Part):
    """A town's centre, its approximate size, and its density relative to the other towns."""

    code: DivisionCode
    english: str
    lon: Longitude
    lat: Latitude
    km2: Positive
    density: Positive = 1


class CountySeat(Part):
    """A county of a city: its names and its seat. The seats of its towns are made up around it."""

    code: DivisionCode
    names: Names
    lon: Longitude
    lat: Latitude


class Department(Part):
    """A department that sends people to the centre; `specialities` are the categories or classes it handles."""

    names: Names
    specialities: tuple[Code, ...] = ()


class Committee(Department):
    """A trade's mediation committee: its number of `mediators` in each of `towns`, or at the centre without any.

    `mode` is how they travel, by default as other mediators do.
    """

    towns: tuple[DivisionCode, ...] = ()
    mediators: AtLeastOne = 1
    mode: ModeName | None = None


class MediatorGroup(Coded):
    """One kind of mediators (专业, 兼职, 特邀): how many, and how many specialities each of them has.

    They are drawn from `specialities`, or from all categories of disputes.
    """

    count: Count
    specialities: tuple[Code, ...] = ()
    specialities_each: Annotated[int, Field(ge=1, le=6)] = 3


class Staff(Part):
    """The people of the county. `languages` gives the share of field staff who speak each besides Mandarin.

    `town_units` are of `town_unit_kind`: each town has one of each, named after it.
    """

    mediators: tuple[MediatorGroup, ...]
    committees: tuple[Committee, ...] = ()
    town_units: tuple[Department, ...] = ()
    town_unit_kind: Code = "town_unit"
    resident: tuple[Department, ...]
    rotating: tuple[Department, ...]
    on_call: tuple[Department, ...]
    patrol_teams_per_town: Count
    grid_workers: Count
    languages: dict[Code, Share] = Field(default_factory=dict)


class CameraOwner(Coded):
    """Owner of a share of the cameras, with the industry and network digits of their GB/T 28181 ids."""

    share: Share
    industry: Annotated[str, Field(pattern=r"^\d{2}$")]
    network: Annotated[str, Field(pattern=r"^\d$")]


class Cameras(Part):
    """Number of cameras, and their owners."""

    count: Count
    owners: Annotated[tuple[CameraOwner, ...], Field(min_length=1)]


class Generator(Part):
    """Figures for generating the county at its reported scale inside its real outline.

    `households`, `premises` and `enterprises` are totals to apportion; `valid_from` is the first day of all
    boundaries. `counties` are those of a city. Where the root is a town, `within` is the county whose outline it is
    drawn in, and `seats` are all towns of that county.
    """

    seed: Count
    valid_from: date
    counts: Counts
    households: Count
    enterprises: Count
    premises: Count = 0
    seats: tuple[Seat, ...] = ()
    counties: tuple[CountySeat, ...] = ()
    within: DivisionCode | None = None
    cameras: Cameras
    staff: Staff

    @model_validator(mode="after")
    def _seated(self) -> "Generator":
        if bool(self.seats) == bool(self.counties):
            raise bad_value("name the seats of towns, or the counties of a city")
        return self
