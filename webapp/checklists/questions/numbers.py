"""What integer, decimal and money share: reading digits and keeping bounds."""

import re
from decimal import Decimal

from webapp.checklists.definitions import Question
from webapp.checklists.questions import reading
from webapp.core.errors import N_, Invalid

WHOLE_DIGITS = 12

_NOT_A_NUMBER = N_("请填写数字，例如 %(example)s")
_COMMAS = N_("千位分隔的逗号位置不对，请写成 1,234 或 1234")
_FLOAT = N_('小数请以文本发送，例如 "12.50"，以免失去精度')
_NOT_WHOLE = N_("请填写整数，例如 %(example)s")
_TOO_LARGE = N_("数字太大，整数部分最多 %(digits)d 位")
_TOO_FINE = N_("最多 %(places)d 位小数，请四舍五入后再填")
_TOO_SMALL = N_("不能小于 %(bound)s，请核对")
_TOO_BIG = N_("不能大于 %(bound)s，请核对")

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")


def number(question: Question, raw: object, *, places: int, example: str) -> Decimal | None:
    """Return the exact number in ``raw``, within the question's bounds; None when it is blank.

    A number is not negative unless the question's ``minimum`` says that it may be.

    :raises Invalid: not a number, too many digits, or out of bounds.
    """
    typed = _typed(question, raw)
    if not typed:
        return None
    value = _digits(question, typed, example)
    whole, _, fraction = format(abs(value), "f").partition(".")
    if len(whole.lstrip("0")) > WHOLE_DIGITS:
        raise Invalid(_TOO_LARGE, field=question.id, digits=WHOLE_DIGITS)
    if len(fraction.rstrip("0")) > places:
        message = _TOO_FINE if places else _NOT_WHOLE
        raise Invalid(message, field=question.id, places=places, example=example)
    _refuse_out_of_bounds(question, value)
    return value


def bounds(question: Question) -> tuple[Decimal, Decimal | None]:
    """Return the smallest and the largest number that is taken."""
    low = Decimal(str(question.minimum)) if question.minimum is not None else Decimal(0)
    high = Decimal(str(question.maximum)) if question.maximum is not None else None
    return low, high


def with_unit(question: Question, figure: str, lang: str) -> str:
    """Return a figure followed by its unit."""
    return f"{figure} {question.unit.in_(lang)}" if question.unit else figure


def _typed(question: Question, raw: object) -> str:
    if isinstance(raw, float):
        raise Invalid(_FLOAT, field=question.id)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw) if abs(raw) < 10**20 else "9" * 20
    return _SPACE.sub("", reading.half_width(reading.string(question, raw)))


def _digits(question: Question, typed: str, example: str) -> Decimal:
    if _GROUPED.fullmatch(typed):
        typed = typed.replace(",", "")
    if "," in typed and _NUMBER.fullmatch(typed.replace(",", "")):
        raise Invalid(_COMMAS, field=question.id)
    if len(typed) > 60 or not _NUMBER.fullmatch(typed):
        raise Invalid(_NOT_A_NUMBER, field=question.id, example=example)
    return Decimal(typed)


def _refuse_out_of_bounds(question: Question, value: Decimal) -> None:
    low, high = bounds(question)
    if value < low:
        raise Invalid(_TOO_SMALL, field=question.id, bound=format(low, "f"))
    if high is not None and value > high:
        raise Invalid(_TOO_BIG, field=question.id, bound=format(high, "f"))
