"""A small register for tests: a county with two towns and three villages, with a pool and helpers."""

from collections.abc import Iterator
from itertools import count

from console.register.laying import Ground
from console.register.terms import RegisterTerms
from tests.worlds import EAST, ROOT, WEST

SOUTH = f"{WEST}.{WEST[-9:]}200"


def names() -> Iterator[str]:
    return (f"Person {number}" for number in count(1))


def ground(path: str, level: str, name: str) -> Ground:
    return Ground(path.rpartition(".")[2], level, name, path)


GROUNDS = (
    ground(ROOT, "county", "某区"),
    ground(WEST, "town", "西镇"),
    ground(EAST, "town", "东镇"),
    ground(SOUTH, "village", "南村"),
    ground(f"{WEST}.{WEST[-9:]}201", "village", "北村"),
    ground(f"{EAST}.{EAST[-9:]}200", "village", "东村"),
)


def both(words: str) -> dict[str, str]:
    return {"zh": words, "en": words}


TERMS = RegisterTerms.model_validate(
    {
        "unit_kinds": [
            {"code": "centre", "names": both("centre"), "centre": True},
            {"code": "department", "names": both("department")},
            {"code": "pool", "names": both("pool"), "pool": True, "on_map": False},
        ],
        "titles": [{"code": name, "names": both(name)} for name in ("director", "expert", "helper")],
        "units": [
            {"code": "centre", "kind": "centre", "at": "root", "names": both("{name}中心"),
             "staff": [{"duty": "head", "each": 1, "title": "director", "role": "supervisor"}]},
            {"code": "town_centre", "kind": "centre", "at": "town", "names": both("{name}中心"),
             "staff": [{"total": 5, "attendance": "resident", "role": "clerk"}]},
            {"code": "village_centre", "kind": "centre", "at": "village", "names": both("{name}中心"), "running": 0.67},
            {"code": "court", "kind": "department", "names": both("法院"), "attendance": "resident",
             "specialities": ["dispute.contract"],
             "staff": [{"each": 2, "duty": "seconded", "attendance": "resident", "managed_by": ["court", "centre"]}]},
            {"code": "pool", "kind": "pool", "names": both("调解专家库"),
             "staff": [{"each": 3, "title": "expert", "drawn_from": ["department"],
                        "specialities": ["dispute.family", "dispute.land"], "specialities_each": 1}]},
            {"code": "helpers", "kind": "pool", "at": "village", "names": both("{name}法治骨干"),
             "staff": [{"total": 7, "title": "helper"}, {"each": 1, "title": "expert", "drawn_from": ["pool"]}]},
        ],
    }
)  # fmt: skip
