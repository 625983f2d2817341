"""Acts upon drafts: begin, write, hand on, give back, throw away, issue.

Each expects the draft's row as its reader may see it (``queries``); a lost race is a 409.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.accounts.models import Unit, User
from webapp.checklists.questions import KINDS as QUESTION_KINDS
from webapp.core import events, glyphs
from webapp.core.errors import N_, Conflict, Forbidden, Invalid, NotFound
from webapp.documents import heads, numbering
from webapp.documents import queries as documents
from webapp.documents.drafting import queries, rules, subjects
from webapp.documents.drafting.subjects import LANG
from webapp.documents.kinds.base import About, Form
from webapp.documents.models import Document, Draft, Preview
from webapp.documents.workshop import workshop
from webapp.findings.models import Finding
from webapp.inspections.models import Inspection
from webapp.inspections.rules import Status

REMARK_MOST = 1000


def begin(
    session: Session, *, draft_id: UUID, kind: str, by: User, at: datetime, on: date,
    unit: Unit | None = None, inspection: Inspection | None = None, finding: Finding | None = None,
) -> Draft:  # fmt: skip
    """Begin a draft with what the system knows; the same id again is the same draft.

    :raises Forbidden: this role does not draft papers of this kind, or it is another unit's word.
    :raises Conflict: the unit is asked for its word only when the inspection is decided.
    :raises Invalid: the kind is about something that was not chosen; ``field`` is ``about``.
    """
    known = session.get(Draft, draft_id)
    if known is not None and known.author_id == by.id:
        return known
    form = _form(kind)
    if form.drafted_by not in by.permissions:
        raise Forbidden(N_("你的角色不能起草这种文书"))
    about = _about(unit, inspection, finding)
    if not rules.suits(form, about):
        raise Invalid(N_("请选择这份文书关于什么"), field="about", code="no_subject")
    if form.by_unit:
        _check_unit(inspection, by)
    draft = Draft(
        id=draft_id, bureau_id=by.bureau_id, kind=kind, author_id=by.id, author=by,
        unit_id=unit.id if unit else inspection.unit_id if inspection else None,
        inspection_id=inspection.id if inspection else None,
        finding_id=finding.id if finding else None, begun_at=at, changed_at=at,
    )  # fmt: skip
    filled = form.prefill(subjects.subject_of(session, draft, on=on))
    draft.answers = _canonical(form, filled)
    session.add(draft)
    events.record(session, "draft.begun", draft.id, by_id=by.id, at=at, paper=kind)
    return draft


def write(
    session: Session, draft: Draft, answers: Mapping[str, Any], *, revision: int, by: User,
    at: datetime,
) -> None:  # fmt: skip
    """Keep what was typed; half an answer is kept too, what is missing is told at the issue.

    :raises Conflict: somebody else wrote in the meantime (code ``stale``), or it was handed on.
    :raises Invalid: a character cannot be printed; ``field`` names the question.
    """
    _check_in_hand(draft, by)
    if revision != draft.revision:
        raise Conflict(N_("这份草稿已在别处改动过"), code="stale")
    form = _form(draft.kind)
    told = {question.id: answers[question.id] for question in form.asks
            if answers.get(question.id) is not None}  # fmt: skip
    _check_glyphs(form, told)
    if told == draft.answers:
        return
    draft.answers, draft.changed_at = told, at
    events.record(session, "draft.written", draft.id, by_id=by.id, at=at)


def parsed(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers as they came over the wire in canonical form.

    :raises Invalid: there is no such question, or it is no answer to it; ``field`` names it.
    """
    asked = {question.id: question for question in _form(kind).asks}
    if strange := next((name for name in told if name not in asked), None):
        raise Invalid(
            N_("这种文书没有“%(question)s”这一项"), code="no_such_question",
            question=strange[:40], field=strange[:40],
        )  # fmt: skip
    return {name: QUESTION_KINDS[asked[name].kind].parse(asked[name], raw)
            for name, raw in told.items()}  # fmt: skip


