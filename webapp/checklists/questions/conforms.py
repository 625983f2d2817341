"""Conforms, does not conform, or not applicable: an inspector's own verdict."""

from collections.abc import Sequence
from typing import ClassVar

from webapp.checklists.definitions import KindName, Question, Text
from webapp.checklists.questions.base import Choice, Kind, Value
from webapp.core.errors import N_, Invalid

VERDICTS = {
    "yes": Text(zh="符合", en="Conforms"),
    "no": Text(zh="不符合", en="Does not conform"),
    "na": Text(zh="不适用", en="Not applicable"),
}
_UNKNOWN = N_("请选择“符合”“不符合”或“不适用”")


class Conforms(Kind):
    """Verdicts; stored as ``yes``, ``no`` or ``na``."""

    name: ClassVar[KindName] = "conforms"

    def parse(self, question: Question, raw: object) -> str | None:
        """Read one of the three words."""
        if raw is None or raw == "":
            return None
        if not isinstance(raw, str) or raw not in VERDICTS:
            raise Invalid(_UNKNOWN, field=question.id)
        return raw

    def conforms(self, question: Question, value: Value | None) -> bool | None:
        """Return the verdict itself; "not applicable" and no answer say nothing."""
        return {"yes": True, "no": False}.get(value or "")

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return ``符合``."""
        return "" if value is None else VERDICTS[value].in_(lang)

    def choices(self, question: Question, lang: str) -> Sequence[Choice]:
        """Return the three verdicts."""
        return tuple((key, label.in_(lang)) for key, label in VERDICTS.items())
