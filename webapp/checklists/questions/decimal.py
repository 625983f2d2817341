"""A measured number, kept exactly as written."""

from decimal import Decimal as Number
from typing import Any, ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions import numbers
from webapp.checklists.questions.base import Kind, Value

PLACES = 6


class Decimal(Kind):
    """Measures; stored as a string without superfluous zeros: ``12.5``."""

    name: ClassVar[KindName] = "decimal"
    uses = frozenset({"minimum", "maximum", "unit"})

    def parse(self, question: Question, raw: object) -> str | None:
        """Read ``12.5``, ``１２．５``, ``1,234.5``."""
        value = numbers.number(question, raw, places=PLACES, example="12.5")
        if value is None:
            return None
        plain = format(value, "f")
        plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
        return plain if Number(plain) else "0"

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return ``1,234.5 公里``."""
        if value is None:
            return ""
        return numbers.with_unit(question, f"{Number(value):,f}", lang)

    def cel(self, question: Question, value: Value) -> Any:
        """Return a double."""
        return float(value)
