"""The number plate of a vehicle registered in China."""

import re
from typing import ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions import reading
from webapp.checklists.questions.base import Kind
from webapp.core.errors import N_, Invalid

_LETTERS_I_AND_O = N_("号牌中没有字母 I 和 O，请核对是否应为数字 1 和 0")
_NO_PROVINCE = N_("请以省份简称开头，例如 赣A12345")
_TOO_SHORT = N_("号牌 %(typed)s 少了字符，请核对（新能源车 8 位，其他车一般 7 位）")
_UNKNOWN = N_("%(typed)s 不像车辆号牌，请核对，例如 赣A12345、赣AD12345")

_PARTS = {
    "P": "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]",  # province
    "L": "[A-HJ-Z]",  # office that issued it
    "X": "[A-HJ-NP-Z0-9]",  # letter or digit; I and O are not used
    "E": "[A-HJK]",  # mark of a new-energy vehicle
    "9": "[0-9]",
}
PLATES = {
    "ordinary": "PLXXXXX",
    "new energy, small": "PLEX9999",
    "new energy, large": "PL99999E",
    "police": "PLXXXX警",
    "learner": "PLXXXX学",
    "trailer": "PLXXXX挂",
    "test": "PLXXXX试",
    "oversized": "PLXXXX超",
    "Hong Kong": "粤ZXXXX港",
    "Macao": "粤ZXXXX澳",
    "emergency rescue": "PL9999应急",
    "embassy": "999999使",
    "embassy, old": "使999999",
    "consulate": "PL9999领",
    "consulate, by number": "P99999领",
    "consulate, old": "领999999",
    "armed police": "WJ9999X",
    "armed police, province": "WJP9999X",
}
_PROVINCE = re.compile(_PARTS["P"])


_PLATE = re.compile(
    "|".join("".join(_PARTS.get(sign, sign) for sign in shape) for shape in PLATES.values())
)
_FILLERS = re.compile(r"[\s·•‧・･∙⋅.．。\-－—]+")


class Plate(Kind):
    """Plates; stored in capitals without spaces or dots: ``赣A12345``, ``赣AD12345``."""

    name: ClassVar[KindName] = "plate"

    def parse(self, question: Question, raw: object) -> str | None:
        """Read ``赣A·12345``, ``赣a 12345``, ``赣ＡＤ１２３４５``."""
        line = reading.line(question, raw, 40)
        typed = _FILLERS.sub("", reading.half_width(line)).upper()
        if not typed:
            return None
        if not _PLATE.fullmatch(typed):
            raise Invalid(_what_is_wrong(typed), field=question.id, typed=typed)
        return typed


def _what_is_wrong(typed: str) -> str:
    if not _PROVINCE.match(typed) and re.fullmatch("[A-Z0-9]+", typed):
        return _NO_PROVINCE
    if _PROVINCE.match(typed) and re.search("[IO]", typed[1:]):
        return _LETTERS_I_AND_O
    return _TOO_SHORT if _PROVINCE.match(typed) and len(typed) < 7 else _UNKNOWN
