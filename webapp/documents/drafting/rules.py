"""Who may do what with a draft, and what it still lacks.  Plain functions over a kind's form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.accounts.rules import Permission
from webapp.checklists.conditions import holds
from webapp.checklists.definitions import Question
from webapp.checklists.questions import KINDS as QUESTION_KINDS
from webapp.core.errors import N_
from webapp.documents.kinds import KINDS, Kind
from webapp.documents.kinds.base import About, Form

DRAFTING = (
    Permission.DOCUMENT_DRAFT, Permission.DOCUMENT_ISSUE, Permission.REPORT_FILE,
    Permission.RECTIFICATION_REPORT,
)  # fmt: skip
MISSING = N_("还没有填写")
UNFINISHED = N_("还有空着的必填格")


@dataclass(frozen=True)
class Fault:
    """Why a draft cannot be issued yet: which question, and what about it."""

    question: Question
    message: str


def form_of(kind: str) -> Form | None:
    """Return how a kind is drafted; None where there is no such kind or nobody drafts it."""
    known = KINDS.get(kind)
    return known.form if known else None


def drafted_by(permissions: frozenset[Permission]) -> dict[str, Kind]:
    """Return the kinds that somebody with these permissions may draft, in their order."""
    return {
        name: kind
        for name, kind in KINDS.items()
        if kind.form and kind.form.drafted_by in permissions
    }


def issued_by(permissions: frozenset[Permission]) -> tuple[str, ...]:
    """Return the kinds of which others hand on drafts to somebody with these permissions."""
    return tuple(
        name
        for name, kind in KINDS.items()
        if kind.form and kind.form.is_handed_on and kind.form.issued_by in permissions
    )


def suits(form: Form, about: About) -> bool:
    """Say whether a paper can be about such a thing; one about a unit also about a visit there."""
    return form.about is about or (form.about, about) == (About.UNIT, About.INSPECTION)


def has_word(form: Form, *, unit_id: int, of_unit_id: int, decided: bool) -> bool:
    """Say whether somebody of a unit may speak about an inspection of another, or of the same.

    What a unit itself has to say, only its own people say, when the inspection is decided.
    """
    return not form.by_unit or (unit_id == of_unit_id and decided)


def faults(form: Form, answers: Mapping[str, Any]) -> list[Fault]:
    """Return what keeps a draft from being issued, in the order of the form."""
    asked = {question.id: question for question in form.asks}
    found = [*_lacking(form, answers)]
    told = {fault.question.id for fault in found}
    found += [Fault(asked[name], words) for name, words in form.faults(answers) if name not in told]
    return sorted(found, key=lambda fault: form.asks.index(fault.question))


def _lacking(form: Form, answers: Mapping[str, Any]) -> Iterator[Fault]:
    for question in form.asks:
        kind, value = QUESTION_KINDS[question.kind], answers.get(question.id)
        if kind.is_empty(value):
            if question.required or _required_now(form, question, answers):
                yield Fault(question, MISSING)
        elif not kind.is_complete(question, value):
            yield Fault(question, UNFINISHED)


def _required_now(form: Form, question: Question, answers: Mapping[str, Any]) -> bool:
    if question.required_if is None:
        return False
    known = {
        one.id: QUESTION_KINDS[one.kind].cel(one, answers[one.id])
        for one in form.asks
        if answers.get(one.id) is not None
    }
    return holds(question.required_if, known)
