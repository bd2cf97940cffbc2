"""Lay out a register by the rules of a pack: units in their divisions, and their posts with people. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from console.register.rules import DEPUTY, HEAD, PostRecord, Register, StaffRecord, UnitRecord
from console.register.terms import NAME, RegisterTerms, Staffing, UnitRule


@dataclass(frozen=True, slots=True)
class Ground:
    """A division on which units stand; `name` is how people call it, `english` its name in English, if it has one."""

    code: str
    level: str
    name: str
    path: str
    english: str = ""


def lay_units(terms: RegisterTerms, grounds: Sequence[Ground]) -> list[UnitRecord]:
    """List the units of every rule, parents before children, in the order of the rules and of the divisions."""
    return list(_Laying(terms, grounds).units())


def lay_register(terms: RegisterTerms, grounds: Sequence[Ground], *, names: Iterator[str]) -> Register:
    """Lay out units, and people in all their posts; each person is called by the next of `names`."""
    units = lay_units(terms, grounds)
    staffing = _Staffing(terms, units, names)
    for rule in terms.units:
        for entry in rule.staff:
            staffing.fill(entry, [unit for unit in units if unit.rule == rule.code])
    return Register(tuple(units), tuple(staffing.people.values()), tuple(staffing.posts))


def unit_code(division: str, rule: str, *, is_centre: bool) -> str:
    """Return the code of a unit: a centre is named by its division alone."""
    return f"C{division}" if is_centre else f"C{division}.{rule}"


class _Laying:
    """Lays out units. `centres` maps the path of a division to the code of its centre."""

    def __init__(self, terms: RegisterTerms, grounds: Sequence[Ground]) -> None:
        self.terms, self.grounds = terms, grounds
        self.centres = {
            ground.path: unit_code(ground.code, rule.code, is_centre=True)
            for rule in terms.units
            if terms.kind_by_code[rule.kind].centre
            for ground in self._grounds_of(rule)
        }

    def units(self) -> Iterator[UnitRecord]:
        for rule in self.terms.units:
            grounds = self._grounds_of(rule)
            running = round(rule.running * len(grounds))
            for at, ground in enumerate(grounds):
                yield self._unit(rule, ground, running=_share(running, at, len(grounds)) > 0)

    def _grounds_of(self, rule: UnitRule) -> list[Ground]:
        named = set(rule.divisions)
        return [
            ground
            for ground in self.grounds
            if (ground.code in named if named else ground.level == rule.at or (rule.at == "root" and _is_root(ground)))
        ]

    def _unit(self, rule: UnitRule, ground: Ground, *, running: bool) -> UnitRecord:
        kind = self.terms.kind_by_code[rule.kind]
        return UnitRecord(
            code=unit_code(ground.code, rule.code, is_centre=kind.centre),
            kind=rule.kind,
            is_centre=kind.centre,
            name=rule.names.zh.replace(NAME, ground.name),
            name_en=rule.names.en.replace(NAME, ground.english or ground.name),
            parent=self._parent(rule, ground, is_centre=kind.centre),
            level=ground.level,
            division_path=ground.path,
            rule=rule.code,
            hours=rule.hours or "",
            telephone=rule.telephone,
            services=rule.services,
            specialities=rule.specialities,
            attendance=rule.attendance,
            running=running,
            assumed=rule.assumed,
            on_map=kind.on_map,
        )

    def _parent(self, rule: UnitRule, ground: Ground, *, is_centre: bool) -> str | None:
        if rule.parent is not None:
            above = self.terms.rule_by_code[rule.parent]
            return unit_code(ground.code, above.code, is_centre=self.terms.kind_by_code[above.kind].centre)
        path = ground.path.rpartition(".")[0] if is_centre else ground.path
        return next((self.centres[each] for each in _upwards(path) if each in self.centres), None)


@dataclass(slots=True)
class _Staffing:
    """Fills posts one entry after another. `taken` counts how often people of each list were drawn."""

    terms: RegisterTerms
    units: Sequence[UnitRecord]
    names: Iterator[str]
    people: dict[str, StaffRecord] = field(default_factory=dict)
    posts: list[PostRecord] = field(default_factory=list)
    of_unit: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    in_unit: dict[str, list[PostRecord]] = field(default_factory=lambda: defaultdict(list))
    at_path: dict[str, list[UnitRecord]] = field(default_factory=lambda: defaultdict(list))
    taken: dict[tuple[str, ...], int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        for unit in self.units:
            self.at_path[unit.division_path].append(unit)

    def fill(self, entry: Staffing, units: Sequence[UnitRecord]) -> None:
        """Fill the posts of one entry in the units of its rule."""
        serial = 0
        for at, unit in enumerate(units):
            for _ in range(entry.each or _share(entry.total, at, len(units))):
                person = self._drawn(entry, unit) or self._recruit(unit)
                post = self._post(entry, unit, person, serial=serial)
                self.posts.append(post)
                self.in_unit[unit.code].append(post)
                serial += 1

    def _post(self, entry: Staffing, unit: UnitRecord, person: str, *, serial: int) -> PostRecord:
        wanted = entry.specialities or unit.specialities
        some = entry.specialities_each
        first = serial * some
        chosen = [wanted[(first + i) % len(wanted)] for i in range(min(some, len(wanted)))] if some else wanted
        return PostRecord(
            person=person,
            unit=unit.code,
            division_path=unit.division_path,
            duty=entry.duty,
            title=entry.title or "",
            role=entry.role,
            attendance=entry.attendance,
            managed_by=tuple(self._nearest(rule, unit) for rule in entry.managed_by),
            specialities=tuple(sorted(chosen)),
        )

    def _recruit(self, unit: UnitRecord) -> str:
        code = f"{unit.code}-{len(self.of_unit[unit.code]) + 1:02}"
        self.people[code] = StaffRecord(code, next(self.names), unit.division_path)
        self.of_unit[unit.code].append(code)
        return code

    def _drawn(self, entry: Staffing, unit: UnitRecord) -> str | None:
        """Return the next person of the named units of this division, else of those above, without a post here."""
        holders = {post.person for post in self.in_unit[unit.code] if post.title == (entry.title or "")}
        for path in _upwards(unit.division_path) if entry.drawn_from else ():
            found = self._people_at(path, entry.drawn_from, but=unit)
            for _ in found:
                key = (path, *entry.drawn_from)
                person = found[self.taken[key] % len(found)]
                self.taken[key] += 1
                if person not in holders:
                    return person
        return None

    def _people_at(self, path: str, sources: Sequence[str], *, but: UnitRecord) -> list[str]:
        """List the people of other units of these rules or kinds in one division, turn by turn through the units."""
        lists = [
            [post.person for post in self.in_unit[unit.code] if post.duty not in (HEAD, DEPUTY)]
            for unit in self.at_path.get(path, ())
            if unit != but and (unit.rule in sources or unit.kind in sources)
        ]
        turns = max(map(len, lists), default=0)
        return list(dict.fromkeys(some[i] for i in range(turns) for some in lists if i < len(some)))

    def _nearest(self, rule: str, unit: UnitRecord) -> str:
        """Return the unit of a rule in the same division, else in the nearest one above."""
        above = (other for path in _upwards(unit.division_path) for other in self.at_path.get(path, ()))
        return next(other.code for other in above if other.rule == rule)


def _is_root(ground: Ground) -> bool:
    return "." not in ground.path


def _upwards(path: str) -> Iterable[str]:
    """Yield a path and all above it, from below."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _share(total: int, at: int, of: int) -> int:
    """Return the share of number `at` when a total is spread evenly over `of`."""
    return (at + 1) * total // of - at * total // of
