"""The pack of a county: its divisions, categories of incidents, and work flow, as data.

No code names a place. Each feature declares its section of a pack in its `terms.py` and uses that model in its rules;
here the sections are put together, by the pack's files.
"""

from collections.abc import Set
from functools import cached_property
from types import MappingProxyType
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from api.place.casework import casework_of
from api.place.unit_hours import with_unit_hours
from console.access.terms import Account
from console.cases.casework import Casework
from console.cases.clocks import CaseClocks
from console.clocks.calendar import read_calendar
from console.clocks.terms import ClockTerms
from console.clocks.walking import OfficeHours, WorkedTimes
from console.desk.terms import DeskTerms
from console.dispatching.answering import Answer
from console.dispatching.packages import Package
from console.dispatching.proposed import ProposalTerms
from console.dispatching.terms import DispatchTerms
from console.flow.case_terms import CaseTerms
from console.forces.terms import ForceTerms
from console.incidents.terms import IncidentTerms
from console.indicators.terms import IndicatorTerms
from console.lists.terms import ListTerms
from console.networks.terms import NetworkTerms
from console.notices.rules import Delivery
from console.notices.terms import NoticeTerms
from console.register.terms import RegisterTerms
from console.rosters.terms import MadeRoster, RosterTerms
from console.tasks.terms import TaskTerms
from console.viewing.terms import ViewingTerms
from geo.terms import Names, Part, bad_value
from ingest.county.terms import Generator
from ingest.reports.terms import KnownCodes, ReportTerms
from ingest.simulator.terms import TrafficTerms
from layers.divisions.terms import Root
from layers.hotspots.terms import HotspotTerms


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise bad_value("not a time zone of the IANA database")
    return name


class Place(Part):
    """`place.toml`: names, time zone, divisions, forces, who answers what, packages, reporting systems, networks.

    `telephone` is the hall's.
    """

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    names: Names
    timezone: Annotated[str, AfterValidator(_known_timezone)]
    telephone: Annotated[str, Field(pattern=r"^[0-9+ -]{0,32}$")] = ""
    root: Root
    forces: ForceTerms
    answers: tuple[Answer, ...] = ()
    packages: tuple[Package, ...] = ()
    reports: ReportTerms = ReportTerms()
    networks: NetworkTerms = NetworkTerms()


class Flow(Part):
    """`flow.toml`: incidents, dispatch, tasks, hotspots, desk, cases, lists, roster, views of cameras.

    Without `case` it has no cases.
    """

    incidents: IncidentTerms
    dispatch: DispatchTerms
    tasks: TaskTerms = TaskTerms()
    hotspots: HotspotTerms = HotspotTerms()
    desk: DeskTerms = DeskTerms()
    case: CaseTerms | None = None
    clocks: ClockTerms = ClockTerms()
    notices: NoticeTerms = NoticeTerms()
    lists: ListTerms = ListTerms()
    roster: RosterTerms = RosterTerms()
    viewing: ViewingTerms = ViewingTerms()


class Demo(Part):
    """`demo.toml`: accounts, traffic, generated county and rosters of a demo. A real installation needs none of it."""

    accounts: tuple[Account, ...] = ()
    traffic: TrafficTerms | None = None
    generator: Generator | None = None
    rosters: tuple[MadeRoster, ...] = ()


class Pack(Place, Flow):
    """The pack of one county. `registry`, `indicators` and `demo` are empty where the pack has no file of that name."""

    registry: RegisterTerms = RegisterTerms()
    indicators: IndicatorTerms = IndicatorTerms()
    demo: Demo = Demo()

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def casework(self) -> Casework | None:
        """What moves of cases need; None without a case flow."""
        levels = [level.level for level in self.root.levels]
        return casework_of(
            self.key,
            self.case,
            incidents=self.incidents,
            levels=levels,
            clocks=CaseClocks(with_unit_hours(self.clocks, self.registry.opening_hours), self.times),
            desks=self.reports.desks,
            of_centre=frozenset(kind.code for kind in self.registry.unit_kinds if kind.of_centre),
            delivery=self.delivery,
        )

    @cached_property
    def delivery(self) -> Delivery:
        """How notices are delivered; a server adds the senders of its settings."""
        hours = self.clocks.hours_by_code[self.notices.hours] if self.notices.hours else None
        return Delivery(OfficeHours(self.times, hours), answer_hours=self.notices.answer_hours)

    @cached_property
    def proposals(self) -> ProposalTerms:
        """What proposals of forces for many incidents need."""
        return ProposalTerms(
            dispatch=self.dispatch,
            packages=self.packages,
            answers=self.answers,
            levels=[level.level for level in self.root.levels],
            risks=[risk.code for risk in self.incidents.risks],
            minimums=self.roster.minimums,
            zone=self.zone,
            calendar=self.times.calendar,
        )

    @cached_property
    def times(self) -> WorkedTimes:
        """Working time by the calendar that ships; a server adds the files of its own folder."""
        return WorkedTimes(read_calendar(), self.zone)

    @cached_property
    def known(self) -> KnownCodes:
        """Codes that reports may use, by field."""
        codes: dict[str, Set[str]] = {
            "source": self.reports.codes,
            "category": self.incidents.category_by_code.keys(),
            "risk": self.incidents.risk_by_code.keys(),
            "language": {language.code for language in self.forces.languages},
        }
        return MappingProxyType(codes)


FILES: MappingProxyType[str, type[Part]] = MappingProxyType(
    {
        "place.toml": Place,
        "flow.toml": Flow,
        "register.toml": RegisterTerms,
        "indicators.toml": IndicatorTerms,
        "demo.toml": Demo,
    }
)
"""Files of a pack, with the model of their keys."""
OPTIONAL = MappingProxyType({"register.toml": "registry", "indicators.toml": "indicators", "demo.toml": "demo"})
"""Files that a pack may do without, with the field of `Pack` that has their keys."""
