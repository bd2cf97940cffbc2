"""Forms of moves: their fields with all choices, and the check of a filled-in one. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from console.flow.case_state import Satisfied
from console.flow.case_terms import CaseMove, CaseTerms, FieldType, FormField, MoveKind
from geo.errors import ErrorKind, MaplebridgeError
from geo.terms import Coded, Names
from geo.text import has_unseen

MOST_UNITS = 50
LONGEST_WAIT = 80
"""Most hours within which an urging may ask for an answer."""
TO = Names(zh="催办对象（不选即催待接单或承办的一方）", en="Whom to urge (else whoever the case waits for)")
URGED = (
    Coded(code="holder", names=Names(zh="承办人或承办单位", en="Whoever has the case")),
    Coded(code="unit", names=Names(zh="承办单位全体", en="All of the unit that has it")),
    Coded(code="receiver", names=Names(zh="待接单单位", en="The unit it is handed to")),
    Coded(code="called", names=Names(zh="未反馈的协办单位", en="Called units that have not answered")),
)
THESE = Names(zh="只催办这些协办单位（不选即按催办对象）", en="Only these called units (else as above)")
ANSWER_HOURS = Names(zh="答复时限（工作时，不填按本地规定）", en="Answer within (working hours; else as the rules say)")
OF_URGING = (
    FormField(code="to", names=TO, type="choice", required=False, choices=URGED),
    FormField(code="units", names=THESE, type="units", required=False),
    FormField(code="answer_hours", names=ANSWER_HOURS, type="number", required=False, least=1, most=LONGEST_WAIT),
)
"""Fields of every urging: whom, which of the called units, and within how many hours to answer."""
WAY = Names(zh="回访方式", en="Way")
REACHED = Names(zh="是否联系上", en="Reached")
REFUSED = Names(zh="联系上但拒绝回访", en="Reached, but would not answer")
OF_ASKING = ("way", "reached", "refused")
"""Fields of every follow-up, before its answers."""


class FormInvalid(MaplebridgeError):
    """A field of a move's form is wrong. `errors`: list of {field, code}.

    Codes: `missing`, `type`, `too_long`, `range`, `unseen`, `unknown` not among the choices, or no such field,
    `unconfirmed` for a condition, `past` and `late` for the end of a pause, `contradicts` for a refusal of somebody
    not reached or who has answered, and for units `beyond` what lies in their division, and `same` as before.
    """

    code = "case.form"
    kind = ErrorKind.INVALID

    @classmethod
    def of(cls, *errors: tuple[str, str]) -> "FormInvalid":
        return cls(errors=[{"field": field, "code": code} for field, code in errors])


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a move: those of a follow-up, its own, one for each condition to confirm, those of an urging."""

    fields: tuple[FormField, ...]
    confirmed: frozenset[str]


def form_of(terms: CaseTerms, move: CaseMove) -> Form:
    """Return the form of a move, with the choices of every field."""
    conditions = [terms.condition_by_code[code] for code in move.conditions]
    confirmed = [one for one in conditions if one.kind == "confirmed"]
    fields = [
        *(_asked(terms) if move.kind is MoveKind.FOLLOW_UP else ()),
        *(one.model_copy(update={"choices": choices_of(terms, one)}) for one in move.form),
        *(FormField(code=one.code, names=one.names, type="yes_no") for one in confirmed),
        *(OF_URGING if move.kind is MoveKind.URGE else ()),
    ]
    return Form(tuple(fields), frozenset(one.code for one in confirmed))


def choices_of(terms: CaseTerms, one: FormField) -> tuple[Coded, ...]:
    """Return the choices of a field, from its list where it names one."""
    if one.of is None:
        return one.choices
    if one.of == "levels":
        return tuple(Coded(code=level.level, names=level.names) for level in terms.levels)
    listed: Sequence[Coded] = getattr(terms, one.of)
    return tuple(Coded(code=of.code, names=of.names) for of in listed)


def _asked(terms: CaseTerms) -> Iterator[FormField]:
    """Yield the fields of a follow-up: the way, whether the person was reached, or refused, and the answers."""
    asked = terms.follow_up
    if asked is None:
        return
    yield FormField(code="way", names=WAY, type="choice", choices=asked.ways)
    yield FormField(code="reached", names=REACHED, type="yes_no")
    yield FormField(code="refused", names=REFUSED, type="yes_no", required=False)
    answers = tuple(Coded(code=answer.code, names=answer.names) for answer in asked.answers)
    for aspect in asked.aspects:
        yield FormField(code=aspect.code, names=aspect.names, type="choice", required=False, choices=answers)


