"""Words to read; nothing is asked."""

from typing import Any, ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions.base import FormData, Kind
from webapp.core.errors import N_, Invalid

_NO_ANSWER = N_("这里只是说明，不用回答")


class Note(Kind):
    """Explains; never has a value."""

    name: ClassVar[KindName] = "note"
    answerable = False

    def parse(self, question: Question, raw: object) -> None:
        """Refuse any answer."""
        if raw not in (None, ""):
            raise Invalid(_NO_ANSWER, field=question.id)

    def gather(self, question: Question, form: FormData, name: str) -> Any:
        """Return nothing, whatever was sent."""
        return ""
