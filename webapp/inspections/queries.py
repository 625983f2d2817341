"""Reads of inspections, always as seen by a user: a stranger finds nothing."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Table, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, lazyload, undefer
from sqlalchemy.orm.exc import StaleDataError

from webapp.accounts.models import User
from webapp.accounts.rules import Permission
from webapp.checklists.queries import version_with_id
from webapp.core.db import adopt
from webapp.core.errors import N_, Forbidden, NotFound
from webapp.core.prepared import Prepared
from webapp.inspections.models import (
    ChangeBatch,
    Evidence,
    Inspection,
    InspectionInspector,
    Submission,
)
from webapp.inspections.rules import Status

TEAMS = cast(Table, InspectionInspector.__table__)
VISITS = cast(Table, Inspection.__table__)
OF_TEAM = (TEAMS.c.inspection_id == bindparam("inspection")) & (
    TEAMS.c.user_id == bindparam("user")
)
MEMBER = Prepared(select(TEAMS.c.user_id).where(OF_TEAM))
MINE = Prepared(
    select(VISITS).where(
        VISITS.c.id == bindparam("inspection"), VISITS.c.bureau_id == bindparam("bureau"),
        exists().where(OF_TEAM),
    )
)  # fmt: skip
REVISION = Prepared(
    select(VISITS.c.revision).where(VISITS.c.id == bindparam("inspection")).with_for_update()
)
CHANGES = 0x6D63  # among the database's advisory locks: the turn to store changes
TURN = Prepared(
    select(
        func.pg_advisory_xact_lock(
            bindparam("what", type_=Integer), bindparam("bureau", type_=Integer)
        )
    )
)
HANDED_IN = (Status.SUBMITTED, Status.RETURNED, Status.APPROVED)


def visible(user: User) -> Select[Inspection]:
    """Return the query for all inspections that ``user`` may know of.

    An inspector: those of the own teams; a supervisor: all that was handed in; the head of a
    unit: what was approved about it.  Never another bureau's.
    """
    mine = Inspection.id.in_(
        select(InspectionInspector.inspection_id).where(InspectionInspector.user_id == user.id)
    )
    ways: list[ColumnElement[bool]] = [mine]
    if Permission.INSPECTION_REVIEW in user.permissions:
        ways.append(Inspection.status.in_(HANDED_IN))
    if Permission.ARCHIVE_READ in user.permissions:
        ways.append(Inspection.status == Status.APPROVED)
    if Permission.FINDING_READ in user.permissions:
        ways.append((Inspection.unit_id == user.unit_id) & (Inspection.status == Status.APPROVED))
    return select(Inspection).where(Inspection.bureau_id == user.bureau_id, or_(*ways))


def inspection_of(
    session: Session, user: User, inspection_id: UUID, *, lock: bool = False
) -> Inspection:
    """Return an inspection with its answers, as seen by ``user``.

    ``lock`` also keeps others from changing it before this transaction ends.

    :raises NotFound: there is none, or not for this user.
    """
    query = visible(user).where(Inspection.id == inspection_id)
    query = query.options(undefer(Inspection.state), lazyload(Inspection.inspectors))
    if lock:
        query = query.with_for_update(of=Inspection).execution_options(populate_existing=True)
    inspection = session.scalars(query).unique().one_or_none()
    if inspection is None:
        raise NotFound(N_("没有找到这次督查"))
    return inspection


def own_inspection(
    session: Session, user: User, inspection_id: UUID, *, lock: bool = False
) -> Inspection:
    """Return an inspection that ``user`` is on the team of.

    ``lock`` takes the bureau's turn first (see ``take_turn``).

    :raises NotFound: not known to this user at all.
    :raises Forbidden: known, but somebody else's to fill in.
    """
    if lock:
        take_turn(session, user.bureau_id)
    else:
        asked = {"inspection": inspection_id, "user": user.id, "bureau": user.bureau_id}
        if row := MINE.first(session, asked):
            return _inspection(session, dict(zip(VISITS.c.keys(), row, strict=True)))
    inspection = inspection_of(session, user, inspection_id, lock=lock)
    if MEMBER.first(session, {"inspection": inspection_id, "user": user.id}) is None:
        raise Forbidden(N_("你不是这次督查的督查员"))
    return inspection


def _inspection(session: Session, row: dict[str, Any]) -> Inspection:
    version = version_with_id(session, row["checklist_version_id"])
    return adopt(session, Inspection, row | {"version": version})


def hold(session: Session, inspection: Inspection) -> None:
    """Keep others from changing an inspection that was read without a lock.

    :raises StaleDataError: somebody was first.
    """
    row = REVISION.first(session, {"inspection": inspection.id})
    if row is None or row[0] != inspection.revision:
        raise StaleDataError(f"inspection {inspection.id} is past revision {inspection.revision}")


def take_turn(session: Session, bureau_id: int) -> None:
    """Let a bureau's changes be stored one after the other, until the transaction ends.

    Their numbers are a phone's cursor: none may appear after a higher one was seen.  SQLite has
    one writer anyway; PostgreSQL gives numbers out before it commits.
    """
    if session.get_bind().dialect.name == "postgresql":
        TURN.first(session, {"what": CHANGES, "bureau": bureau_id})


def tasks_of(session: Session, user: User, *, limit: int = 200) -> Sequence[Inspection]:
    """Return the inspections of the user's teams, the latest planned first."""
    query = (
        select(Inspection)
        .join(InspectionInspector)
        .where(InspectionInspector.user_id == user.id)
        .order_by(Inspection.planned_on.desc(), Inspection.id.desc())
        .limit(limit)
    )
    return session.scalars(query).unique().all()


def known_to(session: Session, user: User, *, limit: int = 200) -> Sequence[Inspection]:
    """Return the inspections that ``user`` may know of, the latest opened first."""
    query = visible(user).order_by(Inspection.opened_at.desc(), Inspection.id.desc())
    return session.scalars(query.limit(limit)).unique().all()


def submission_of(session: Session, inspection: Inspection, number: int) -> Submission:
    """Return one round of an inspection, with its answers.

    :raises NotFound: there was no such round.
    """
    query = (
        select(Submission)
        .filter_by(inspection_id=inspection.id, number=number)
        .options(undefer(Submission.answers))
    )
    submission = session.scalar(query)
    if submission is None:
        raise NotFound(N_("没有这一次提交"))
    return submission


def latest_submission(session: Session, inspection: Inspection) -> Submission:
    """Return the newest round, with its answers.

    :raises NotFound: nothing was handed in yet.
    """
    return submission_of(session, inspection, len(inspection.submissions))


def batches_of(session: Session, inspection_id: UUID) -> Sequence[ChangeBatch]:
    """Return all changes ever stored for an inspection, in their order."""
    query = select(ChangeBatch).filter_by(inspection_id=inspection_id).order_by(ChangeBatch.seq)
    return session.scalars(query).all()


def evidence_of(session: Session, user: User, sha256: str) -> Evidence:
    """Return a photo of the user's bureau.

    :raises NotFound: there is none.
    """
    evidence = session.get(Evidence, (user.bureau_id, sha256))
    if evidence is None:
        raise NotFound(N_("没有找到这张照片"))
    return evidence
