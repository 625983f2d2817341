"""One line of words."""

from typing import ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions import reading
from webapp.checklists.questions.base import Kind

LIMIT = 200


class ShortText(Kind):
    """A line; stored as it is, at most 200 characters unless the question says otherwise."""

    name: ClassVar[KindName] = "short_text"
    uses = frozenset({"max_length"})

    def parse(self, question: Question, raw: object) -> str | None:
        """Read one line."""
        return reading.line(question, raw, question.max_length or LIMIT) or None
