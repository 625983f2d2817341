"""An approved inspection, made of rows: what the documents slice starts from."""

from hashlib import sha256
from uuid import UUID

from tests.documents.papers import photo
from tests.factories import AT, submitted
from webapp.accounts.models import User
from webapp.core import events
from webapp.core.db import db
from webapp.documents.workshop import workshop
from webapp.findings.models import Finding
from webapp.findings.rules import FindingSource, FindingState, Severity
from webapp.inspections.models import Evidence, Inspection
from webapp.inspections.rules import Status
from webapp.reviews.models import Decision, Review

FACTS = "抽查2026年2月派车单31份，有2份没有审批人签字，需要进一步核实。"
OPINION = "请先核清里程差异，再完善派车审批办法。"


def approved(
    failed: tuple[str, ...] = ("GC-01", "GC-20"), *, facts: str = FACTS, transfer: bool = False,
    **where: str,
) -> UUID:  # fmt: skip
    """Make an inspection whose findings a supervisor has just confirmed; returns its id."""
    inspection_id = submitted(failed, **where)
    with db.writing() as session:
        approve(session, inspection_id, failed, facts=facts, transfer=transfer)
    return inspection_id


def approve(session, inspection_id, failed, *, facts=FACTS, transfer=False, record=True):
    """Write what the reviews slice writes when a supervisor approves."""
    inspection = session.get_one(Inspection, inspection_id)
    submission = inspection.submissions[-1]
    zhou = session.query(User).filter_by(username="zhou").one()
    inspection.status = Status.APPROVED
    session.query(Finding).filter_by(submission_id=submission.id).delete()
    checklist = inspection.version.definition
    for place, item_id in enumerate(failed):
        item = checklist.item(item_id)
        session.add(
            Finding(
                bureau_id=inspection.bureau_id, unit_id=inspection.unit_id, item_id=item_id,
                inspection_id=inspection.id, submission_id=submission.id,
                source=FindingSource.ITEM, state=FindingState.CONFIRMED, severity=Severity.MAJOR,
                facts=facts,
                basis=[{"law": checklist.laws[b.law].title.zh, "article": b.article.zh,
                        "verified": b.verified} for b in item.basis],
                rectification=item.rectification.zh, deadline_days=15 + place,
                deadline_unit="working" if place else "calendar", transfer=transfer,
            )
        )  # fmt: skip
    review = Review(
        inspection_id=inspection.id, submission_id=submission.id, decision=Decision.APPROVED,
        opinion=OPINION, by_id=zhou.id, at=AT,
    )  # fmt: skip
    session.add(review)
    session.flush()
    if record:
        events.record(
            session, "review.approved", inspection.id, by_id=zhou.id, at=AT,
            number=submission.number, review=review.id,
        )  # fmt: skip


def kept_photo(session, bureau_id: int, by_id: int, number: int = 1) -> str:
    """Keep a drawn photo as evidence; returns the original's digest."""
    data = photo(number)
    original = workshop().storage.put(data + b"\0")
    derivative = workshop().storage.put(data)
    assert original == sha256(data + b"\0").hexdigest()
    session.add(
        Evidence(
            bureau_id=bureau_id, sha256=original, derivative_sha256=derivative,
            media_type="image/jpeg", size_bytes=len(data), width_px=960, height_px=720,
            by_id=by_id, at=AT,
        )
    )  # fmt: skip
    return original
