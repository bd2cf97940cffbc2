"""Terms of indicators 指标: the pack's `indicators.toml`."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

from pydantic import Field

from geo.terms import Code, Coded, Count, Names, NonNegative, Part, Text
from layers.divisions.terms import LevelName

IndicatorKind = Literal["rate", "count", "time"]
Window = Literal["came", "ended", "open"]
Better = Literal["more", "less", "neither"]
Satisfaction = Literal["yes", "partly", "no"]
LISTS = ("classes", "categories", "sources", "risks", "levels", "lanes", "outcomes", "procedures", "satisfied")
FLAGS = ("ended", "judged", "on_time", "handed_over", "reopened", "asked", "reached", "answered", "joined")


class CaseConditions(Part):
    """Conditions of cases, all of which hold. A list holds where it has the case's code; an empty one is no condition.

    `ended`: it has ended, and does not go on. `judged`: limits ran until its end; `on_time`: and were kept.
    `handed_over`: from one unit to another, at least once. `reopened`: at least once. `asked`: its reporter is or was
    to be asked 回访; `reached`: and has answered or refused to; `answered`: and has answered. `joined`: merged into
    another case; those are counted nowhere else.
    """

    classes: tuple[Code, ...] = ()
    categories: tuple[Code, ...] = ()
    sources: tuple[Code, ...] = ()
    risks: tuple[Code, ...] = ()
    levels: tuple[LevelName, ...] = ()
    lanes: tuple[Code, ...] = ()
    outcomes: tuple[Code, ...] = ()
    procedures: tuple[Code, ...] = ()
    satisfied: tuple[Satisfaction, ...] = ()
    ended: bool | None = None
    judged: bool | None = None
    on_time: bool | None = None
    handed_over: bool | None = None
    reopened: bool | None = None
    asked: bool | None = None
    reached: bool | None = None
    answered: bool | None = None
    joined: bool = False

    @property
    def given(self) -> Mapping[str, object]:
        """The conditions that are set, by name."""
        return dict(self._set())

    def _set(self) -> Iterator[tuple[str, object]]:
        for name in LISTS:
            if codes := getattr(self, name):
                yield name, frozenset(codes)
        for name in FLAGS:
            if getattr(self, name) is not None and name in self.model_fields_set:
                yield name, getattr(self, name)


class Reported(Part):
    """A figure as the place reports it: so many `count`, `of` so many, and the `rate` in percent as printed.

    `change` is the change against the year before, in percent. What a report leaves out is left out here.
    """

    year: Count
    count: Count | None = None
    of: Count | None = None
    rate: NonNegative | None = None
    change: float | None = None


class Indicator(Coded):
    """An indicator. A `rate` is the share of the cases `of` that meet `counts` too; a `count` is the number `of` them;
    a `time` is the median and the ninth decile of the time from the door to the end, in which open cases count as open.

    `window` says which cases of a span are meant: those that `came` in it, that `ended` in it, or that were `open` when
    it ended. `entire` is the wider number that a rate of a part leaves out; both are shown. `basis` says in words how
    it is counted, and what of it is assumed.
    """

    group: Code
    kind: IndicatorKind = "rate"
    window: Window = "came"
    of: CaseConditions = CaseConditions()
    counts: CaseConditions = CaseConditions()
    entire: CaseConditions | None = None
    better: Better = "neither"
    basis: Names
    reported: Reported | None = None


class IndicatorTerms(Part):
    """The indicators of a place, in groups, with the version of their definitions; none without the file."""

    version: Text = "0"
    groups: tuple[Coded, ...] = ()
    indicators: tuple[Indicator, ...] = Field(default=(), max_length=60)

    @cached_property
    def by_code(self) -> Mapping[str, Indicator]:
        return {one.code: one for one in self.indicators}
