"""Answers with indicators: figures with the addresses of the cases behind each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from api.http.wire.indicators import (
    DefinitionOut,
    IndicatorFigureOut,
    IndicatorOut,
    IndicatorPartOut,
    SpanFigureOut,
    figure_values,
)
from console.clocks.calendar import WorkingCalendar
from console.indicators.rules import PLACES, By, Figure, Span, is_on_record
from console.indicators.terms import Indicator


def worked_days(calendar: WorkingCalendar, spans: Collection[Span]) -> Mapping[Span, int]:
    """Count the worked days of each span; a day that is in several is looked up once."""
    days = {day for span in spans for day in span.days()}
    worked = {day for day in days if calendar.kind(day).is_worked}
    return {span: sum(day in worked for day in span.days()) for span in spans}


@dataclass(frozen=True, slots=True)
class IndicatorAnswers:
    """Answers with the indicators of a scope (its code) in some days, on the lines of a day or as recorded.

    `begins`: when the first case within reach came.
    """

    scope: str
    span: Span
    lines: date | None
    version: str
    worked: Mapping[Span, int]
    begins: datetime | None

    def answer(self, one: Indicator, figures: Sequence[Figure], spans: Sequence[Span]) -> IndicatorOut:
        """Return an indicator: its figures are those of the span, the year before, the span before, and the months."""
        now, *others = [self._spanned(one, figure, span) for figure, span in zip(figures, spans, strict=True)]
        return IndicatorOut(
            **DefinitionOut.of_terms(one).model_dump(),
            **now.model_dump(),
            version=self.version,
            cases=self._address(one, {}, counted=True),
            all_cases=self._address(one, {}, counted=False),
            year_before=others[0],
            before=others[1],
            months=others[2:],
        )

    def parts(
        self,
        one: Indicator,
        by: By,
        figures: Mapping[str, Figure],
        names: Mapping[str, str],
        *,
        depth: int,
    ) -> list[IndicatorPartOut]:
        """Return the parts, those with the most cases first; grids by their codes, since each is one person's work.

        Of places, those with fewer labels than `depth` stand for their own cases, without those of the parts below.
        """
        ordered = sorted(figures.items(), key=lambda item: (0 if by == "grid" else -item[1].denominator, item[0]))
        return [self._part(one, by, key, figure, names.get(key), depth=depth) for key, figure in ordered]

    def _part(
        self, one: Indicator, by: By, key: str, figure: Figure, name: str | None, *, depth: int
    ) -> IndicatorPartOut:
        is_place = by in PLACES
        code = key.rpartition(".")[2] if is_place else key
        own = is_place and key.count(".") + 1 < depth
        asked = {("scope" if is_place else by): code, **({"only": "true"} if own else {})}
        return IndicatorPartOut(
            **figure_values(one.kind, figure),
            code=code,
            name=name,
            own=own,
            cases=self._address(one, asked, counted=True),
            all_cases=self._address(one, asked, counted=False),
        )

    def _spanned(self, one: Indicator, figure: Figure, span: Span) -> SpanFigureOut:
        return SpanFigureOut(
            **IndicatorFigureOut.model_validate(figure_values(one.kind, figure)).model_dump(),
            first=span.first,
            last=span.last,
            worked_days=self.worked[span],
            on_record=is_on_record(span, self.begins),
        )

    def _address(self, one: Indicator, asked: Mapping[str, str], *, counted: bool) -> str:
        said = {"from": self.span.first.isoformat(), "to": self.span.last.isoformat(), "scope": self.scope}
        if self.lines is not None:
            said["lines"] = self.lines.isoformat()
        if not counted:
            said["counted"] = "false"
        return f"/api/indicators/{one.code}/cases?{urlencode({**said, **asked})}"
