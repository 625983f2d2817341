"""Drafts for tests: begun by the product itself, filled in with plausible answers."""

from typing import Any
from uuid import UUID, uuid4

from tests.documents import papers
from tests.factories import AT, user
from webapp.checklists.definitions import Question
from webapp.core.db import db
from webapp.documents.drafting import service
from webapp.documents.drafting.subjects import said_of
from webapp.documents.kinds import KINDS
from webapp.documents.kinds.base import About, Form
from webapp.documents.models import Draft
from webapp.documents.snapshot import Drafted, Person
from webapp.findings.models import Finding
from webapp.inspections.models import Inspection

ON = AT.date()
SAMPLES: dict[str, Any] = {
    "integer": 3, "decimal": "1.5", "money": "120.00", "date": "2026-03-12",
    "datetime": "2026-03-12T09:00", "short_text": "示例内容", "long_text": "示例内容一段。",
    "person": {"name": "甲某", "position": "职员"}, "plate": "赣A12345",
}  # fmt: skip


def sample(question: Question) -> Any:
    """Return a plausible answer to a question."""
    if question.kind == "choice":
        return question.options[0].id
    if question.kind == "choices":
        return [question.options[0].id]
    if question.columns:
        return [{"row": f"r{n}", **{c.id: sample(c) for c in question.columns}} for n in (1, 2)]
    return SAMPLES[question.kind]


def completed(question: Question, known: Any) -> Any:
    """Return what is known, and a plausible answer where nothing is, in each row of a table."""
    if known is None:
        return sample(question)
    if not question.columns:
        return known
    whole = {column.id: sample(column) for column in question.columns}
    return [
        {**whole, **{key: told for key, told in row.items() if told is not None}} for row in known
    ]


def form_of(kind: str) -> Form:
    """Return a kind's form."""
    form = KINDS[kind].form
    assert form is not None
    return form


def drafted(kind: str, answers: dict[str, Any] | None = None, **changes: Any) -> Drafted:
    """Return the contents of a paper with plausible answers, or with these."""
    record, asks = papers.record(), form_of(kind).asks
    told = {q.id: sample(q) for q in asks} if answers is None else answers
    said = {q.id: said_of(q, told.get(q.id)) for q in asks}
    title = said["title"].text if "title" in said else KINDS[kind].name
    return Drafted(
        kind=kind, number="MC-2026-GC-0003-02", title=title,
        issued_on=record.issued_on, issued_on_text=record.issued_on_text,
        verify_url=record.verify_url, verify_code=record.verify_code, bureau=record.bureau,
        unit=record.unit, inspection="MC-2026-GC-0003", author=Person(name="林检"), said=said,
        **changes,
    )  # fmt: skip


def author_of(kind: str) -> str:
    """Return who of the cast drafts a kind."""
    return "qian" if form_of(kind).by_unit else "lin"


def begun(kind: str, by: str = "", *, inspection_id: UUID | None = None) -> UUID:
    """Begin a draft about an inspection (its first finding) or the unit; returns its id."""
    by = by or author_of(kind)
    with db.writing() as session:
        about: dict[str, Any] = {}
        what = form_of(kind).about
        if inspection_id is not None and what is not About.NOTHING:
            about["inspection"] = session.get_one(Inspection, inspection_id)
            if what is About.FINDING:
                about["finding"] = (
                    session.query(Finding).filter_by(inspection_id=inspection_id).first()
                )
        elif what is About.UNIT:
            from webapp.accounts.models import Unit

            about["unit"] = session.query(Unit).filter_by(name="城关自然资源所").one()
        draft = service.begin(
            session, draft_id=uuid4(), kind=kind, by=user(session, by), at=AT, on=ON, **about
        )
        return draft.id


def filled(kind: str, by: str = "", *, inspection_id: UUID | None = None) -> UUID:
    """Begin a draft and answer all that is not prefilled; returns its id."""
    by = by or author_of(kind)
    draft_id = begun(kind, by, inspection_id=inspection_id)
    with db.writing() as session:
        draft = session.get_one(Draft, draft_id)
        answers = {q.id: completed(q, draft.answers.get(q.id)) for q in form_of(kind).asks}
        service.write(session, draft, answers, revision=draft.revision, by=user(session, by), at=AT)
    return draft_id


def issued(kind: str, by: str = "", *, inspection_id: UUID | None = None) -> UUID:
    """Draft a paper, hand it on where another issues it, and issue it; returns its id."""
    by = by or author_of(kind)
    draft_id = filled(kind, by, inspection_id=inspection_id)
    with db.writing() as session:
        draft = session.get_one(Draft, draft_id)
        issuer = by
        if form_of(kind).is_handed_on:
            service.offer(session, draft, revision=draft.revision, by=user(session, by), at=AT)
            session.flush()
            issuer = "zhou"
        service.issue(
            session, draft, revision=draft.revision, by=user(session, issuer), at=AT, on=ON
        )
    return draft_id
