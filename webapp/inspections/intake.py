"""Doing what a phone sent, item by item: a savepoint each, a receipt for each."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.accounts.models import Unit, User
from webapp.accounts.queries import inspectors_of
from webapp.accounts.rules import Permission
from webapp.checklists.queries import latest_version
from webapp.core.errors import N_, Conflict, Forbidden, Invalid, Refused
from webapp.core.wire import Problem, parsed
from webapp.inspections import messages, queries, rules, service
from webapp.inspections.models import (
    ChangeBatch,
    Inspection,
    InspectionInspector,
    Signature,
    Submission,
)
from webapp.inspections.rules import Change, Outcome

NEWS_MAX = 100
Tell = Callable[[Refused], dict[str, Any]]


def take(
    session: Session, item: messages.SyncItem, *, by: User, device: str, at: datetime, tell: Tell
) -> messages.ItemResult:
    """Do one item; a refusal undoes this item alone."""
    savepoint = session.begin_nested()
    try:
        result = ACTS[item.kind](session, item, by, device, at, tell)
        savepoint.commit()
        return result
    except Refused as refusal:
        savepoint.rollback()
        return _refused(item.id, tell(refusal))
    except IntegrityError:
        savepoint.rollback()
        taken = Conflict(N_("这个编号已经用过"), code="id_taken")
        return _refused(item.id, tell(taken))


def _refused(item_id: UUID, told: dict[str, Any]) -> messages.ItemResult:
    return messages.ItemResult(id=item_id, status="refused", problem=Problem.model_validate(told))


def _inspector(by: User) -> User:
    if Permission.INSPECTION_FILL not in by.permissions:
        raise Forbidden(N_("你的角色不能进行这项操作"))
    return by


def _open(session: Session, item: messages.SyncItem, by: User, _device: str, at: datetime,
          _tell: Tell) -> messages.ItemResult:  # fmt: skip
    body = parsed(messages.InspectionBody, item.body)
    known = session.get(Inspection, item.id) is not None
    team = [user for user in inspectors_of(session, by.bureau_id) if user.id in body.inspectors]
    unit = session.scalar(select(Unit).where(Unit.id == body.unit, Unit.bureau_id == by.bureau_id))
    if unit is None:
        raise Invalid(N_("请选择被督查单位"), field="unit")
    if len(team) != len(set(body.inspectors)):
        raise Invalid(N_("有的人不是本单位的督查员"), field="inspectors", code="no_such_inspector")
    inspection = service.open_inspection(
        session,
        inspection_id=item.id,
        unit=unit,
        version=latest_version(session, body.checklist),
        inspectors=team,
        planned_on=body.planned_on,
        by=_inspector(by),
        at=at,
    )
    receipt = rules.digest([str(inspection.id), inspection.number])
    status = "duplicate" if known else "applied"
    return messages.ItemResult(id=item.id, status=status, receipt=receipt)


def _change(session: Session, item: messages.SyncItem, by: User, device: str, at: datetime,
            tell: Tell) -> messages.ItemResult:  # fmt: skip
    body = parsed(messages.ChangesBody, item.body)
    inspection = queries.own_inspection(session, _inspector(by), body.inspection, lock=True)
    results = service.record_changes(
        session,
        inspection,
        batch_id=item.id,
        changes=[_change_of(change) for change in body.changes],
        by=by,
        at=at,
        device=device,
    )
    told = [_told(result, tell) for result in results]
    statuses = {change.status for change in told}
    if statuses == {"refused"}:
        raise next(result.refusal for result in results if result.refusal)
    status = "conflict" if "conflict" in statuses else "applied"
    if statuses and statuses <= {"duplicate"}:
        status = "duplicate"
    receipt = rules.digest([c.model_dump(mode="json") for c in body.changes])
    return messages.ItemResult(id=item.id, status=status, receipt=receipt, changes=told)


def _change_of(body: messages.ChangeBody) -> Change:
    return Change(
        id=str(body.id),
        question=body.question,
        value=body.value,
        base=str(body.base) if body.base else None,
        device_time=body.device_time,
        settles=tuple(map(str, body.settles)),
    )


def _told(result: service.Result, tell: Tell) -> messages.ChangeResult:
    if result.refusal is not None:
        told = Problem.model_validate(tell(result.refusal))
        return messages.ChangeResult(
            id=UUID(result.change_id), question=result.question, status="refused", problem=told
        )
    outcome = result.outcome or Outcome.APPLIED
    return messages.ChangeResult(
        id=UUID(result.change_id), question=result.question, status=outcome.value
    )


def _sign(session: Session, item: messages.SyncItem, by: User, _device: str, at: datetime,
          _tell: Tell) -> messages.ItemResult:  # fmt: skip
    body = parsed(messages.SignatureBody, item.body)
    inspection = queries.own_inspection(session, _inspector(by), body.inspection, lock=True)
    known = session.get(Signature, item.id) is not None
    signature = service.sign(
        session,
        inspection,
        signature_id=item.id,
        role=body.role,
        signer=next((u for u in inspection.inspectors if u.id == body.signer), None),
        name=body.name.strip(),
        position=body.position.strip(),
        method=body.method,
        strokes=body.strokes.model_dump() if body.strokes else None,
        reason=body.reason.strip(),
        witness=body.witness.strip(),
        digest=body.digest,
        by=by,
        at=at,
    )
    return messages.ItemResult(
        id=item.id, status="duplicate" if known else "applied",
        receipt=rules.digest([str(signature.id), signature.digest]),
    )  # fmt: skip


def _submit(session: Session, item: messages.SyncItem, by: User, _device: str, at: datetime,
            _tell: Tell) -> messages.ItemResult:  # fmt: skip
    body = parsed(messages.SubmissionBody, item.body)
    inspection = queries.own_inspection(session, _inspector(by), body.inspection, lock=True)
    known = session.get(Submission, item.id) is not None
    submission = service.submit(session, inspection, submission_id=item.id, by=by, at=at)
    return messages.ItemResult(
        id=item.id, status="duplicate" if known else "applied", receipt=submission.digest
    )


ACTS: dict[str, Callable[..., messages.ItemResult]] = {
    "inspection": _open,
    "changes": _change,
    "signature": _sign,
    "submission": _submit,
}


def news(session: Session, user: User, cursor: int) -> Sequence[ChangeBatch]:
    """Return what others changed in this user's inspections since ``cursor``, oldest first."""
    query = (
        select(ChangeBatch)
        .join(InspectionInspector, InspectionInspector.inspection_id == ChangeBatch.inspection_id)
        .where(
            InspectionInspector.user_id == user.id,
            ChangeBatch.by_id != user.id,
            ChangeBatch.seq > cursor,
        )
        .order_by(ChangeBatch.seq)
        .limit(NEWS_MAX)
    )
    return session.scalars(query).all()
