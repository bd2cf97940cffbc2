"""A place as data: the pack that says how one county is divided, what happens there, and how its people work.

The engine knows no place by name. Each feature declares in its `terms.py` what a pack may say about it, and its rules
take that very model; here they are put together, by the file of the pack that each of them stands in.
"""

from collections.abc import Set
from functools import cached_property
from types import MappingProxyType
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from console.access.terms import Account
from console.dispatching.terms import DispatchTerms
from console.forces.terms import ForceTerms
from console.incidents.terms import IncidentTerms
from geo.terms import Names, Part
from ingest.county.terms import Generator
from ingest.reports.terms import KnownCodes, ReportTerms
from ingest.simulator.terms import TrafficTerms
from layers.divisions.terms import Root
from layers.hotspots.terms import HotspotTerms


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("not a time zone of the IANA database")
    return name


class Place(Part):
    """`place.toml`: what the place is."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    names: Names
    timezone: Annotated[str, AfterValidator(_known_timezone)]
    root: Root
    forces: ForceTerms
    reports: ReportTerms = ReportTerms()


class Flow(Part):
    """`flow.toml`: how the work goes."""

    incidents: IncidentTerms
    dispatch: DispatchTerms
    hotspots: HotspotTerms = HotspotTerms()


class Demo(Part):
    """`demo.toml`: what only a demo of the place has. A real installation needs none of it."""

    accounts: tuple[Account, ...] = ()
    traffic: TrafficTerms | None = None
    generator: Generator | None = None


class Pack(Place, Flow):
    """One place. `demo` is empty where the pack has no `demo.toml`."""

    demo: Demo = Demo()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def known(self) -> KnownCodes:
        """The codes that reports may use here, by field."""
        codes: dict[str, Set[str]] = {
            "category": self.incidents.category_by_code.keys(),
            "risk": self.incidents.risk_by_code.keys(),
            "language": {language.code for language in self.forces.languages},
        }
        return MappingProxyType(codes)


FILES: MappingProxyType[str, type[Part]] = MappingProxyType({"place.toml": Place, "flow.toml": Flow, "demo.toml": Demo})
"""The files of a pack, each with the keys that it may have."""
OPTIONAL = frozenset({"demo.toml"})