def offer(session: Session, draft: Draft, *, revision: int, by: User, at: datetime) -> None:
    """Hand a complete draft on to whoever issues it; again changes nothing.

    :raises Invalid: something is missing; ``field`` names the first question.
    :raises Conflict: it is not the version that was looked at.
    """
    if draft.offered_at is not None:
        return
    form = _form(draft.kind)
    _check_own(draft, by)
    _check_complete(form, draft, revision)
    draft.offered_at, draft.remark = at, ""
    events.record(session, "draft.offered", draft.id, by_id=by.id, at=at)


def give_back(session: Session, draft: Draft, *, remark: str, by: User, at: datetime) -> None:
    """Give a draft back to its author, who may also take it back; again changes nothing.

    :raises Invalid: another than the author gives no reason.
    """
    if draft.offered_at is None:
        return
    remark = remark.replace("\r\n", "\n").replace("\x00", "").strip()
    if draft.author_id != by.id and not remark:
        raise Invalid(N_("请写明退回的原因"), field="remark")
    if len(remark) > REMARK_MOST:
        raise Invalid(N_("退回的原因最多 %(most)d 字"), field="remark", most=REMARK_MOST)
    draft.offered_at, draft.remark = None, remark
    events.record(session, "draft.returned", draft.id, by_id=by.id, at=at, remark=remark)


def discard(session: Session, draft: Draft, *, by: User, at: datetime) -> None:
    """Throw an own draft away."""
    _check_own(draft, by)
    _remove(session, draft)
    events.record(session, "draft.discarded", draft.id, by_id=by.id, at=at, paper=draft.kind)


def issue(
    session: Session, draft: Draft, *, revision: int, by: User, at: datetime, on: date
) -> Document:
    """Give a draft its number and fix its contents; the background work then prints and signs.

    :raises Forbidden: not for this person to issue.
    :raises Invalid: something is missing; ``field`` names the first question.
    :raises Conflict: it is not the version that was looked at, or was not handed on.
    """
    form = _form(draft.kind)
    check_issuer(form, draft, by)
    _check_complete(form, draft, revision)
    subject = subjects.subject_of(session, draft, on=on)
    number, code = numbering.number_of(session, form.numbering, subject), numbering.fresh_code()
    contents = subjects.contents(
        draft, subject, form, number=number, code=code, verify_url=workshop().verify_url(code)
    ).model_copy(update={"log_root": heads.printed_root(session)})
    document = Document(
        id=draft.id, bureau_id=draft.bureau_id, inspection_id=draft.inspection_id,
        unit_id=draft.unit_id, author_id=draft.author_id, kind=draft.kind, number=number,
        title=contents.title, code=code, snapshot=contents.model_dump(mode="json"), created_at=at,
    )  # fmt: skip
    session.add(document)
    _remove(session, draft)
    about = {"inspection": str(draft.inspection_id)} if draft.inspection_id else {}
    events.record(
        session, "document.issued", document.id, by_id=by.id, at=at,
        document=str(document.id), number=number, **about,
    )  # fmt: skip
    return document


def issue_once(
    session: Session, draft_id: UUID, *, revision: int, by: User, at: datetime, on: date
) -> tuple[Document, bool]:
    """Issue a draft, or return the paper that it has become; and whether that is new.

    :raises NotFound: there is neither, or not for this person; else see ``issue``.
    """
    try:
        draft = queries.draft_of(session, by, draft_id, lock=True)
    except NotFound:
        return documents.document_of(session, by, draft_id), False
    return issue(session, draft, revision=revision, by=by, at=at, on=on), True


def check_issuer(form: Form, draft: Draft, by: User) -> None:
    """Check that somebody may issue a draft now.

    :raises Forbidden: the role does not reach so far (any longer), or a paper that is handed on is
        issued by another than its author.
    :raises Conflict: it was not handed on yet.
    """
    if form.issued_by not in by.permissions:
        raise Forbidden(N_("你的角色不能签发这种文书"))
    if not form.is_handed_on:
        _check_own(draft, by)
        return
    if draft.author_id == by.id:
        raise Forbidden(N_("自己起草的文书由他人签发"), code="own_draft")
    if draft.offered_at is None:
        raise Conflict(N_("这份草稿还没有送签"), code="not_offered")


