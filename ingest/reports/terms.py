"""The `reports` section of a pack: the systems that send reports."""

from collections.abc import Mapping, Set

from geo.terms import Coded, Part

KnownCodes = Mapping[str, Set[str]]
"""Codes of the pack by field of a report. Other features define them; the pack collects them."""


class ReportTerms(Part):
    """The systems that report incidents. A source's code is the incident's `source`."""

    sources: tuple[Coded, ...] = ()
