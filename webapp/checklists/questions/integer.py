"""A whole number: how many."""

from typing import Any, ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions import numbers
from webapp.checklists.questions.base import Kind, Value


class Integer(Kind):
    """Counts; stored as a JSON integer."""

    name: ClassVar[KindName] = "integer"
    uses = frozenset({"minimum", "maximum", "unit"})

    def parse(self, question: Question, raw: object) -> int | None:
        """Read ``12``, ``１２``, ``1,234``."""
        value = numbers.number(question, raw, places=0, example="12")
        return None if value is None else int(value)

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return ``1,234 辆``."""
        return "" if value is None else numbers.with_unit(question, f"{value:,}", lang)

    def cel(self, question: Question, value: Value) -> Any:
        """Return a double."""
        return float(value)
