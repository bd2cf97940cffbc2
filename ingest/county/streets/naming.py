"""Made-up names of streets and waters, in the style of the field: 迎春路, 六库村第三街, 和平二巷."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ingest.county.gazetteer import GazetteerEntry
from ingest.county.streets.land import Land
from ingest.county.streets.street import MAIN, Street

STEMS = (
    *("枫桥", "迎春", "和平", "团结", "幸福", "新华", "文化", "建设", "胜利", "光明", "平安", "长青", "桃园", "柳溪"),
    *("明德", "育才", "康宁", "丰收", "锦绣", "春晖", "向阳", "振兴", "友谊", "清泉", "龙泉", "凤山", "梅园", "竹溪"),
    *("永安", "富民", "利民", "兴业", "学府", "书院", "银杏", "滨河", "望湖", "石桥", "云山", "福田", "聚贤", "德胜"),
)
SIDES = ("", "东", "西", "南", "北", "中")
DIGITS = "零一二三四五六七八九"
ENDINGS = {"trunk": "公路", "primary": "公路", "secondary": "大道", "tertiary": "路", "service": "弄"}
"""By class; of residential streets, by level."""


@dataclass(slots=True)
class Names:
    """Gives each street its name: the same one wherever it runs between the same two divisions."""

    land: Land
    seed: int
    _given: dict[tuple[str, ...], str] = field(default_factory=dict)
    _next: dict[str, Iterator[str]] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def of(self, street: Street) -> str:
        """Return the name of a street."""
        key = ("main" if street.kind in MAIN else street.kind, *street.between)
        if key not in self._given:
            self._given[key] = self._new(street)
        return self._given[key]

    def water(self, ending: str) -> str:
        """Return a name for a water that has none yet."""
        return self._stem("") + ending

    def _new(self, street: Street) -> str:
        if street.kind in MAIN:
            first, second = (self.land.named[code].name[0] for code in street.between)
            return f"{first}{second}{ENDINGS[street.kind]}"
        if street.kind in ("secondary", "tertiary"):
            return self._stem(self._within(street, "town")) + ENDINGS[street.kind]
        village = self._within(street, "village")
        if street.level == "grid":
            named = self.land.named[village]
            return f"{GazetteerEntry(named.code, named.name).short}第{self._number(f'{village} grid')}街"
        ending = ENDINGS.get(street.kind, "巷")
        stem = STEMS[self._draw(village).integers(len(STEMS))]
        return f"{stem}{self._number(village + ending)}{ending}"

    def _within(self, street: Street, level: str) -> str:
        """Return the code of the division of a level that a street lies in, or begins in."""
        levels = self.land.levels
        path = self.land.named[street.between[0]].path.split(".")
        return path[levels.index(level) if level in levels[: len(path)] else -1]

    def _stem(self, place: str) -> str:
        """Return the next stem in a place: each has its own order, and no stem comes twice before all have come."""
        if place not in self._next:
            order = self._draw(place).permutation(len(STEMS))
            self._next[place] = iter([STEMS[i] + side for side in SIDES for i in order])
        return next(self._next[place], STEMS[0])

    def _number(self, what: str) -> str:
        self._numbers[what] += 1
        return in_chinese(self._numbers[what])

    def _draw(self, place: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, 9, *place.encode()])


def in_chinese(number: int) -> str:
    """Write 1 to 999 as a street's number: 三, 十二, 一百零五."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    written = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        written += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        written += DIGITS[0]
    return written + (DIGITS[ones] if ones else "")
