"""The five shipped places with their registers laid out on the real names of their divisions, without boundaries."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import repeat

from api.intake.registers import LAID_LEVELS
from api.place.pack import Pack
from api.place.reading import load_pack
from api.settings import Settings
from console.register.laying import Ground, lay_register
from console.register.rules import PostRecord, Register, UnitRecord
from ingest.county.gazetteer import Gazetteer, Town
from ingest.county.terms import Generator

NAMES = Settings().names_dir


@cache
def register_of(place: str) -> Register:
    """Lay out the register of a place, everybody of one name."""
    return lay_register(load_pack(place).registry, grounds_of(place), names=repeat("某人"))


@cache
def grounds_of(place: str) -> tuple[Ground, ...]:
    """List the divisions of a place on which units stand."""
    pack = load_pack(place)
    figures = generator_of(pack)
    root = Ground(pack.root.code, pack.root.level, pack.root.names.zh, pack.root.code)
    return (root, *(ground for ground in _below(pack, figures, root) if ground.level in LAID_LEVELS))


def generator_of(pack: Pack) -> Generator:
    assert pack.demo.generator is not None
    return pack.demo.generator


def _below(pack: Pack, figures: Generator, root: Ground) -> Iterator[Ground]:
    if not figures.counties:
        yield from _towns(root, _listed(figures.within or root.code))
    for county in figures.counties:
        own = Ground(county.code, "county", county.names.zh, f"{root.path}.{county.code}")
        yield own
        yield from _towns(own, _listed(county.code))


@cache
def _all_towns() -> tuple[Town, ...]:
    """Read the names of all five places at once: it is a large file."""
    return Gazetteer.read(NAMES, ("320509", "3708", "532901", "533301", "621024")).towns


def _listed(county: str) -> list[Town]:
    return [town for town in _all_towns() if town.named.code.startswith(county)]


def _towns(above: Ground, listed: Iterable[Town]) -> Iterator[Ground]:
    """List the towns of a county and their villages; those of the one town alone that is the root."""
    for town in listed:
        named = Ground(town.named.code, "town", town.named.name, f"{above.path}.{town.named.code}")
        if above.level == "town":
            if town.named.code != above.code:
                continue
            named = above
        else:
            yield named
        for village in town.villages:
            yield Ground(village.code, "village", village.short, f"{named.path}.{village.code}")


class Laid:
    """A place's pack and register, and what is counted in them."""

    def __init__(self, place: str) -> None:
        self.pack: Pack = load_pack(place)
        self.figures = generator_of(self.pack)
        self.register = register_of(place)
        self.of = {unit.code: unit for unit in self.register.units}

    def units(self, kind: str = "", *, level: str = "", attendance: str = "", rule: str = "") -> list[UnitRecord]:
        return [
            unit
            for unit in self.register.units
            if unit.kind == (kind or unit.kind)
            and unit.level == (level or unit.level)
            and unit.attendance == (attendance or unit.attendance)
            and unit.rule == (rule or unit.rule)
        ]

    def names(self, kind: str) -> list[str]:
        return [unit.name for unit in self.units(kind)]

    def posts(
        self, *, title: str = "", level: str = "", attendance: str = "", duty: str = "", kind: str = ""
    ) -> list[PostRecord]:
        return [
            post
            for post in self.register.posts
            if post.title == (title or post.title)
            and post.attendance == (attendance or post.attendance)
            and post.duty == (duty or post.duty)
            and self.of[post.unit].level == (level or self.of[post.unit].level)
            and self.of[post.unit].kind == (kind or self.of[post.unit].kind)
        ]

    def a_year(self, *classes: str) -> int:
        traffic = self.pack.demo.traffic
        assert traffic is not None
        return sum(count for code, count in traffic.yearly.items() if code.partition(".")[0] in classes)

    def running(self, level: str) -> bool:
        """Whether as many centres of a level run as is reported, to the nearest whole one."""
        reported = {"city": 1.0, "county": 0.70, "town": 0.68, "village": 0.75}[level]
        centres = self.units("centre", level=level)
        return sum(unit.running for unit in centres) == round(reported * len(centres))
