"""Answers of the board: figures with the address of the cases behind each, and cases with their last urgings."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from api.http.case_answers import case_item
from api.http.wire.board import BoardCaseOut, BoardCellOut, BoardClocksOut, BoardFigureOut, UrgedOut
from console.board.queries import BoardCase
from console.board.rules import By, Cell, ClockKind, Standing
from console.incidents.events import location_of
from console.notices.tables import Notice

LIST = "/api/board/late"


@dataclass(frozen=True, slots=True)
class CellAnswers:
    """Answers with the cells of one board. `scope` is the division's code."""

    scope: str
    by: By
    names: Mapping[str, str]

    def answer(self, cell: Cell) -> BoardCellOut:
        """Return a cell as HTTP shows it. The whole board's has no key."""
        key = cell.key if cell.key is None or self.by != "division" else cell.key.rpartition(".")[2]
        of_cell = {"scope": self.scope}
        own_division = self.by == "division" and key is not None
        if own_division and key == self.scope:
            of_cell["only"] = "true"
        elif own_division:
            of_cell["scope"] = key or ""
        elif key is not None:
            of_cell[self.by] = key
        return BoardCellOut(
            key=key,
            name=None if cell.key is None else self.names.get(cell.key),
            open=_figure(cell.open, of_cell, standing="open"),
            **{one.value: _figure(cell.standings[one], of_cell, standing=one.value) for one in Standing},
            run_out=_figure(cell.run_out, of_cell, standing="open", run_out="true"),
            statutory=_of_clock(cell, of_cell, "statutory"),
            local=_of_clock(cell, of_cell, "local"),
        )


def board_case(found: BoardCase, unit_names: Mapping[str, str]) -> BoardCaseOut:
    """Return a case on the board as HTTP shows it."""
    item = case_item(found.case, found.incident).model_dump(exclude={"due_limit", "due_at"})
    lon, lat = location_of(found.incident) or (None, None)
    return BoardCaseOut(
        **item,
        due_limit=found.limit,
        due_at=found.due_at,
        standing=found.standing,
        limit_unit=found.limit_unit,
        limit_unit_name=found.limit_unit and unit_names.get(found.limit_unit, found.limit_unit),
        statutory=found.statutory,
        unit_name=unit_names.get(found.case.unit, found.case.unit),
        address=found.incident.address,
        lon=lon,
        lat=lat,
        urgings=[_urged(notice) for notice in found.urgings],
    )


def _of_clock(cell: Cell, of_cell: Mapping[str, str], clock: ClockKind) -> BoardClocksOut:
    counts = cell.of_clocks[clock]
    late, near = Standing.LATE, Standing.NEAR
    return BoardClocksOut(
        late=_figure(counts[late], of_cell, standing=late.value, clock=clock),
        near=_figure(counts[near], of_cell, standing=near.value, clock=clock),
    )


def _figure(count: int, of_cell: Mapping[str, str], **more: str) -> BoardFigureOut:
    return BoardFigureOut(count=count, cases=f"{LIST}?{urlencode({**of_cell, **more})}")


def _urged(notice: Notice) -> UrgedOut:
    return UrgedOut(
        notice=notice.id,
        at=notice.made_at,
        unit=notice.to_unit,
        answer_due_at=notice.answer_due_at,
        answered_at=notice.answered_at,
        answer=notice.answer,
    )
