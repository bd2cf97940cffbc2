"""A place as data: the pack that says how one county is divided, what happens there, and how its people work.

The engine knows no place by name. Whatever differs between two places stands in a TOML file that these classes read;
rooms below get plain values out of it. A pack is frozen once read, and a bad one is refused with its file and every
key that is wrong, so that its keeper mends it in one go.
"""

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, ValidationError, model_validator

from geo.errors import MaplebridgeError
from ingest.county.figures import Code, Coded, Count, DivisionCode, Generator, Names, Part, Positive, Share
from layers.hotspots.rules import RESOLUTIONS, WINDOWS

LevelName = Literal["city", "county", "town", "village", "grid", "micro_grid"]
Role = Literal["operator", "patrol", "planner", "clerk", "supervisor", "admin", "auditor", "source", "gateway", "wall"]
TravelName = Literal["walk", "bike", "ebike", "motorbike", "car", "boat"]
DutyName = Literal["on", "on_call", "off"]

Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]

MEANT = MappingProxyType({"extra_forbidden": "there is no such key", "missing": "this key is missing"})
"""Pydantic's kinds of errors whose own words speak of inputs and fields, which a pack's keeper has not."""


class PackError(MaplebridgeError):
    """A pack that cannot be used. `params`: `file`, and `problems`, each with `key`, `code` and `message`."""

    code: ClassVar[str] = "pack.invalid"

    def __str__(self) -> str:
        lines = [f"{p['key'] or '(whole file)'}: {p['message']}" for p in self.params["problems"]]
        return "\n".join([f"{self.params['file']}: this pack cannot be used", *lines])


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("not a time zone of the IANA database")
    return name


class Boundary(Part):
    """Where the root's outline comes from. A map review number must be shown wherever the line is."""

    source: Names
    review_number: str | None = None


class Level(Part):
    """One level of the division tree, from the root down."""

    level: LevelName
    names: Names


class Root(Part):
    """The one root of the installation: every division path begins with its code."""

    code: DivisionCode
    names: Names
    boundary: Boundary
    levels: tuple[Level, ...] = Field(min_length=1)

    @property
    def level(self) -> LevelName:
        return self.levels[0].level


class CaseCode(Part):
    """How case codes (一案一码) begin."""

    prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}$")]


class Category(Coded):
    """A kind of matter. `code` begins with its class: `dispute.family`.

    `yearly` is how many a year the simulator makes; `titles` are what a reporter would write, in the place's language.
    `aliases` are what other systems call it: files and recordings may use them in place of the code.
    """

    risk: Code = "low"
    yearly: Count = 0
    titles: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The class it belongs to: `dispute`, `hazard`, `errand`, `opinion` or the pack's own."""
        return self.code.split(".", 1)[0]


class Risk(Coded):
    """A grade of a matter (never of a person): who handles it, and how soon someone must answer (the first clock)."""

    colour: Colour
    first_response_minutes: Positive
    level: LevelName


class Duplicates(Part):
    """Same kind, this near and this recent: shown as a likely duplicate."""

    metres: Positive = 150
    minutes: Positive = 120


class Dispatch(Part):
    """What each reason costs (or saves, below zero) in minutes, and how long a task waits for an answer."""

    answer_seconds: Positive = 120
    speciality_match: float = -4
    speciality_mismatch: float = 6
    task_today: float = 3
    on_call: float = 15
    own_grid: float = -3
    own_village: float = -1
    language_match: float = -2
    language_mismatch: float = 4
    rest_minutes: float = 5
    from_home: float = 2
    stale_after_seconds: Positive = 180
    stale_per_10_minutes: float = 2
    stale_at_most: float = 20


class TravelMode(Part):
    """A way to get there: straight-line distance × `detour` ÷ `kmh`, plus `start_minutes` to get going."""

    mode: TravelName
    names: Names
    kmh: Positive
    detour: Annotated[float, Field(ge=1)] = 1.3
    start_minutes: Share = 0


