"""The `reports` section of a pack: the systems that send reports."""

from collections.abc import Mapping, Set

from geo.terms import Coded, Part

KnownCodes = Mapping[str, Set[str]]
"""Codes of the pack by field of a report. Other features define them; the pack collects them."""


class Source(Coded):
    """A system that reports incidents. Its code is the incident's `source`.

    People, whose accounts have no sources of their own, report under those that are a `desk`.
    """

    desk: bool = False


class ReportTerms(Part):
    """The systems that report incidents."""

    sources: tuple[Source, ...] = ()

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(source.code for source in self.sources)

    @property
    def desks(self) -> frozenset[str]:
        return frozenset(source.code for source in self.sources if source.desk)
