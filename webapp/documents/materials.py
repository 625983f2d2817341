"""What the two papers of an inspection are made from, read from the database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from webapp.accounts.models import User
from webapp.core.calendar import DayUnit
from webapp.core.errors import Invalid
from webapp.documents import queries
from webapp.documents.assembly import Material
from webapp.documents.workshop import workshop
from webapp.findings.models import Finding
from webapp.findings.rules import FindingState, due_on
from webapp.inspections.models import Evidence, Inspection, Submission
from webapp.reviews.models import Decision, Review


def of_approved(session: Session, inspection: Inspection, issued_on: date) -> Material:
    """Return an approved inspection's material, the deadlines counted from the day of issue."""
    approved = select(Review).where(
        Review.inspection_id == inspection.id, Review.decision == Decision.APPROVED
    )
    review = session.scalars(approved.order_by(Review.id.desc()).limit(1)).one()
    submission = session.get_one(
        Submission, review.submission_id, options=[undefer(Submission.answers)]
    )
    found = select(Finding).where(
        Finding.submission_id == submission.id, Finding.state == FindingState.CONFIRMED
    )
    findings = session.scalars(found.order_by(Finding.id)).all()
    return material(
        session, inspection, submission,
        findings=findings, opinion=review.opinion, reviewer=review.by, issued_on=issued_on,
    )  # fmt: skip


def material(
    session: Session, inspection: Inspection, submission: Submission, *,
    findings: Sequence[Finding], opinion: str, reviewer: User, issued_on: date,
) -> Material:  # fmt: skip
    """Return what the papers would be made from, were these findings confirmed on that day."""
    settings = workshop().settings
    for finding in findings:
        if finding.deadline_days is not None and not finding.transfer:
            finding.due_on = _due_on(finding, issued_on, finding.deadline_days)
    return Material(
        inspection=inspection,
        submission=submission,
        opinion=opinion,
        reviewer=reviewer,
        findings=findings,
        evidence=_evidence(session, inspection.bureau_id, submission.answers),
        head=queries.head_of(session, inspection.unit_id),
        issued_on=issued_on,
        zone=settings.zone,
        is_demo=settings.is_demo,
    )


def _due_on(finding: Finding, issued_on: date, days: int) -> date | None:
    """Return the last day; a year without a work calendar is not guessed."""
    unit: DayUnit = "working" if finding.deadline_unit == "working" else "calendar"
    try:
        return due_on(issued_on, days, unit)
    except Invalid:
        return None


def _evidence(session: Session, bureau_id: int, answers: Mapping[str, Any]) -> dict[str, Evidence]:
    wanted = {photo["sha256"] for value in answers.values() for photo in _photos(value)}
    query = select(Evidence).where(Evidence.bureau_id == bureau_id, Evidence.sha256.in_(wanted))
    return {one.sha256: one for one in session.scalars(query)}


def _photos(value: object) -> Iterable[Mapping[str, str]]:
    rows = value if isinstance(value, list) else []
    return [row for row in rows if isinstance(row, dict) and "sha256" in row]
