"""Terms of monthly lists 问题清单、线索清单: `lists` in the pack's `flow.toml`."""

from collections.abc import Mapping
from functools import cached_property

from geo.terms import AtLeastOne, Code, Coded, Part
from layers.divisions.terms import LevelName


class ListRule(Coded):
    """Incidents that a list takes in, of those registered in its month; an empty list is all.

    `open_only`: only those whose case goes on when the list is gathered.
    """

    classes: tuple[Code, ...] = ()
    categories: tuple[Code, ...] = ()
    risks: tuple[Code, ...] = ()
    sources: tuple[Code, ...] = ()
    levels: tuple[LevelName, ...] = ()
    open_only: bool = False


class MonthlyList(Coded):
    """A list that is made each month: from incidents by `rules`, and by hand.

    What is handed over to a unit is to be answered within `answer_days` natural days.
    """

    rules: tuple[ListRule, ...] = ()
    answer_days: AtLeastOne = 10


class ListTerms(Part):
    """The monthly lists of a place; none without the section."""

    monthly: tuple[MonthlyList, ...] = ()

    @cached_property
    def by_code(self) -> Mapping[str, MonthlyList]:
        return {one.code: one for one in self.monthly}
