"""Acts of a supervisor: comment, return, approve.

Each expects the inspection's row to be locked (``inspection_of(lock=True)``), so that of two who
decide at once the second sees what the first did.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.core import events, glyphs
from webapp.core.errors import N_, Forbidden, Invalid, NotFound
from webapp.findings import service as findings
from webapp.findings.models import Finding, FindingState
from webapp.inspections.models import Inspection, Submission
from webapp.inspections.rules import Act, step
from webapp.reviews import queries, rules
from webapp.reviews.models import Comment, Decision, Review
from webapp.reviews.rules import Judgement, Reviewer, Verdict


def check_reviewer(inspection: Inspection, by: User) -> None:
    """Check that ``by`` may decide on an inspection.

    :raises Forbidden: see ``rules.check_reviewer``.
    """
    rules.check_reviewer(
        Reviewer(by.id, by.unit_id, by.permissions),
        unit_id=inspection.unit_id,
        team={inspector.id for inspector in inspection.inspectors},
        opened_by=inspection.opened_by_id,
    )


def judgement_of(finding: Finding, said: Mapping[str, Any]) -> Judgement:
    """Return the judgement on a finding that ``said`` makes; what it leaves out stays as it is."""
    as_it_is = Judgement(
        item_id=finding.item_id,
        verdict=None,
        facts=finding.facts,
        severity=finding.severity,
        rectification=finding.rectification,
        deadline_days=finding.deadline_days,
        reason=finding.reason,
    )
    return replace(as_it_is, **said)


# -- comments ---------------------------------------------------------------------------------


def comment(
    session: Session,
    inspection: Inspection,
    submission: Submission,
    *,
    item_id: str,
    text: str,
    by: User,
    at: datetime,
) -> Comment:
    """Remark on an item; the same words again change nothing.

    :raises Invalid: no text, or no such item.
    :raises Forbidden: see ``rules.check_reviewer``.
    :raises Conflict: the round is decided, or no longer the newest.
    """
    check_reviewer(inspection, by)
    _check_open(session, inspection, submission)
    if item_id not in {item.id for item in inspection.version.definition.items}:
        raise Invalid(N_("清单中没有这一项"), field=item_id, code="no_such_item")
    told = rules.check_text(
        text, rules.COMMENT_MOST, field=f"comment-{item_id}", needed=N_("请填写意见")
    )
    said = queries.comments_on(session, submission).get(item_id, [])
    known = next((c for c in said if c.by_id == by.id and c.text == told), None)
    if known is not None:
        return known
    made = Comment(
        submission_id=submission.id, item_id=item_id, text=told, by_id=by.id, by=by, at=at
    )
    session.add(made)
    events.record(session, "review.commented", inspection.id, by_id=by.id, at=at, item=item_id)
    return made


def remove_comment(
    session: Session,
    inspection: Inspection,
    submission: Submission,
    comment_id: int,
    *,
    by: User,
    at: datetime,
) -> Comment:
    """Take an own comment back while nothing is decided.

    :raises NotFound: this round has no such comment.
    :raises Forbidden: somebody else wrote it.
    :raises Conflict: the round is decided, or no longer the newest.
    """
    check_reviewer(inspection, by)
    _check_open(session, inspection, submission)
    made = session.get(Comment, comment_id)
    if made is None or made.submission_id != submission.id:
        raise NotFound(N_("没有这条意见，可能已经删除"))
    if made.by_id != by.id:
        raise Forbidden(N_("只能删除自己写的意见"), code="not_own_comment")
    session.delete(made)
    events.record(
        session, "review.comment_removed", inspection.id, by_id=by.id, at=at, item=made.item_id
    )
    return made


# -- decisions --------------------------------------------------------------------------------


def return_to_inspectors(
    session: Session,
    inspection: Inspection,
    submission: Submission,
    *,
    opinion: str,
    by: User,
    at: datetime,
) -> Review:
    """Give a submission back with comments; the same again by the same person changes nothing.

    :raises Invalid: there is neither a comment nor an opinion.
    :raises Forbidden: see ``rules.check_reviewer``.
    :raises Conflict: the round is decided, or no longer the newest.
    """
    check_reviewer(inspection, by)
    if (known := _same(session, inspection, submission, Decision.RETURNED, by)) is not None:
        return known
    _check_open(session, inspection, submission)
    told = rules.check_text(opinion, rules.OPINION_MOST, field="opinion")
    if not told and not queries.comments_on(session, submission):
        raise Invalid(
            N_("退回须说明原因：请写退回意见，或在有关项下写意见"),
            field="opinion",
            code="no_reason",
        )
    inspection.status = step(inspection.status, Act.RETURN)
    return _decide(session, inspection, submission, Decision.RETURNED, told, by=by, at=at)


def approve(
    session: Session,
    inspection: Inspection,
    submission: Submission,
    *,
    judgements: Iterable[Judgement],
    opinion: str,
    by: User,
    at: datetime,
) -> Review:
    """Approve a submission with a word on each of its findings; the same again changes nothing.

    :raises Invalid: a finding is undecided or its wording has a fault; ``field`` names it.
    :raises Forbidden: see ``rules.check_reviewer``.
    :raises Conflict: the round is decided, or no longer the newest.
    """
    check_reviewer(inspection, by)
    if (known := _same(session, inspection, submission, Decision.APPROVED, by)) is not None:
        return known
    _check_open(session, inspection, submission)
    found = findings.ensure_derived(session, submission)
    told = _settle_all(inspection, found, judgements, opinion)
    inspection.status = step(inspection.status, Act.APPROVE)
    return _decide(session, inspection, submission, Decision.APPROVED, told, by=by, at=at)


def foresee(
    session: Session, inspection: Inspection, submission: Submission, *,
    judgements: Iterable[Judgement], opinion: str, by: User,
) -> tuple[list[Finding], str]:  # fmt: skip
    """Return the findings that approving would confirm, and the opinion; nothing is kept.

    The findings are rows of no session.

    :raises Invalid, Forbidden, Conflict: as approving does.
    """
    check_reviewer(inspection, by)
    _check_open(session, inspection, submission)
    found = [_copy(finding) for finding in findings.preview(session, submission)]
    told = _settle_all(inspection, found, judgements, opinion)
    return [finding for finding in found if finding.state is FindingState.CONFIRMED], told


def _copy(finding: Finding) -> Finding:
    names = [column.key for column in Finding.__mapper__.column_attrs]
    return Finding(**{name: getattr(finding, name) for name in names})


def _settle_all(
    inspection: Inspection, found: list[Finding], judgements: Iterable[Judgement], opinion: str
) -> str:
    """Write a supervisor's words into the findings; returns the opinion as it is kept."""
    told = rules.check_text(opinion, rules.OPINION_MOST, field="opinion")
    given = rules.check_judgements(
        inspection.version.definition,
        {finding.item_id: finding.source for finding in found},
        [_tidy(judgement) for judgement in judgements],
    )
    glyphs.check(_printed(told, given))
    for finding in found:
        _settle(finding, given[finding.item_id])
    return told


