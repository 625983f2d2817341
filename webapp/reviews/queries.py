"""Reads of decisions, comments and the supervisors' queue."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.findings.models import Finding, FindingSource
from webapp.inspections.models import Inspection, Submission
from webapp.inspections.rules import Status
from webapp.reviews.models import Comment, Decision, Review

PAGE = 30
COUNT_MOST = 10_000


def review_of(session: Session, submission: Submission) -> Review | None:
    """Return the decision on a submission, if there is one."""
    return session.scalars(select(Review).filter_by(submission_id=submission.id)).one_or_none()


def reviews_of(session: Session, inspection: Inspection) -> dict[UUID, Review]:
    """Return all decisions on an inspection, by submission."""
    query = select(Review).filter_by(inspection_id=inspection.id).order_by(Review.id)
    return {review.submission_id: review for review in session.scalars(query)}


def last_review(session: Session, inspection: Inspection) -> Review | None:
    """Return the newest decision on an inspection, if there is one."""
    query = select(Review).filter_by(inspection_id=inspection.id).order_by(Review.id.desc())
    return session.scalars(query.limit(1)).first()


def comments_on(session: Session, submission: Submission) -> dict[str, list[Comment]]:
    """Return the comments on one round, by item, oldest first."""
    query = select(Comment).filter_by(submission_id=submission.id).order_by(Comment.id)
    found: dict[str, list[Comment]] = defaultdict(list)
    for comment in session.scalars(query):
        found[comment.item_id].append(comment)
    return dict(found)


def comments_for(session: Session, inspection: Inspection) -> dict[str, list[Comment]]:
    """Return the comments on the round that was returned last, by item."""
    query = (
        select(Submission)
        .join(Review, Review.submission_id == Submission.id)
        .where(Review.inspection_id == inspection.id, Review.decision == Decision.RETURNED)
        .order_by(Submission.number.desc())
        .limit(1)
    )
    submission = session.scalars(query).first()
    return comments_on(session, submission) if submission else {}


# -- the queue --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the queue begins or ends."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Row:
    """An inspection of the queue with what its newest round amounts to."""

    inspection: Inspection
    submission: Submission
    found: Counter[FindingSource]
    review: Review | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows and where the neighbouring pages are."""

    rows: Sequence[Row] = field(default=())
    previous: Place | None = None
    next: Place | None = None


def queue(
    session: Session,
    user: User,
    status: Status,
    *,
    after: Place | None = None,
    before: Place | None = None,
) -> Page:
    """Return a page of what was handed in: the longest waiting first, the decided newest first.

    The ids come from the index alone; only then are the rows read, a page of them.
    """
    waiting_first = status is Status.SUBMITTED
    upwards = waiting_first is (before is None)
    key = tuple_(Inspection.submitted_at, Inspection.id)
    query = select(Inspection.id, Inspection.submitted_at).where(
        Inspection.bureau_id == user.bureau_id, Inspection.status == status
    )
    if (place := before or after) is not None:
        here = tuple_(place.at, place.id, types=key.type.types)
        query = query.where(key > here if upwards else key < here)
    order = (Inspection.submitted_at, Inspection.id)
    query = query.order_by(*(c.asc() if upwards else c.desc() for c in order)).limit(PAGE + 1)
    found = [Place(at, id_) for id_, at in session.execute(query) if at is not None]
    more, places = len(found) > PAGE, found[:PAGE]
    if before is not None:
        places.reverse()
    has_previous = more if before is not None else after is not None
    has_next = before is not None or more
    return Page(
        _rows(session, [place.id for place in places]),
        previous=places[0] if places and has_previous else None,
        next=places[-1] if places and has_next else None,
    )


def count_of(session: Session, user: User, status: Status) -> int:
    """Count a state's inspections, no further than one past ``COUNT_MOST``."""
    some = (
        select(Inspection.id)
        .where(Inspection.bureau_id == user.bureau_id, Inspection.status == status)
        .limit(COUNT_MOST + 1)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def _rows(session: Session, ids: Sequence[UUID]) -> list[Row]:
    if not ids:
        return []
    inspections = {
        i.id: i for i in session.scalars(select(Inspection).where(Inspection.id.in_(ids))).unique()
    }
    rounds = select(Submission).where(Submission.inspection_id.in_(ids))
    newest = {s.inspection_id: s for s in session.scalars(rounds.order_by(Submission.number))}
    of_newest = [submission.id for submission in newest.values()]
    found = _found(session, of_newest)
    reviews = {
        review.submission_id: review
        for review in session.scalars(select(Review).where(Review.submission_id.in_(of_newest)))
    }
    return [
        Row(inspections[i], newest[i], found[newest[i].id], reviews.get(newest[i].id))
        for i in ids
        if i in newest
    ]


def _found(session: Session, submissions: Sequence[UUID]) -> dict[UUID, Counter[FindingSource]]:
    query = (
        select(Finding.submission_id, Finding.source, func.count())
        .where(Finding.submission_id.in_(submissions))
        .group_by(Finding.submission_id, Finding.source)
    )
    found: dict[UUID, Counter[FindingSource]] = defaultdict(Counter)
    for submission_id, source, count in session.execute(query):
        found[submission_id][source] = count
    return found
