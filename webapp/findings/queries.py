"""Reads of findings, always as seen by a user: a stranger finds nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import Unit, User
from webapp.accounts.rules import Permission
from webapp.findings.models import Finding, FindingState, Severity
from webapp.inspections.models import Inspection, Submission

PAGE = 30
COUNT_MOST = 10_000


def findings_of(session: Session, submission: Submission) -> list[Finding]:
    """Return the kept findings of one round, in the checklist's order."""
    query = select(Finding).where(Finding.submission_id == submission.id).order_by(Finding.id)
    return list(session.scalars(query))


def confirmed_of(session: Session, inspection: Inspection) -> list[Finding]:
    """Return what a supervisor confirmed, in the checklist's order."""
    query = (
        select(Finding)
        .where(Finding.inspection_id == inspection.id, Finding.state == FindingState.CONFIRMED)
        .order_by(Finding.id)
    )
    return list(session.scalars(query))


def visible(user: User) -> Select[Finding]:
    """Return the query for all decided findings that ``user`` may know of.

    A supervisor: the bureau's, dismissed ones included; the head of a unit: the confirmed ones
    about that unit.  Never another bureau's.
    """
    query = select(Finding).where(Finding.bureau_id == user.bureau_id)
    if Permission.INSPECTION_REVIEW in user.permissions:
        return query.where(Finding.state != FindingState.DERIVED)
    if Permission.FINDING_READ in user.permissions:
        return query.where(Finding.unit_id == user.unit_id, Finding.state == FindingState.CONFIRMED)
    return query.where(false())


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see of the list.

    ``overdue_on`` keeps only what was due before that day.
    """

    unit_id: int | None = None
    severity: Severity | None = None
    state: FindingState = FindingState.CONFIRMED
    overdue_on: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A finding with what the list says about its inspection."""

    finding: Finding
    unit: Unit
    inspection_number: str
    checklist_title: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, newest first, and the ids between which the neighbours lie."""

    rows: Sequence[Row]
    newer: int | None
    older: int | None


def page_of(
    session: Session, user: User, wanted: Wanted, *, before: int | None, after: int | None
) -> Page:
    """Return a page of the list: the newest, those before, or those after a finding's id."""
    query = (
        _wanted(user, wanted)
        .join(Unit, Unit.id == Finding.unit_id)
        .join(Inspection, Inspection.id == Finding.inspection_id)
        .add_columns(Unit, Inspection.number, Inspection.checklist_title)
        .limit(PAGE + 1)
    )
    if after is not None:
        query = query.where(Finding.id > after).order_by(Finding.id)
    else:
        query = query.order_by(Finding.id.desc())
        query = query.where(Finding.id < before) if before is not None else query
    found = [Row(*row) for row in session.execute(query).unique()]
    more, rows = len(found) > PAGE, found[:PAGE]
    if after is not None:
        rows.reverse()
    has_newer = more if after is not None else before is not None
    has_older = after is not None or more
    return Page(
        rows,
        newer=rows[0].finding.id if rows and has_newer else None,
        older=rows[-1].finding.id if rows and has_older else None,
    )


def count_of(session: Session, user: User, wanted: Wanted) -> int:
    """Count the list, no further than one past ``COUNT_MOST``."""
    some = _wanted(user, wanted).with_only_columns(Finding.id).limit(COUNT_MOST + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _wanted(user: User, wanted: Wanted) -> Select[Finding]:
    query = visible(user).where(Finding.state == wanted.state)
    if wanted.unit_id is not None:
        query = query.where(Finding.unit_id == wanted.unit_id)
    if wanted.severity is not None:
        query = query.where(Finding.severity == wanted.severity)
    if wanted.overdue_on is not None:
        query = query.where(Finding.due_on < wanted.overdue_on, Finding.transfer.is_(False))
    return query