def _printed(opinion: str, given: Mapping[str, Judgement]) -> Iterator[tuple[str, str]]:
    """Yield what will stand on paper, with the field it was typed into."""
    yield "opinion", opinion
    for item_id, judgement in given.items():
        yield rules.field_of(item_id, "facts"), judgement.facts
        yield rules.field_of(item_id, "rectification"), judgement.rectification


def _tidy(judgement: Judgement) -> Judgement:
    parts = ("facts", "rectification", "reason")
    texts = {part: getattr(judgement, part).replace("\r\n", "\n").strip() for part in parts}
    return replace(judgement, **{part: text.replace("\x00", "") for part, text in texts.items()})


def _settle(finding: Finding, judgement: Judgement) -> None:
    finding.reason = judgement.reason
    if judgement.verdict is Verdict.DISMISS:
        finding.state = FindingState.DISMISSED
        return
    finding.state = FindingState.CONFIRMED
    finding.facts = judgement.facts
    finding.severity = judgement.severity
    finding.rectification = judgement.rectification
    finding.deadline_days = judgement.deadline_days


def _decide(
    session: Session, inspection: Inspection, submission: Submission, decision: Decision,
    opinion: str, *, by: User, at: datetime,
) -> Review:  # fmt: skip
    inspection.changed_at = at
    review = Review(
        inspection_id=inspection.id, submission_id=submission.id, decision=decision,
        opinion=opinion, by_id=by.id, by=by, at=at,
    )  # fmt: skip
    session.add(review)
    events.record(
        session, f"review.{decision.value}", inspection.id, by_id=by.id, at=at,
        number=submission.number, submission=str(submission.id),
    )  # fmt: skip
    return review


def _same(
    session: Session, inspection: Inspection, submission: Submission, decision: Decision, by: User
) -> Review | None:
    """Return the decision that this act would repeat: own, equal, on the newest round."""
    review = queries.review_of(session, submission)
    if review is None or submission.number != _latest(session, inspection):
        return None
    return review if (review.decision, review.by_id) == (decision, by.id) else None


def _check_open(session: Session, inspection: Inspection, submission: Submission) -> None:
    review = queries.review_of(session, submission)
    rules.check_undecided(
        review.decision if review else None,
        name=review.by.name if review else "",
        number=submission.number,
        latest=_latest(session, inspection),
    )


def _latest(session: Session, inspection: Inspection) -> int:
    newest = select(func.max(Submission.number)).filter_by(inspection_id=inspection.id)
    return session.scalar(newest) or 0