class ForceKind(Coded):
    """A kind of people who are sent. `duty` is what holds until a roster says otherwise."""

    mode: TravelName
    duty: DutyName = "on"
    colour: Colour = "#3b82f6"


Resolution = Annotated[int, Field(ge=RESOLUTIONS.start, lt=RESOLUTIONS.stop)]
WindowCode = Annotated[str, Field(pattern=f"^({'|'.join(WINDOWS)})$")]


class Hotspots(Part):
    """Which views of the hotspots are on offer, and which of them is shown first."""

    resolutions: tuple[Resolution, ...] = (10, 9, 8)
    resolution: Resolution = 9
    windows: tuple[WindowCode, ...] = tuple(WINDOWS)
    window: WindowCode = "24h"


class Account(Part):
    """Someone who can sign in to a demo. `force_kind` joins it to the first force of that kind in its scope."""

    username: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{1,31}$")]
    role: Role
    scope: DivisionCode
    display_name: str
    force_kind: Code | None = None


class ReportSource(Coded):
    """A system that reports matters, and its share of them. Its code is the incident's `source`."""

    share: Share


class Traffic(Part):
    """When matters come in: relative rates, so only their proportions count. The week begins on Monday.

    `details` are what the simulator's reports say at length, by class; in them `{title}` stands for the matter's title
    and `{who}` for one of `people`, who are nobody: `张某`.
    """

    hourly: tuple[Share, ...] = Field(min_length=24, max_length=24)
    weekday: tuple[Share, ...] = Field(min_length=7, max_length=7)
    sources: tuple[ReportSource, ...] = Field(min_length=1)
    risk_shares: dict[Code, Share]
    people: tuple[str, ...] = ()
    details: dict[Code, tuple[str, ...]] = Field(default_factory=dict)


