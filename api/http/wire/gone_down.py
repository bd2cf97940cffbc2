"""JSON of the time that people of an upper centre have spent at lower ones 下沉."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, Self

from pydantic import Field

from api.http.wire.rosters import PlaceNameOut, WhoOut
from api.http.wire.shapes import Out
from console.rosters.gone_down import GoneDown
from console.rosters.rules import Who


class StayOut(Out):
    """How long somebody of the division `home` has been at `unit`, or anywhere in `division`, below it."""

    who: WhoOut
    home: str
    division: str
    unit: str | None
    by: Literal["shift", "post"] = Field(description="Shifts served there, or a post to which the person is seconded.")
    times: int = Field(description="Shifts; of a post 1.")
    hours: float | None = Field(description="Of the shifts, without leave; null for a post.")
    days: int = Field(description="Local days on which they were there.")

    @classmethod
    def told(cls, found: GoneDown, names: Mapping[Who, str]) -> Self:
        stay = found.stay
        who = WhoOut(kind=stay.who.kind.value, id=stay.who.id, name=names.get(stay.who))
        home, division = (path.rpartition(".")[2] for path in (stay.home, stay.division_path))
        return cls(
            who=who,
            home=home,
            division=division,
            unit=stay.unit,
            by=stay.by,
            times=found.times,
            hours=found.hours,
            days=found.days,
        )


class StaysOut(Out):
    """The stays from the first day to the last, until now. `places` names divisions and units."""

    first: date
    last: date
    items: list[StayOut]
    places: list[PlaceNameOut]
