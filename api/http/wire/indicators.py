"""JSON of indicators 指标: definitions, figures with the cases behind each, and pages of these cases."""

from datetime import date, datetime
from typing import Self

from pydantic import Field

from api.http.wire.cases import CaseItemOut
from api.http.wire.shapes import Out
from console.indicators.rules import By, Figure
from console.indicators.terms import Better, Indicator, IndicatorKind, Window


class IndicatorNamesOut(Out):
    zh: str
    en: str


class ReportedFigureOut(Out):
    """A figure as the place's own report has it; what the report leaves out is null. Rate and change are in percent."""

    year: int
    count: int | None
    of: int | None
    rate: float | None
    change: float | None


class DefinitionOut(Out):
    """An indicator as the pack defines it.

    A `rate` is a share of cases, a `count` their number, a `time` the median of the hours from the door to the end.
    `window`: cases that `came` in a span, that `ended` in it, or that were `open` when it ended.
    """

    code: str
    names: IndicatorNamesOut
    group: str
    kind: IndicatorKind
    window: Window
    better: Better = Field(description="Whether more of it is good, or less.")
    basis: IndicatorNamesOut = Field(description="How it is counted, and what of it is assumed.")
    reported: ReportedFigureOut | None

    @classmethod
    def of_terms(cls, one: Indicator) -> Self:
        return cls.model_validate(one)


class IndicatorGroupOut(Out):
    code: str
    names: IndicatorNamesOut


class EntireOut(Out):
    """The wider number of which a rate takes a part, and the share of it."""

    denominator: int
    value: float | None


class IndicatorFigureOut(Out):
    """A figure. `value` is the share of a rate, the number of a count, the median hours of a time.

    It is null where the denominator is 0, and for a time of which half is still open. `few`: too few cases for a share.
    """

    numerator: int
    denominator: int
    value: float | None
    few: bool
    ninth: float | None = Field(None, description="Of a time: hours within which nine in ten had ended; else null.")
    entire: EntireOut | None = Field(None, description="What the rate leaves out, where its definition says so.")


class SpanFigureOut(IndicatorFigureOut):
    """A figure of some days, and how many of these were worked by the calendar.

    `on_record`: whether cases are on record from the first of the days on. Where not, nothing can be compared with it.
    """

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    worked_days: int
    on_record: bool


class IndicatorPartOut(IndicatorFigureOut):
    """A figure of a part, with the cases behind it. `own`: cases of the scope itself, of no division below it."""

    code: str
    name: str | None = Field(description="The name of a unit or division; the page has those of other parts.")
    own: bool = False
    cases: str
    all_cases: str


class IndicatorOut(DefinitionOut):
    """An indicator with its figure, against the same days of the year before and as many days just before."""

    version: str = Field(description="The version of the place's definitions.")
    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    worked_days: int
    numerator: int
    denominator: int
    value: float | None
    few: bool
    ninth: float | None
    entire: EntireOut | None
    cases: str = Field(description="Address of the cases of the numerator; relative to the server's root.")
    all_cases: str = Field(description="Address of the cases of the denominator.")
    year_before: SpanFigureOut
    before: SpanFigureOut
    months: list[SpanFigureOut] = Field(description="The last thirteen months; the last one goes on.")


class IndicatorListOut(Out):
    """The indicators of a division in some days, in the order of the pack."""

    at: datetime
    scope: str
    version: str
    groups: list[IndicatorGroupOut]
    items: list[IndicatorOut]


class DividedIndicatorOut(IndicatorOut):
    """An indicator, and its parts where they were asked for; numerators and denominators of the parts add up."""

    at: datetime
    scope: str
    by: By | None
    lines: date | None = Field(description="The day on whose lines it is counted; null: as recorded.")
    parts: list[IndicatorPartOut] | None


class IndicatorCasesPage(Out):
    """A page of the cases behind a figure, the newest first."""

    items: list[CaseItemOut]
    next: str | None = None


def figure_values(kind: IndicatorKind, one: Figure) -> dict[str, object]:
    """Return the fields of a figure."""
    value = {"rate": one.rate, "count": float(one.denominator), "time": one.median}[kind]
    entire = one.entire
    return {
        "numerator": one.numerator,
        "denominator": one.denominator,
        "value": value,
        "few": one.few,
        "ninth": one.ninth,
        "entire": None
        if entire is None
        else EntireOut(denominator=entire, value=one.numerator / entire if entire else None),
    }