class Pack(Part):
    """One place."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    names: Names
    timezone: Annotated[str, AfterValidator(_known_timezone)]
    root: Root
    case_code: CaseCode
    classes: tuple[Coded, ...] = Field(min_length=1)
    categories: tuple[Category, ...] = Field(min_length=1)
    languages: tuple[Coded, ...] = ()
    risks: tuple[Risk, ...] = Field(min_length=1)
    duplicates: Duplicates = Duplicates()
    dispatch: Dispatch = Dispatch()
    travel: tuple[TravelMode, ...] = Field(min_length=1)
    force_kinds: tuple[ForceKind, ...] = Field(min_length=1)
    hotspots: Hotspots = Hotspots()
    accounts: tuple[Account, ...] = ()
    traffic: Traffic
    generator: Generator | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def category(self, code: str) -> Category | None:
        return next((c for c in self.categories if c.code == code), None)

    def risk(self, code: str) -> Risk | None:
        return next((r for r in self.risks if r.code == code), None)

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        problems = [*_repeated(self), *_dangling(self)]
        if problems:
            raise ValueError("; ".join(problems))
        return self


def _repeated(pack: Pack) -> Iterable[str]:
    """Codes that stand twice in one list."""
    lists: dict[str, list[str]] = {
        "classes": [c.code for c in pack.classes],
        "categories": [c.code for c in pack.categories],
        "categories.aliases": [alias for c in pack.categories for alias in {c.code, *c.aliases}],
        "risks": [r.code for r in pack.risks],
        "languages": [c.code for c in pack.languages],
        "travel": [t.mode for t in pack.travel],
        "force_kinds": [k.code for k in pack.force_kinds],
        "accounts": [a.username for a in pack.accounts],
        "root.levels": [v.level for v in pack.root.levels],
        "hotspots.windows": list(pack.hotspots.windows),
    }
    for key, codes in lists.items():
        for code in sorted({c for c in codes if codes.count(c) > 1}):
            yield f"{key}: {code} stands more than once"


def _dangling(pack: Pack) -> Iterable[str]:
    """References to codes that nothing in the pack defines."""
    risks = {r.code for r in pack.risks}
    kinds = {k.code for k in pack.force_kinds}
    modes = {t.mode for t in pack.travel}
    yield from _missing(
        "categories.code (its class)", {c.kind for c in pack.categories}, {c.code for c in pack.classes}
    )
    yield from _missing("categories.risk", {c.risk for c in pack.categories}, risks)
    yield from _missing("risks.level", {r.level for r in pack.risks}, {v.level for v in pack.root.levels})
    yield from _missing("traffic.risk_shares", set(pack.traffic.risk_shares), risks)
    yield from _missing("traffic.details", set(pack.traffic.details), {c.code for c in pack.classes})
    yield from _missing("force_kinds.mode", {k.mode for k in pack.force_kinds}, modes)
    yield from _missing("accounts.force_kind", {a.force_kind for a in pack.accounts if a.force_kind}, kinds)
    for account in pack.accounts:
        if account.role == "patrol" and account.force_kind is None:
            yield f"accounts.force_kind: {account.username} is a patrol, which has to be of a force"
    yield from _missing("hotspots.window", {pack.hotspots.window}, set(pack.hotspots.windows))
    yield from _missing("hotspots.resolution", {pack.hotspots.resolution}, set(pack.hotspots.resolutions))
    if pack.generator:
        yield from _missing("generator.staff", _unit_specialities(pack.generator), _handled(pack))
        spoken = {c.code for c in pack.languages}
        yield from _missing("generator.staff.languages", set(pack.generator.staff.languages), spoken)


def _unit_specialities(generator: Generator) -> set[str]:
    staff = generator.staff
    return {s for unit in (*staff.resident, *staff.rotating, *staff.on_call) for s in unit.specialities}


def _handled(pack: Pack) -> set[str]:
    return {c.code for c in pack.classes} | {c.code for c in pack.categories}


T = TypeVar("T", str, int)


def _missing(key: str, used: Iterable[T], known: Iterable[T]) -> Iterable[str]:
    for code in sorted(set(used) - set(known)):
        yield f"{key}: {code} is not defined in this pack"


def names_of_packs() -> list[str]:
    """The packs that ship with the program."""
    return sorted(p.name.removesuffix(".toml") for p in files("api.place.packs").iterdir() if p.name.endswith(".toml"))


def load_pack(name: str) -> Pack:
    """Read the pack of that name, or the TOML file at that path. Raises PackError."""
    path = Path(name)
    if path.suffix != ".toml":
        if name not in names_of_packs():
            known = ", ".join(names_of_packs())
            raise _refusal(name, "", "pack.unknown", f"no pack of that name; there are: {known}")
        return parse_pack(
            files("api.place.packs").joinpath(f"{name}.toml").read_text(encoding="utf8"), file=f"{name}.toml"
        )
    try:
        return parse_pack(path.read_text(encoding="utf8"), file=str(path))
    except OSError as error:
        raise _refusal(str(path), "", "pack.unreadable", error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise _refusal(str(path), "", "pack.unreadable", "this is no UTF-8 text") from error


def parse_pack(text: str, *, file: str) -> Pack:
    """Read a pack from TOML text; `file` is named in the PackError that a bad one raises."""
    try:
        return Pack.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _refusal(file, "", "pack.toml", str(error)) from error
    except ValidationError as error:
        raise PackError(file=file, problems=[_problem(e) for e in error.errors()]) from error


def _problem(error: Mapping[str, Any]) -> dict[str, str]:
    key = ".".join(str(step) for step in error["loc"])
    message = MEANT.get(error["type"], error["msg"].removeprefix("Value error, "))
    return {"key": key, "code": error["type"], "message": message}


def _refusal(file: str, key: str, code: str, message: str) -> PackError:
    return PackError(file=file, problems=[{"key": key, "code": code, "message": message}])
