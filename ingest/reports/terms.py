"""What a pack says of reports: the systems that send them."""

from collections.abc import Mapping, Set

from geo.terms import Coded, Part

KnownCodes = Mapping[str, Set[str]]
"""By reported field, the codes that the place knows. Other features define them: a pack brings them together."""


class ReportTerms(Part):
    """The systems that report incidents. A source's code is the incident's `source`."""

    sources: tuple[Coded, ...] = ()
