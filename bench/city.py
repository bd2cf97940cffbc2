"""A city's dispatch records as benches read them: one row for each unit sent to a call, in local time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd

from console.dispatching.rules import Candidate
from geo.travel import Mode, distance_m

LonLat = tuple[float, float]
SEEN_WITHIN = pd.Timedelta("1D")
"""A unit without a record for as long is not taken to be on duty."""
MINUTE = pd.Timedelta("1min")
THERE_ALREADY, TOO_LATE = 0.5, 60.0
"""Minutes from being sent to being on scene: below, the unit met the call itself; above, it was not urgent."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it stood when its first unit was sent, and what came of it.

    `units` are those free, by name, and `from_home` has the metres from their homes. Of the units `sent`, `arrived` has
    the minutes from being sent to being on scene, the first on scene first.
    """

    kind: str
    at: datetime
    units: Mapping[str, Candidate]
    from_home: Mapping[str, float]
    sent: frozenset[str]
    arrived: Mapping[str, float]

    @property
    def first(self) -> str:
        """The unit that was first on scene."""
        return next(iter(self.arrived))


@dataclass(frozen=True, slots=True)
class Seen:
    """Calls that count; how many were left out; and the kind of each unit."""

    calls: Sequence[Call]
    met: int
    late: int
    kinds: Mapping[str, str]


def read_responses(file: Path) -> pd.DataFrame:
    """Read responses with a place, and times when the unit was sent and when it was free again; by the latter."""
    known = ["lat", "lon", "received_dttm", "dispatch_dttm", "available_dttm"]
    read = pd.read_parquet(file, columns=["call_number", "call_type", "unit_id", "unit_type", "on_scene_dttm", *known])
    return (
        read.astype(dict.fromkeys(read.columns[:4], object)).dropna(subset=known).sort_values(known[-1], kind="stable")
    )


def free_units(responses: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """Return the last ended response of each unit that is free at a moment; `responses` as `read_responses` has them.

    Nothing later than the moment is used: of a response that ends later, only that it has not ended.
    """
    sent, free = responses["dispatch_dttm"], responses["available_dttm"]
    busy = set(responses.loc[(sent < at) & (free > at), "unit_id"])
    last = responses[free.between(at - SEEN_WITHIN, at)].drop_duplicates("unit_id", keep="last")
    return last[~last["unit_id"].isin(busy)]


def homes_of(responses: pd.DataFrame) -> dict[str, LonLat]:
    """Return by unit the median of the places of its calls, in degrees."""
    medians = responses.groupby("unit_id")[["lon", "lat"]].median()
    return dict(zip(medians.index, medians.itertuples(index=False, name=None), strict=True))


def code_of(words: str) -> str:
    """Turn the city's words for a type of call or unit into a code as packs have them."""
    return "".join(letter if letter.isalnum() else "_" for letter in words.lower())


def calls_of(responses: pd.DataFrame, days: Sequence[str], *, car: Mode, most: int | None = None) -> Seen:
    """Set the calls of the days, the second excluded, as they stood; the first day only shows who is on duty."""
    begin, end = (pd.Timestamp(day) for day in days)
    ours = responses[responses["dispatch_dttm"].between(begin, end, inclusive="left")]
    homes: dict[pd.Timestamp, dict[str, LonLat]] = {}
    calls: list[Call] = []
    met = late = 0
    for _, sent in ours.sort_values("dispatch_dttm", kind="stable").groupby("call_number"):
        first = sent.iloc[0]
        at = first["dispatch_dttm"]
        came = sent.dropna(subset=["on_scene_dttm"]).sort_values("on_scene_dttm", kind="stable")
        if at < begin + SEEN_WITHIN or came.empty:
            continue
        took = ((came["on_scene_dttm"] - came["dispatch_dttm"]) / MINUTE).tolist()
        if not THERE_ALREADY <= took[0] <= TOO_LATE:
            met, late = met + (took[0] < THERE_ALREADY), late + (took[0] > TOO_LATE)
            continue
        if (day := at.floor("D")) not in homes:
            homes[day] = homes_of(responses[responses["available_dttm"] < day])
        units, from_home = _units(ours, homes[day], first, car)
        arrived = dict(zip(came["unit_id"], took, strict=True))
        calls.append(
            Call(code_of(first["call_type"]), at.to_pydatetime(), units, from_home, frozenset(sent["unit_id"]), arrived)
        )
        if most is not None and len(calls) == most:
            break
    return Seen(
        calls, met, late, {unit: code_of(kind) for unit, kind in zip(ours["unit_id"], ours["unit_type"], strict=True)}
    )


def _units(
    responses: pd.DataFrame, homes: Mapping[str, LonLat], call: pd.Series, car: Mode
) -> tuple[dict[str, Candidate], dict[str, float]]:
    """Return the free units where they are when a call's first unit is sent, and the metres from their homes to it."""
    at, place = call["dispatch_dttm"], (call["lon"], call["lat"])
    lately = responses["dispatch_dttm"].between(at - SEEN_WITHIN, at, inclusive="left")
    tasks = responses[lately].groupby("unit_id").size().to_dict()
    units, from_home = {}, {}
    for number, last in enumerate(free_units(responses, at).itertuples()):
        was = (last.lon, last.lat)
        home = homes.get(last.unit_id, was)
        free_since = last.available_dttm
        units[last.unit_id] = Candidate(
            force=number,
            name=last.unit_id,
            kind=code_of(last.unit_type),
            mode="car",
            duty="on",
            specialities=(),
            languages=(),
            division_path="city",
            distance_m=distance_m(*place, *_homewards(was, home, minutes=(at - free_since) / MINUTE, car=car)),
            fix_at=at.to_pydatetime(),
            tasks_today=tasks.get(last.unit_id, 0),
            free_since=free_since.to_pydatetime(),
        )
        from_home[last.unit_id] = distance_m(*place, *home)
    return units, from_home


def _homewards(was: LonLat, home: LonLat, *, minutes: float, car: Mode) -> tuple[float, float]:
    """Return where a unit is, minutes after it was free, on the straight way home."""
    way = distance_m(*was, *home) / 1000 * car.minutes_per_km
    share = 1.0 if minutes >= way else minutes / way
    return was[0] + share * (home[0] - was[0]), was[1] + share * (home[1] - was[1])
