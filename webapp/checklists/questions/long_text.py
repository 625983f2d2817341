"""As many lines of words as it takes."""

from typing import ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions import reading
from webapp.checklists.questions.base import Kind

LIMIT = 10_000


class LongText(Kind):
    """Paragraphs; stored with a line feed between lines, at most 10,000 characters."""

    name: ClassVar[KindName] = "long_text"
    uses = frozenset({"max_length"})

    def parse(self, question: Question, raw: object) -> str | None:
        """Read any number of lines."""
        return reading.text(question, raw, question.max_length or LIMIT) or None
