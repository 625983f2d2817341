"""An amount of money, to the cent, in yuan unless the question's unit says otherwise."""

import re
from decimal import Decimal
from typing import Any, ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions import numbers
from webapp.checklists.questions.base import Kind, Value

_SIGNS = re.compile(r"^\s*[¥￥]|元\s*$")


class Money(Kind):
    """Amounts; stored as a string with two decimals: ``1234.50``."""

    name: ClassVar[KindName] = "money"
    uses = frozenset({"minimum", "maximum", "unit"})

    def parse(self, question: Question, raw: object) -> str | None:
        """Read ``1234.5``, ``1,234.50``, ``￥１２``, ``12元``."""
        typed = _SIGNS.sub("", raw) if isinstance(raw, str) and not question.unit else raw
        value = numbers.number(question, typed, places=2, example="1234.50")
        return None if value is None else format(value or Decimal(0), ".2f")

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return ``1,234.50 元``."""
        if value is None:
            return ""
        figure = f"{Decimal(value):,.2f}"
        if question.unit:
            return numbers.with_unit(question, figure, lang)
        return f"¥{figure}" if lang[:2] == "en" else f"{figure} 元"

    def cel(self, question: Question, value: Value) -> Any:
        """Return a double."""
        return float(value)
