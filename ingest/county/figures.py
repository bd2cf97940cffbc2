"""What a place must say of itself before it can be made up: the `generator` section of a pack.

Declared here, where it is used; the pack reader above includes it. All of it is frozen and refuses unknown keys,
since a misspelt key would be a setting that does nothing.
"""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

DivisionCode = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,32}$")]
"""A label of a division path, so only what `ltree` allows."""
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]


class Part(BaseModel):
    """A piece of a pack."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Names(Part):
    """What people read, in both languages of the screens."""

    zh: str
    en: str


class Coded(Part):
    """Something with a stable code and its names."""

    code: Code
    names: Names


class Counts(Part):
    """How many divisions of each level the place reports."""

    towns: AtLeastOne
    villages: AtLeastOne
    grids: AtLeastOne
    micro_grids: AtLeastOne


class Seat(Part):
    """A town's centre, about how large the town is, and how densely it is lived in compared with the others."""

    code: DivisionCode
    english: str
    lon: Longitude
    lat: Latitude
    km2: Positive
    density: Positive = 1


class Station(Coded):
    """A station or room in the county's centre."""


class Unit(Part):
    """A department that sends people to the centre; `specialities` are the categories or classes it handles."""

    names: Names
    specialities: tuple[Code, ...] = ()


class MediatorGroup(Coded):
    """One kind of mediators (专业, 兼职, 特邀): how many, and how many specialities each of them has."""

    count: Count
    specialities_each: Annotated[int, Field(ge=1, le=6)] = 3


class Staff(Part):
    """The people of the county. `languages` gives the share of field staff who speak each besides Mandarin."""

    mediators: tuple[MediatorGroup, ...]
    resident: tuple[Unit, ...]
    rotating: tuple[Unit, ...]
    on_call: tuple[Unit, ...]
    patrol_teams_per_town: Count
    grid_workers: Count
    languages: dict[Code, Share] = Field(default_factory=dict)


class CameraOwner(Coded):
    """Who owns a share of the cameras, with the industry and network digits of their GB/T 28181 ids."""

    share: Share
    industry: Annotated[str, Field(pattern=r"^\d{2}$")]
    network: Annotated[str, Field(pattern=r"^\d$")]


class Cameras(Part):
    """How many cameras, and whose."""

    count: Count
    owners: Annotated[tuple[CameraOwner, ...], Field(min_length=1)]


class Generator(Part):
    """How to make the place up to its reported scale inside its real outline.

    `households` and `enterprises` are totals that get apportioned; `valid_from` is the first day of all boundaries.
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
