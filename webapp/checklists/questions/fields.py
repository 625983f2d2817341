"""The one WTForms field behind all kinds of question.

A page may hand in half an answer or nonsense: the field then has an error and no ``data``, and
``raw`` still holds what was typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_babel import gettext
from wtforms import Field, ValidationError
from wtforms.utils import unset_value
from wtforms.widgets import TextInput

from webapp.checklists.definitions import Question
from webapp.core.errors import Invalid

if TYPE_CHECKING:
    from webapp.checklists.questions.base import FormData, Kind


class AnswerField(Field):
    """Asks one question.

    ``data`` is the canonical value or None.  ``raw`` is what to show in the inputs: a string; a
    list of strings for several choices and photos; a dict for a person; a list of dicts of such
    (with ``row``) for a table.  ``given`` tells an emptied input from one the page did not have.
    ``refusal`` is the error before translation; its ``field`` may name a cell of the table,
    ``GC-20.trips-0-plate``.
    """

    widget = TextInput()

    def __init__(
        self, label: str = "", *, question: Question, kind: Kind, lang: str, **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.question = question
        self.kind = kind
        self.lang = lang
        self.choices = kind.choices(question, lang)
        self.raw: Any = kind.raw(question, None)
        self.given = False
        self.refusal: Invalid | None = None

    def process(
        self, formdata: FormData | None, data: Any = unset_value, extra_filters: Any = None
    ) -> None:
        """Take the stored value, or what was typed where the page has been sent."""
        self.process_errors: list[str] = []
        self.refusal = None
        self.object_data = None if data is unset_value else data
        self.data = self.object_data
        self.raw = self.kind.raw(self.question, self.data)
        if formdata is not None:
            self._read(formdata)

    def _read(self, formdata: FormData) -> None:
        self.given = self.kind.was_sent(self.question, formdata, self.name)
        self.raw = self.kind.gather(self.question, formdata, self.name)
        try:
            self.data = self.kind.parse(self.question, self.raw)
        except Invalid as refusal:
            self.data, self.refusal = None, refusal

    def pre_validate(self, form: Any) -> None:
        """Refuse what could not be read.

        :raises ValidationError: with the reason and the remedy in the user's language.
        """
        if self.refusal is not None:
            where = self.kind.where(self.question, self.refusal, self.lang)
            words = gettext(self.refusal.message, **self.refusal.params)
            raise ValidationError(f"{where}{words}")

    def text(self) -> str:
        """Return the value as people read it."""
        return self.kind.text(self.question, self.data, self.lang)

    def _value(self) -> str:
        return self.raw if isinstance(self.raw, str) else ""
