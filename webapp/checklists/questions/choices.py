"""Any number of several options."""

from collections.abc import Sequence
from typing import Any, ClassVar

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions.base import Choice as Pair
from webapp.checklists.questions.base import FormData, Kind, Value
from webapp.core.errors import N_, Invalid

_NOT_A_LIST = N_("这里要填选项的列表")
_UNKNOWN = N_("请只选列出的选项")


class Choices(Kind):
    """Choices; stored as a list of option ids in the order of the options.

    A page sends an empty input of the same name along, so that "none of them" can be told from
    "not on this page".
    """

    name: ClassVar[KindName] = "choices"
    many = True
    uses = frozenset({"options"})
    needs = frozenset({"options"})

    def parse(self, question: Question, raw: object) -> list[str] | None:
        """Read a list of option ids."""
        if raw is None or raw == "":
            return None
        if not isinstance(raw, list):
            raise Invalid(_NOT_A_LIST, field=question.id)
        chosen = [one for one in raw if one != ""]
        if not all(isinstance(one, str) and question.option(one) for one in chosen):
            raise Invalid(_UNKNOWN, field=question.id)
        return [option.id for option in question.options if option.id in chosen] or None

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return the labels, set side by side."""
        labels = [o.label.in_(lang) for o in question.options if o.id in (value or ())]
        return (", " if lang[:2] == "en" else "、").join(labels)

    def choices(self, question: Question, lang: str) -> Sequence[Pair]:
        """Return the options."""
        return tuple((option.id, option.label.in_(lang)) for option in question.options)

    def raw(self, question: Question, value: Value | None) -> Any:
        """Return the chosen ids."""
        return list(value or ())

    def gather(self, question: Question, form: FormData, name: str) -> Any:
        """Return every id sent."""
        return [text for text in form.getlist(name) if isinstance(text, str) and text]