def fill(form: Form, given: Mapping[str, Any]) -> dict[str, Any]:
    """Check what was filled in, and return the fields that have a value. Raises `FormInvalid` with every fault.

    An empty text is no value. A date is kept as `2026-03-20`, however ISO 8601 lets it be written.
    """
    known = {one.code: one for one in form.fields}
    errors = [(name, "unknown") for name in given if name not in known]
    filled: dict[str, Any] = {}
    for code, one in known.items():
        value = given.get(code)
        if value is None or value == "" or value == []:
            if one.required:
                errors.append((code, "unconfirmed" if code in form.confirmed else "missing"))
            continue
        if fault := CHECKS[one.type](one, value):
            errors.append((code, fault))
        elif code in form.confirmed and value is not True:
            errors.append((code, "unconfirmed"))
        else:
            filled[code] = date.fromisoformat(value).isoformat() if one.type == "date" else value
    if errors:
        raise FormInvalid.of(*errors)
    return filled


def faults_of_answers(terms: CaseTerms, move: CaseMove, form: Mapping[str, Any]) -> list[tuple[str, str]]:
    """List what is wrong with the answers of a follow-up.

    All of them are missing where the person was reached, did not refuse, and nothing is answered. An answer
    contradicts that nobody was reached, and a refusal both.
    """
    asked = terms.follow_up
    if move.kind is not MoveKind.FOLLOW_UP or asked is None:
        return []
    aspects = [aspect.code for aspect in asked.aspects]
    reached, answered = form.get("reached") is True, any(code in form for code in aspects)
    if refused_of(form):
        return [("refused", "contradicts")] if answered or not reached else []
    if answered and not reached:
        return [("reached", "contradicts")]
    return [(code, "missing") for code in aspects] if reached and not answered else []


def refused_of(form: Mapping[str, Any]) -> bool:
    """Whether the person of a follow-up was reached and would not answer."""
    return form.get("refused") is True


def satisfied_of(terms: CaseTerms, form: Mapping[str, Any]) -> Satisfied | None:
    """Return the worst answer of a follow-up; None where nobody was reached, or would answer."""
    asked = terms.follow_up
    if asked is None or form.get("reached") is not True:
        return None
    worth = {answer.code: answer.satisfied for answer in asked.answers}
    given = {worth[form[aspect.code]] for aspect in asked.aspects if aspect.code in form}
    ranked: tuple[Satisfied, ...] = ("no", "partly", "yes")
    return next((one for one in ranked if one in given), None)


def _text(one: FormField, value: object) -> str | None:
    if not isinstance(value, str):
        return "type"
    if len(value) > one.longest:
        return "too_long"
    if not value.strip():
        return "missing"
    return "unseen" if has_unseen(value.replace("\n", " ").replace("\t", " ")) else None


def _choice(one: FormField, value: object) -> str | None:
    if not isinstance(value, str):
        return "type"
    return None if value in {choice.code for choice in one.choices} else "unknown"


def _date(one: FormField, value: object) -> str | None:
    if not isinstance(value, str):
        return "type"
    try:
        date.fromisoformat(value)
    except ValueError:
        return "type"
    return None


def _number(one: FormField, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "type"
    if one.code == "amount" and value != value // 1:  # Limits are extended by whole units.
        return "type"
    low, high = one.least, one.most
    inside = (low is None or value >= low) and (high is None or value <= high)
    return None if inside and abs(value) < 1e12 else "range"


def _code(one: FormField, value: object) -> str | None:
    return None if isinstance(value, str) and len(value) <= 100 else "type"


def _units(one: FormField, value: object) -> str | None:
    if not isinstance(value, list) or any(_code(one, unit) for unit in value):
        return "type"
    return "range" if len(value) > MOST_UNITS else None


def _post(one: FormField, value: object) -> str | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
    return None if fits else "type"


def _yes_no(one: FormField, value: object) -> str | None:
    return None if isinstance(value, bool) else "type"


CHECKS: Mapping[FieldType, Callable[[FormField, object], str | None]] = MappingProxyType(
    {
        "text": _text,
        "choice": _choice,
        "date": _date,
        "number": _number,
        "unit": _code,
        "units": _units,
        "post": _post,
        "yes_no": _yes_no,
    }
)
"""Returns the code of what is wrong with a value, None if it is right. Which units and posts there are, is looked up
later."""
