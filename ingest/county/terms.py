"""Terms of a county to generate: the `generator` section of its `demo.toml`."""

from datetime import date
from typing import Annotated

from pydantic import Field

from geo.terms import AtLeastOne, Code, Coded, Count, DivisionCode, Latitude, Longitude, Names, Part, Positive, Share
from geo.travel import ModeName


class Counts(Part):
    """Number of divisions of each level."""

    towns: AtLeastOne
    villages: AtLeastOne
    grids: AtLeastOne
    micro_grids: AtLeastOne


class Seat(Part):
    """A town's centre, its approximate size, and its density relative to the other towns."""

    code: DivisionCode
    english: str
    lon: Longitude
    lat: Latitude
    km2: Positive
    density: Positive = 1


class Station(Coded):
    """A station or room in the county's centre."""


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

    `households` and `enterprises` are totals to apportion; `valid_from` is the first day of all boundaries.
    """

    seed: Count
    valid_from: date
    counts: Counts
    households: Count
    enterprises: Count
    seats: Annotated[tuple[Seat, ...], Field(min_length=1)]
    stations: tuple[Station, ...] = ()
    cameras: Cameras
    staff: Staff
