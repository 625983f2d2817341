"""Reading what people type: one string, free of what cannot be stored or printed.

Full-width digits and signs are what a Chinese keyboard gives; they mean the same as ASCII ones.
"""

import re

from webapp.checklists.definitions import Question
from webapp.core.errors import N_, Invalid

TYPED_MAX = 40_000  # more than any answer may hold; longer input is refused before it is looked at

_NOT_TEXT = N_("这里要填文字，收到的不是文字")
_TOO_LONG = N_("最多 %(limit)d 个字，现在有 %(length)d 个，请删减")
_CONTROL = N_("第 %(place)d 个字符是不可见的控制字符，请删去后重新输入")
_BROKEN = N_("第 %(place)d 个字符不完整（可能是半个表情符号），请删去后重新输入")
_ONE_LINE = N_("这里只能填一行，请去掉换行")

# Marks that turn the direction of writing (phones paste them around numbers) and the byte order
# mark: nobody sees them, and on paper they could make a name read differently.
_INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\u0085]")
_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    ord("−"): "-",
    ord("–"): "-",
    ord("。"): ".",
    ord("．"): ".",
    ord("，"): ",",
}


def string(question: Question, raw: object) -> str:
    """Return ``raw`` as a string; an absent one is empty.

    :raises Invalid: it is something else, or absurdly long.
    """
    if raw is None:
        return ""
    if not isinstance(raw, str):
        raise Invalid(_NOT_TEXT, field=question.id)
    if len(raw) > TYPED_MAX:
        raise Invalid(_TOO_LONG, field=question.id, limit=TYPED_MAX, length=len(raw))
    return raw


def text(question: Question, raw: object, limit: int) -> str:
    """Return one or more lines of clean text of at most ``limit`` characters.

    Line ends become line feeds; space at either end and invisible direction marks go.

    :raises Invalid: too long, or it has control characters or halves of characters.
    """
    typed = _LINE_ENDS.sub("\n", string(question, raw))
    _refuse_found(_SURROGATES, _BROKEN, typed, question)
    _refuse_found(_CONTROLS, _CONTROL, typed, question)
    _refuse_found(_NONCHARACTERS, _CONTROL, typed, question)
    clean = _INVISIBLE.sub("", typed).strip()
    if len(clean) > limit:
        raise Invalid(_TOO_LONG, field=question.id, limit=limit, length=len(clean))
    return clean


def line(question: Question, raw: object, limit: int) -> str:
    """Return one line of clean text of at most ``limit`` characters.

    :raises Invalid: as for ``text``, or it has more than one line.
    """
    clean = text(question, raw, limit)
    if "\n" in clean:
        raise Invalid(_ONE_LINE, field=question.id)
    return clean


def half_width(typed: str) -> str:
    """Return the ASCII form of full-width letters, digits and signs."""
    return typed.translate(_HALF_WIDTH)


def _refuse_found(pattern: re.Pattern[str], message: str, typed: str, question: Question) -> None:
    found = pattern.search(typed)
    if found:
        raise Invalid(message, field=question.id, place=found.start() + 1)
