"""JSON of how well hotspots have done."""

from typing import Self

from pydantic import Field

from api.http.wire.shapes import Out
from layers.hotspots.accuracy import USUAL_WEEKS, Accuracy, Forecast, Verdict
from layers.hotspots.rules import View


class ForecastOut(Out):
    """Incidents of the following weeks inside the cells named beforehand. Rates are null without incidents."""

    hits: int
    hit_rate: float | None
    pai: float | None = Field(description="Hit rate divided by the share of the area: 1 is no better than anywhere.")

    @classmethod
    def of(cls, forecast: Forecast) -> Self:
        return cls(hits=forecast.hits, hit_rate=forecast.hit_rate, pai=forecast.pai)


class AccuracyOut(Out):
    """Hotspots measured against the busiest cells of the four weeks before (`usual`), equally many, week by week.

    `verdict`: `better` where they hit more and chance would do as much once in twenty times at most; `unknown` while
    the record is shorter than `needed_weeks`.
    """

    res: int
    category: str | None
    verdict: Verdict
    weeks: int = Field(description="Weeks measured: those that hotspots came before.")
    needed_weeks: int
    incidents: int = Field(description="Incidents in those weeks.")
    cells: int = Field(description="Cells that each of the two named, over all weeks.")
    area_share: float | None
    hot: ForecastOut
    usual: ForecastOut

    @classmethod
    def of(cls, view: View, found: Accuracy) -> Self:
        return cls(
            res=view.res,
            category=view.category,
            verdict=found.verdict,
            weeks=found.weeks,
            needed_weeks=USUAL_WEEKS + 1,
            incidents=found.incidents,
            cells=found.cells,
            area_share=found.area_share,
            hot=ForecastOut.of(found.hot),
            usual=ForecastOut.of(found.usual),
        )
