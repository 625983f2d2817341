"""The same acts for programs: the queue, one review, a decision."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Invalid
from webapp.core.openapi import describes
from webapp.core.wire import answer, read_body
from webapp.findings import service as findings
from webapp.findings.models import Finding
from webapp.inspections import queries as inspections
from webapp.inspections.models import Inspection, Submission
from webapp.inspections.rules import Status
from webapp.reviews import cursors, messages, queries, rules, service
from webapp.reviews.messages import FindingBody, QueuePage, QueueQuery, ReviewBody, ReviewTold
from webapp.reviews.rules import Judgement

bp = Blueprint("reviews_sync", __name__, url_prefix="/api/v1")
STATES = {state.value: state for state in (Status.SUBMITTED, Status.RETURNED, Status.APPROVED)}


@bp.get("/reviews")
@describes({200: QueuePage}, query=QueueQuery)
@requires(Permission.INSPECTION_REVIEW)
def index() -> ResponseReturnValue:
    """List what was handed in: ``state`` submitted, returned or approved; ``after`` a cursor."""
    asked = request.args.get("state", Status.SUBMITTED.value)
    if asked not in STATES:
        raise Invalid(N_("没有这种状态：%(state)s"), state=asked[:40], field="state")
    after = request.args.get("after")
    place = cursors.read(after)
    if after is not None and place is None:
        raise Invalid(N_("翻页的位置不对"), field="after")
    page = queries.queue(db.session(), me(), STATES[asked], after=place)
    told = QueuePage(
        inspections=[_queue_row(row) for row in page.rows],
        next=cursors.write(page.next) if page.next else None,
    )
    return answer(told)


@bp.get("/inspections/<uuid:inspection_id>/review")
@describes({200: ReviewTold})
@requires(Permission.INSPECTION_REVIEW)
def show(inspection_id: UUID) -> ResponseReturnValue:
    """Return the newest round's findings, comments and decision."""
    session = db.session()
    inspection = inspections.inspection_of(session, me(), inspection_id)
    submission = inspections.latest_submission(session, inspection)
    return answer(_told(session, inspection, submission))


@bp.post("/inspections/<uuid:inspection_id>/review")
@describes({200: ReviewTold}, request=ReviewBody)
@requires(Permission.INSPECTION_REVIEW)
def decide(inspection_id: UUID) -> ResponseReturnValue:
    """Approve or return the round that the body names; the same again changes nothing."""
    body = read_body(ReviewBody)
    session, by, at = db.session(), me(), now()
    inspection = inspections.inspection_of(session, by, inspection_id, lock=True)
    service.check_reviewer(inspection, by)
    submission = _round(session, inspection, body.submission)
    if inspection.status is Status.SUBMITTED:
        for one in body.comments:
            service.comment(
                session, inspection, submission, item_id=one.item, text=one.text, by=by, at=at
            )
    if body.decision == "return":
        service.return_to_inspectors(
            session, inspection, submission, opinion=body.opinion, by=by, at=at
        )
    else:
        found = findings.ensure_derived(session, submission)
        service.approve(
            session, inspection, submission, judgements=_judgements(found, body.findings),
            opinion=body.opinion, by=by, at=at,
        )  # fmt: skip
    session.flush()
    return answer(_told(session, inspection, submission))


@bp.get("/inspections/<uuid:inspection_id>/submissions/<int:number>")
@describes({200: messages.RoundTold})
@requires(Permission.INSPECTION_READ)
def round_(inspection_id: UUID, number: int) -> ResponseReturnValue:
    """Return one round with its decision and comments: what the inspectors are to mend."""
    session = db.session()
    inspection = inspections.inspection_of(session, me(), inspection_id)
    submission = inspections.submission_of(session, inspection, number)
    told = messages.RoundTold(
        inspection=inspection.id,
        submission=submission.id,
        round=submission.number,
        at=submission.at,
        digest=submission.digest,
        answers=submission.answers,
        review=_decision(session, submission),
        comments=_comments(session, submission),
    )
    return answer(told)


def _round(session: Session, inspection: Inspection, submission_id: UUID) -> Submission:
    newest = inspections.latest_submission(session, inspection)
    number = next((s.number for s in inspection.submissions if s.id == submission_id), None)
    if number is None:
        raise Invalid(N_("没有这一次提交"), field="submission", code="no_submission")
    rules.check_undecided(None, name="", number=number, latest=newest.number)
    return newest


def _judgements(found: list[Finding], said: list[FindingBody]) -> list[Judgement]:
    known = {finding.item_id: finding for finding in found}
    if strange := next((one.item for one in said if one.item not in known), None):
        raise Invalid(
            N_("%(item)s 没有待审核的问题"), code="no_such_finding", item=strange, field=strange
        )
    return [service.judgement_of(known[one.item], _changed(one)) for one in said]


def _changed(one: FindingBody) -> dict[str, object]:
    """Return what the body says of a finding; null leaves all but the deadline as it was."""
    given = one.model_dump(exclude_unset=True, exclude={"item", "decision"})
    kept = {k: v for k, v in given.items() if v is not None or k == "deadline_days"}
    return {"verdict": one.decision} | kept


def _queue_row(row: queries.Row) -> messages.QueueRow:
    inspection, submission = row.inspection, row.submission
    return messages.QueueRow(
        id=inspection.id,
        number=inspection.number,
        status=inspection.status,
        unit=inspection.unit.name,
        checklist=inspection.checklist_title,
        inspectors=[user.name for user in inspection.inspectors],
        submission=submission.id,
        round=submission.number,
        submitted_at=submission.at,
        found=dict(row.found),
    )


def _told(session: Session, inspection: Inspection, submission: Submission) -> ReviewTold:
    return ReviewTold(
        inspection=inspection.id,
        number=inspection.number,
        status=inspection.status,
        submission=submission.id,
        round=submission.number,
        review=_decision(session, submission),
        findings=[_finding(finding) for finding in findings.preview(session, submission)],
        comments=_comments(session, submission),
    )


def _decision(session: Session, submission: Submission) -> messages.DecisionTold | None:
    review = queries.review_of(session, submission)
    if review is None:
        return None
    return messages.DecisionTold(
        decision=review.decision, opinion=review.opinion, by=review.by.name, at=review.at
    )


def _comments(session: Session, submission: Submission) -> list[messages.CommentTold]:
    return [
        messages.CommentTold(item=one.item_id, text=one.text, by=one.by.name, at=one.at)
        for comments in queries.comments_on(session, submission).values()
        for one in comments
    ]


def _finding(finding: Finding) -> messages.FindingTold:
    return messages.FindingTold.model_validate(
        {
            name: getattr(finding, name)
            for name in messages.FindingTold.model_fields
            if name != "item"
        }
        | {"item": finding.item_id}
    )