@dataclass(frozen=True)
class Steps:
    """What somebody may do with a draft now: hand it on, issue it, give it back."""

    may_offer: bool = False
    may_issue: bool = False
    may_return: bool = False


def steps(draft: Draft, by: User) -> Steps:
    """Say which steps are open to somebody."""
    form, own, offered = _form(draft.kind), draft.author_id == by.id, draft.offered_at is not None
    try:
        check_issuer(form, draft, by)
    except (Forbidden, Conflict):
        may_issue = False
    else:
        may_issue = True
    return Steps(
        may_offer=own and form.is_handed_on and not offered,
        may_issue=may_issue,
        may_return=not own and offered,
    )


# -- parts ------------------------------------------------------------------------------------


def _form(kind: str) -> Form:
    form = rules.form_of(kind)
    if form is None:
        raise Invalid(N_("没有这种可以起草的文书"), field="kind", code="no_such_kind")
    return form


def _about(unit: Unit | None, inspection: Inspection | None, finding: Finding | None) -> About:
    if finding is not None:
        return About.FINDING
    return About.INSPECTION if inspection else About.UNIT if unit else About.NOTHING


def _check_unit(inspection: Inspection | None, by: User) -> None:
    if inspection is None or inspection.unit_id != by.unit_id:  # see rules.has_word
        raise Forbidden(N_("这种文书由被督查单位自己起草"), code="other_unit")
    if inspection.status is not Status.APPROVED:
        raise Conflict(N_("这次督查还没有审核结论"), code="not_decided")


def _canonical(form: Form, filled: Mapping[str, Any]) -> dict[str, Any]:
    """Return prefilled answers in canonical form; empty ones are left out."""
    told = {q.id: QUESTION_KINDS[q.kind].parse(q, filled[q.id])
            for q in form.asks if filled.get(q.id) is not None}  # fmt: skip
    return {key: value for key, value in told.items() if value is not None}


def _check_in_hand(draft: Draft, by: User) -> None:
    """Let the author write before it is handed on, and whoever issues it afterwards."""
    if (draft.author_id == by.id) == (draft.offered_at is not None):
        raise Conflict(
            N_("这份草稿已经送签，暂时不能改"), code="offered",
            remedy=N_("需要修改时，先撤回，改好后再送签。"),
        )  # fmt: skip


def _check_own(draft: Draft, by: User) -> None:
    if draft.author_id != by.id:
        raise Forbidden(N_("这不是你起草的文书"))


def _check_complete(form: Form, draft: Draft, revision: int) -> None:
    if revision != draft.revision:
        raise Conflict(
            N_("这份草稿在你预览之后又改动过"), code="stale", remedy=N_("请重新预览，核对后再办。")
        )
    for fault in rules.faults(form, draft.answers):
        raise Invalid(
            N_("还不能签发：“%(label)s”%(reason)s"), field=fault.question.id,
            label=fault.question.label.in_(LANG), reason=fault.message, code="incomplete",
        )  # fmt: skip


def _check_glyphs(form: Form, answers: Mapping[str, Any]) -> None:
    for question in form.asks:
        said = subjects.said_of(question, answers.get(question.id))
        texts = [said.text, *(cell for row in said.rows for cell in row.values())]
        try:
            glyphs.check((said.label, text) for text in texts)
        except Invalid as refusal:
            params = {**refusal.params, "field": question.id, "label": said.label}
            raise Invalid(
                N_("“%(label)s”里的字符“%(character)s”（%(codepoint)s）无法印到文书上"),
                code=refusal.code, **params,
            ) from None  # fmt: skip


def _remove(session: Session, draft: Draft) -> None:
    session.execute(delete(Preview).where(Preview.draft_id == draft.id))
    session.delete(draft)
