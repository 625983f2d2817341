"""What every kind of question can do; a kind's own module says how it differs.

A value is what is stored: JSON, in one canonical form per kind.  Wire JSON and form strings both
become it through ``parse``; ``None`` stands for "not answered".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, TypeAlias

from wtforms.fields.core import UnboundField

from webapp.checklists.definitions import KindName, Question
from webapp.checklists.questions.fields import AnswerField
from webapp.core.errors import Invalid

Value: TypeAlias = Any
Choice: TypeAlias = tuple[str, str]


class FormData(Protocol):
    """What a submitted form offers: the strings sent under each name."""

    def getlist(self, name: str, /) -> list[Any]:
        """Return everything sent under ``name``."""

    def __contains__(self, name: object, /) -> bool: ...

    def __iter__(self) -> Any: ...


class Kind:
    """One kind of question.

    ``uses`` names the keys of a definition that only some kinds understand; ``needs`` those that
    it cannot do without.  The value of a kind with ``many`` is a list; a kind that is not
    ``answerable`` never has a value.
    """

    name: ClassVar[KindName]
    uses: ClassVar[frozenset[str]] = frozenset()
    needs: ClassVar[frozenset[str]] = frozenset()
    many: ClassVar[bool] = False
    answerable: ClassVar[bool] = True

    def field(self, question: Question, lang: str) -> UnboundField:
        """Return the WTForms field that asks this question."""
        return AnswerField(
            question.label.in_(lang),
            description=question.hint.in_(lang) if question.hint else "",
            question=question,
            kind=self,
            lang=lang,
        )

    def parse(self, question: Question, raw: object) -> Value | None:
        """Return the canonical value of wire JSON or of form strings; None when nothing is there.

        :raises Invalid: it is not an answer to this question; the message names the remedy.
        """
        raise NotImplementedError

    def is_empty(self, value: Value | None) -> bool:
        """Say whether a canonical value stands for "not answered"."""
        return value is None or value in ("", [], {})

    def is_complete(self, question: Question, value: Value) -> bool:
        """Say whether a value that is there also has all its parts."""
        return True

    def conforms(self, question: Question, value: Value | None) -> bool | None:
        """Return what the answer says about conformity; None when it says nothing."""
        return None

    def text(self, question: Question, value: Value | None, lang: str) -> str:
        """Return the value as people read it on screen and paper; empty when not answered."""
        return "" if self.is_empty(value) else str(value)

    def cel(self, question: Question, value: Value) -> Any:
        """Return the value as expressions see it: every number is a double."""
        return value

    def blobs(self, value: Value | None) -> tuple[str, ...]:
        """Return the digests of the files that a canonical value refers to."""
        return ()

    def merge(self, one: Value | None, other: Value | None) -> Value | None:
        """Return two values given at the same time as one, if that loses nothing; else None."""
        return None

    def choices(self, question: Question, lang: str) -> Sequence[Choice]:
        """Return what can be chosen, as (id, label); nothing for kinds without choices."""
        return ()

    def raw(self, question: Question, value: Value | None) -> Any:
        """Return what stands in the inputs for a canonical value; ``parse`` reads it back."""
        return "" if value is None else str(value)

    def gather(self, question: Question, form: FormData, name: str) -> Any:
        """Return what a submitted form holds under ``name`` and the names derived from it."""
        typed = [text for text in form.getlist(name) if isinstance(text, str)]
        return typed[-1] if typed else ""

    def where(self, question: Question, refusal: Invalid, lang: str) -> str:
        """Return the place inside the answer that a refusal is about, to stand before its words."""
        return ""

    def was_sent(self, question: Question, form: FormData, name: str) -> bool:
        """Say whether a submitted form had an input for this question."""
        return name in form
