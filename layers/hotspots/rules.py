"""Windows of time, views, and the class of a cell. Pure.

Time is cut into quarters of an hour, counted from the epoch. At a moment `now` a window of length w is [end − w, end),
where `end` is the end of the quarter that `now` lies in: whole quarters only, the last of them still filling. Two
readers within one quarter therefore see the same span.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import ClassVar, Literal

from geo.cells import COUNTED_RESOLUTIONS
from geo.errors import ErrorKind, MaplebridgeError
from geo.masking import MASK_RESOLUTION

QUARTER = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RESOLUTIONS = COUNTED_RESOLUTIONS
WINDOWS = MappingProxyType(
    {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7), "28d": timedelta(days=28)}
)
DAY = timedelta(days=1)
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Days that can be asked for: no record is older, and windows would leave the calendar at its ends."""
PAST_WINDOWS = 4
FALSE_DISCOVERY = 0.05
LEAST_INCIDENTS = 3
"""Incidents of its own that a cell needs to be hot, unless the pack says otherwise. Beside a busy cell one or two are
neither a pattern nor work for a patrol, and they are somebody's: a class would point at a household."""

Klass = Literal["new", "persistent", "fading", "none"]


class BadView(MaplebridgeError):
    """A resolution or window without counts. `params`: `field`, `value`."""

    code: ClassVar[str] = "hotspots.view"
    kind = ErrorKind.INVALID


@dataclass(frozen=True, slots=True)
class CountedIncident:
    """One incident as it is counted: leaf division, WGS-84 point, category, and time."""

    division_path: str
    lon: float
    lat: float
    category: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """Resolution, window and category of hotspots. `category` is a category (`dispute.family`), a class (`dispute`), or
    None for all.

    Cells with fewer than `least` incidents are left out, and `masked` coarse cells are made of masked ones; see
    `masked_view`.
    """

    res: int = 9
    window: str = "24h"
    category: str | None = None
    least: int = 1
    masked: bool = False

    @property
    def counted_res(self) -> int:
        """Resolution of the counts that its cells are made of."""
        return max(self.res, MASK_RESOLUTION) if self.masked else self.res

    def __post_init__(self) -> None:
        if self.res not in RESOLUTIONS:
            raise BadView(field="res", value=self.res)
        if self.window not in WINDOWS:
            raise BadView(field="window", value=self.window)


def masked_view(view: View, *, least: int) -> View:
    """Return the view for those who may not read incidents: no finer than a masked place, and no small counts.

    Whoever knows one incident of a cell would learn of the other from a count of two. A coarser cell is the sum of the
    masked cells whose middle it holds: hexagons of two resolutions cross, and one that holds the incident itself would
    tell in which part of its masked cell that lies.
    """
    return replace(view, res=min(view.res, MASK_RESOLUTION), least=max(view.least, least), masked=True)


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` (inclusive) to `end` (exclusive)."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class HotCell:
    """A cell of one view. `z` is Gi*, `q` the corrected probability that chance alone did it.

    `exposure` is in households, `rate` in incidents per 1,000 of them, shrunk; both None where no households are known.
    """

    cell: int
    count: int
    expected: float
    z: float
    q: float
    klass: Klass
    exposure: float | None = None
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class Hotspots:
    """A rated view. `cells` ascend and leave out those with neither a count nor a class, and those with too few;
    `total` counts all, and is 0 where that is fewer than the view's `least`. `past_known`: the record holds the whole
    of the window before; without it no cell has a class.
    """

    view: View
    as_of: datetime
    total: int
    cells: tuple[HotCell, ...]
    past_known: bool = True


@dataclass(frozen=True, slots=True)
class Delta:
    """Difference between two lists of cells."""

    changed: tuple[HotCell, ...]
    gone: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.gone)


def quarter_of(moment: datetime) -> datetime:
    """Return the start of the quarter of an hour that holds an aware moment, in UTC."""
    return moment.astimezone(UTC) - (moment - EPOCH) % QUARTER


def moment_before(end: datetime, *, now: datetime) -> datetime:
    """Return the moment at which windows end at `end`, rounded up to a quarter, or now if that is earlier.

    The quarter that begins at `end` is not yet in them.
    """
    return min(now, end - datetime.resolution)


def spans(window: str, *, now: datetime, past: int = PAST_WINDOWS) -> list[Span]:
    """Return the window at `now`, and the `past` equal ones before it, latest first.

    They follow each other without a gap, except that those shorter than a day are taken a day apart: an hour is
    compared with the same hour of earlier days.
    """
    width, end = WINDOWS[window], quarter_of(now) + QUARTER
    step = max(width, DAY)
    return [Span(end - i * step - width, end - i * step) for i in range(past + 1)]


def known(past: Sequence[Span], *, since: datetime | None) -> int:
    """Count the past spans (latest first) that lie wholly within a history that begins at `since`."""
    return 0 if since is None else sum(span.start >= since for span in past)


def klass_of(*, hot: bool, was_hot: bool, past_known: bool = True) -> Klass:
    """New: hot now and not in the window before. Persistent: both. Fading: only before.

    None while the window before is not wholly recorded: an unknown past is not a quiet one.
    """
    if not past_known:
        return "none"
    if hot:
        return "persistent" if was_hot else "new"
    return "fading" if was_hot else "none"


def delta(old: Iterable[HotCell], new: Iterable[HotCell]) -> Delta:
    """Return the cells to send to a client that has `old` so that it has `new`."""
    before: Mapping[int, HotCell] = {cell.cell: cell for cell in old}
    after: Mapping[int, HotCell] = {cell.cell: cell for cell in new}
    changed = tuple(cell for key, cell in after.items() if before.get(key) != cell)
    return Delta(changed=changed, gone=tuple(sorted(before.keys() - after.keys())))
