"""Check that the rules of views of cameras name roles, levels and categories that there are."""

from collections.abc import Iterator

from api.place.pack import Pack
from api.place.problems import Problem, unknown
from console.access.rules import ROLES, Permission


def viewing_problems(pack: Pack) -> Iterator[Problem]:
    """Yield unknown roles, levels, classes and categories, and roles that could not do what they may."""
    terms, incidents = pack.viewing, pack.incidents
    handled = [*incidents.category_by_code, *(of.code for of in incidents.classes)]
    levels = [level.level for level in pack.root.levels]
    readers = [role for role, has in ROLES.items() if Permission.READ_INCIDENTS in has]
    overseers = [role for role, has in ROLES.items() if Permission.READ_VIEWINGS in has]
    among = "roles that see requests"
    yield from unknown(
        [(("viewing", "approvers", i), role) for i, role in enumerate(terms.approvers)], overseers, among=among
    )
    for i, rule in enumerate(terms.rules):
        key = ("viewing", "rules", i)
        for name, known, where in (
            ("roles", readers, "roles that read incidents"),
            ("at", levels, "root.levels"),
            ("to", handled, "incidents.categories or classes"),
        ):
            used = [((*key, name, k), code) for k, code in enumerate(getattr(rule, name))]
            yield from unknown(used, known, among=where)
