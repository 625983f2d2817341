"""One of several options."""

from collections.abc import Sequence
from typing import ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions.base import Choice as Pair
from webapp.checklists.questions.base import Kind, Value
from webapp.core.errors import N_, Invalid

_UNKNOWN = N_("请从列出的选项中选择一项")


class Choice(Kind):
    """A choice; stored as the option's id."""

    name: ClassVar[KindName] = "choice"
    uses = frozenset({"options"})
    needs = frozenset({"options"})

    def parse(self, question: Question, raw: object) -> str | None:
        """Read an option's id."""
        if raw is None or raw == "":
            return None
        if not isinstance(raw, str) or question.option(raw) is None:
            raise Invalid(_UNKNOWN, field=question.id)
        return raw

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return the option's label."""
        option = None if value is None else question.option(value)
        return option.label.in_(lang) if option else str(value or "")

    def choices(self, question: Question, lang: str) -> Sequence[Pair]:
        """Return the options."""
        return tuple((option.id, option.label.in_(lang)) for option in question.options)
