"""Terms of notices: the hours in which they are shown and sent, and how soon an urging is to be answered."""

from geo.terms import AtLeastOne, Code, Part


class NoticeTerms(Part):
    """`[notices]` of a pack. `hours` names hours of `[[clocks.hours]]`: a notice that is not urgent waits for them.

    An urging 催办 is to be answered within `answer_hours` of them.
    """

    hours: Code | None = None
    answer_hours: AtLeastOne = 7
