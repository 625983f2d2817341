"""Deriving findings.

It is on the worker's busiest path: one row read, one insert for all findings, nothing when the
submission amounts to nothing.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, undefer

from webapp.checklists.models import ChecklistVersion
from webapp.core.clock import local_day
from webapp.core.events import Event
from webapp.findings import queries, rules
from webapp.findings.models import Finding
from webapp.findings.rules import Derived
from webapp.inspections.models import Inspection, Submission
from webapp.policies import queries as policies
from webapp.policies.rules import Figures


def derive(session: Session, event: Event) -> None:
    """Derive the findings of a submission (reaction to ``inspection.submitted``)."""
    submission = session.scalars(
        select(Submission)
        .filter_by(inspection_id=UUID(event.subject), number=event.data["number"])
        .options(undefer(Submission.answers))
    ).one()
    ensure_derived(session, submission)


def ensure_derived(session: Session, submission: Submission) -> list[Finding]:
    """Return the submission's findings, deriving them if nobody has yet.

    Whoever comes second waits for the first and finds the work done.
    """
    session.execute(select(Submission.id).where(Submission.id == submission.id).with_for_update())
    known = queries.findings_of(session, submission)
    if known:
        return known
    found = _amounts_to(session, submission)
    session.add_all(found)
    session.flush()
    return found


def preview(session: Session, submission: Submission) -> list[Finding]:
    """Return a submission's findings for reading: the kept ones, else rows that are not kept."""
    return queries.findings_of(session, submission) or _amounts_to(session, submission)


def figures_for(session: Session, inspection: Inspection, submission: Submission) -> Figures:
    """Return the policy figures that a submission is judged by: as known when it was handed in."""
    checklist = inspection.version.definition
    return policies.figures(session, inspection.bureau_id, checklist, at=submission.at)


def day_of(submission: Submission) -> str:
    """Return the ISO day of the visit that a submission tells of."""
    return rules.visit_day(submission.answers, local_day(submission.at))


def _amounts_to(session: Session, submission: Submission) -> list[Finding]:
    place = session.execute(
        select(Inspection.bureau_id, Inspection.unit_id, Inspection.checklist_version_id).where(
            Inspection.id == submission.inspection_id
        )
    ).one()
    version = session.get_one(
        ChecklistVersion,
        place.checklist_version_id,
        options=[defer(ChecklistVersion.content)],  # parsed once per process, known by its digest
    )
    figures = policies.figures(session, place.bureau_id, version.definition, at=submission.at)
    found = rules.derive(version.definition, submission.answers, day_of(submission), figures)
    return [_row(submission, place.bureau_id, place.unit_id, derived) for derived in found]


def _row(submission: Submission, bureau_id: int, unit_id: int, derived: Derived) -> Finding:
    return Finding(
        bureau_id=bureau_id,
        unit_id=unit_id,
        inspection_id=submission.inspection_id,
        submission_id=submission.id,
        item_id=derived.item_id,
        source=derived.source,
        state=rules.FindingState.DERIVED,
        severity=derived.severity,
        facts=derived.facts,
        basis=derived.basis_json,
        figures=[one.as_json for one in derived.figures],
        rectification=derived.rectification,
        deadline_days=derived.deadline_days,
        deadline_unit=derived.deadline_unit,
        transfer=derived.transfer,
        reason="",
    )
