"""What a draft is about, read from the database; and its contents, ready to print."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, undefer

from webapp.accounts import queries as accounts
from webapp.accounts.models import Bureau, Unit, User
from webapp.checklists.definitions import Question
from webapp.checklists.questions import KINDS as QUESTION_KINDS
from webapp.core.errors import N_, NotFound
from webapp.documents import assembly, numbering, queries, wording
from webapp.documents.kinds import KINDS
from webapp.documents.kinds.base import Form, Subject
from webapp.documents.models import Draft
from webapp.documents.snapshot import Drafted, Said
from webapp.documents.snapshot import Unit as PrintedUnit
from webapp.documents.workshop import workshop
from webapp.findings import queries as findings
from webapp.findings.models import Finding, FindingState
from webapp.inspections import queries as inspections
from webapp.inspections import rules as inspection_rules
from webapp.inspections.models import Inspection

LANG = "zh"
CHOICES_MOST = 200


def day_of(at: datetime) -> date:
    """Return the day on the wall."""
    return at.astimezone(workshop().settings.zone).date()


def subject_of(session: Session, draft: Draft, *, on: date) -> Subject:
    """Return what a draft is about; ``on`` is the day of issue."""
    inspection = _inspection(session, draft)
    unit = session.get(Unit, draft.unit_id) if draft.unit_id else None
    return Subject(
        bureau=session.get_one(Bureau, draft.bureau_id),
        author=draft.author,
        on=on,
        unit=unit,
        head=queries.head_of(session, unit.id) if unit else "",
        inspection=inspection,
        findings=_findings(session, draft, inspection),
        answers=inspection_rules.values(inspection.state) if inspection else {},
        zone=workshop().settings.zone,
    )


def _inspection(session: Session, draft: Draft) -> Inspection | None:
    if draft.inspection_id is None:
        return None
    query = select(Inspection).where(Inspection.id == draft.inspection_id)
    return session.scalars(query.options(undefer(Inspection.state))).unique().one()


def _findings(session: Session, draft: Draft, inspection: Inspection | None) -> list[Finding]:
    """Return the confirmed findings; what went to the discipline office is in no such paper."""
    if inspection is None:
        return []
    found = [one for one in findings.confirmed_of(session, inspection) if not one.transfer]
    return [one for one in found if draft.finding_id in (None, one.id)]


def chosen(
    session: Session, user: User, *, unit_id: int | None = None, inspection_id: UUID | None = None,
    finding_id: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return what a paper is to be about as ``service.begin`` takes it, as ``user`` may see it.

    :raises NotFound: there is no such thing, or not for this user.
    """
    if finding_id is not None:
        finding = finding_of(session, user, finding_id)
        inspection = inspections.inspection_of(session, user, finding.inspection_id)
        return {"finding": finding, "inspection": inspection}
    if inspection_id is not None:
        return {"inspection": inspections.inspection_of(session, user, inspection_id)}
    if unit_id is None:
        return {}
    known = {unit.id: unit for unit in accounts.units_of(session, user.bureau_id)}
    if unit_id not in known:
        raise NotFound(N_("没有找到这个单位"))
    return {"unit": known[unit_id]}


def finding_of(session: Session, user: User, finding_id: int) -> Finding:
    """Return a confirmed finding of an inspection that the user knows of.

    :raises NotFound: there is none, or not for this user, or it went to the discipline office.
    """
    finding = session.scalar(_told(user).where(Finding.id == finding_id))
    if finding is None:
        raise NotFound(N_("没有找到这个问题"))
    return finding


def findings_known_to(session: Session, user: User) -> Sequence[Finding]:
    """Return the findings that a paper of this user can be about, the newest first."""
    return session.scalars(_told(user).order_by(Finding.id.desc()).limit(CHOICES_MOST)).all()


def _told(user: User) -> Select[Finding]:
    known = inspections.visible(user).with_only_columns(Inspection.id)
    return select(Finding).where(
        Finding.bureau_id == user.bureau_id, Finding.inspection_id.in_(known),
        Finding.state == FindingState.CONFIRMED, Finding.transfer.is_(False),
    )  # fmt: skip


# -- contents ---------------------------------------------------------------------------------


def preview_of(draft: Draft, subject: Subject, form: Form) -> Drafted:
    """Return the contents as a draft prints them: no number, no code, no seal."""
    return contents(
        draft, subject, form,
        number=numbering.draft_number(
            form.numbering, subject.bureau, subject.on, subject.inspection
        ),
        code=assembly.NO_CODE, verify_url=workshop().verify_url(), is_draft=True,
    )  # fmt: skip


def contents(
    draft: Draft, subject: Subject, form: Form, *, number: str, code: str, verify_url: str,
    is_draft: bool = False,
) -> Drafted:  # fmt: skip
    """Lay a draft out; unanswered questions are there with an empty text."""
    told = {
        question.id: said_of(question, draft.answers.get(question.id)) for question in form.asks
    }
    title = told["title"].text if "title" in told else ""
    demo = assembly.WATERMARK if workshop().settings.is_demo else None
    return Drafted(
        kind=draft.kind,
        number=number,
        title=title or KINDS[draft.kind].name,
        issued_on=subject.on,
        issued_on_text=wording.day(subject.on),
        verify_url=verify_url,
        verify_code=code,
        watermark=assembly.DRAFT_MARK if is_draft else demo,
        is_draft=is_draft,
        bureau=assembly.issuer(subject.bureau),
        unit=PrintedUnit(name=subject.unit.name, head=subject.head) if subject.unit else None,
        inspection=subject.inspection.number if subject.inspection else "",
        inspectors=tuple(map(assembly.person, subject.inspectors)),
        author=assembly.person(draft.author),
        said=told,
    )


def said_of(question: Question, value: Any) -> Said:
    """Return an answer in words, ready to print."""
    label = question.label.in_(LANG)
    if question.columns:
        return Said(
            label=label,
            columns=tuple((column.id, column.label.in_(LANG)) for column in question.columns),
            rows=tuple(_cells(question, row) for row in value or ()),
            value=value,
        )
    return Said(label=label, text=_text(question, value), value=value)


def _cells(question: Question, row: Mapping[str, Any]) -> dict[str, str]:
    return {column.id: _text(column, row.get(column.id)) for column in question.columns}


def _text(question: Question, value: Any) -> str:
    if question.kind == "datetime" and value:
        return wording.local(value)
    return wording.close(QUESTION_KINDS[question.kind].text(question, value, LANG))
