"""Doing what a phone sent, item by item: each is taken or refused by itself, with a receipt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from webapp.accounts.models import User
from webapp.accounts.queries import inspectors_of, unit_in
from webapp.accounts.rules import Permission
from webapp.checklists.models import ChecklistVersion
from webapp.checklists.queries import latest_version, version_numbered
from webapp.core.db import db
from webapp.core.errors import N_, Conflict, Forbidden, Invalid, Refused
from webapp.core.prepared import Prepared
from webapp.core.wire import Problem, parsed
from webapp.inspections import messages, queries, rules, service
from webapp.inspections.models import ChangeBatch, Inspection
from webapp.inspections.rules import Change, Outcome

NEWS_MAX = 100
BATCHES = cast(Table, ChangeBatch.__table__)
NEAR = 500


def _news(mine: ColumnElement[bool]) -> Prepared:
    return Prepared(
        select(BATCHES.c.seq, BATCHES.c.inspection_id, BATCHES.c.by_id, BATCHES.c.changes)
        .join(queries.TEAMS, queries.TEAMS.c.inspection_id == BATCHES.c.inspection_id)
        .where(mine, BATCHES.c.by_id != bindparam("user"), BATCHES.c.seq > bindparam("cursor"))
        .order_by(BATCHES.c.seq)
        .limit(NEWS_MAX)
    )


NEWS = _news(queries.TEAMS.c.user_id == bindparam("user"))  # looks into each inspection of mine
NEWS_SINCE = _news(queries.TEAMS.c.user_id + 0 == bindparam("user"))  # into each batch since
Tell = Callable[[Refused], dict[str, Any]]
Act = Callable[[], messages.ItemResult]


class _InTurn(Exception):  # noqa: N818 - nothing went wrong
    """What comes of an item hangs on what an earlier one of the same message has written."""


@dataclass
class Intake:
    """One message being taken: who sent it from which device, and the inspections it is about.

    Each is read once a message, not once an item.  Until ``writing`` they are read without a lock,
    and those ``changed`` have changes that are not in the database yet.
    """

    session: Session
    by: User
    device: str
    at: datetime
    tell: Tell
    held: dict[UUID, Inspection] = field(default_factory=dict)
    unlocked: list[Inspection] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)
    writing: bool = False

    def receive(self, items: Sequence[messages.SyncItem]) -> list[messages.ItemResult]:
        """Do all items in a writing transaction of their own, which is left open.

        Nearly always nothing is refused and nobody else writes to the same inspection: then all
        is decided before the transaction begins, which only makes sure and writes.
        """
        try:
            acts = [self._planned(item) for item in items]
            self._begin()
            queries.take_turn(self.session, self.by.bureau_id)
            for inspection in self.unlocked:
                queries.hold(self.session, inspection)
            return [act() for act in acts]
        except (Refused, IntegrityError, StaleDataError, _InTurn):
            self._forget()
            self.session.rollback()
            self.session.info.pop("owed", None)
        self._begin()
        return self.take(items)

    def _begin(self) -> None:
        db.begin_write(self.session)

    def take(self, items: Sequence[messages.SyncItem]) -> list[messages.ItemResult]:
        """Do all items in the running transaction; one that is refused is undone by itself."""
        self.writing = True
        queries.take_turn(self.session, self.by.bureau_id)
        return [self._alone(item) for item in items]

    def inspection(self, inspection_id: UUID) -> Inspection:
        """Return an inspection of this inspector's own, locked where we are writing.

        :raises Forbidden: it is somebody else's, or not for this role at all.
        :raises NotFound: not known to this user.
        """
        by = _allowed(self.by, Permission.INSPECTION_FILL)
        if inspection_id not in self.held:
            found = queries.own_inspection(self.session, by, inspection_id, lock=self.writing)
            self.held[inspection_id] = found
            if not self.writing:
                self.unlocked.append(found)
        return self.held[inspection_id]

    @property
    def settled(self) -> int:
        """The highest number that this message gave; 0 where it gave none."""
        return max((one.seq for one in self.held.values() if one.id in self.changed), default=0)

    def _alone(self, item: messages.SyncItem) -> messages.ItemResult:
        try:
            with self.session.begin_nested():
                return self._planned(item)()
        except Refused as refusal:
            self._forget()
            return _refused(item.id, self.tell(refusal))
        except IntegrityError:
            self._forget()
            taken = Conflict(N_("这个编号已经用过"), code="id_taken")
            return _refused(item.id, self.tell(taken))

    def _planned(self, item: messages.SyncItem) -> Act:
        body = parsed(messages.BODIES[item.kind], item.body)
        return ACTS[item.kind](self, item.id, body)

    def _forget(self) -> None:
        """Look at the database afresh: what a savepoint undid is still in memory."""
        for inspection in self.held.values():
            self.session.expunge(inspection)
        self.held.clear()
        self.unlocked.clear()
        self.session.expire_all()


def _refused(item_id: UUID, told: dict[str, Any]) -> messages.ItemResult:
    return messages.ItemResult(id=item_id, status="refused", problem=Problem.model_validate(told))


def _allowed(by: User, permission: Permission) -> User:
    if permission not in by.permissions:
        raise Forbidden(N_("你的角色不能进行这项操作"))
    return by


def _written(plan: service.Plan[Any], result: messages.ItemResult) -> Act:
    """Return how to write a plan and say what came of it."""

    def act() -> messages.ItemResult:
        plan.write()
        return result

    return act


def _open(intake: Intake, item_id: UUID, body: messages.InspectionBody) -> Act:
    session, by = intake.session, _allowed(intake.by, Permission.INSPECTION_OPEN)
    if service.is_open(session, item_id):
        return partial(_opened, queries.own_inspection(session, by, item_id), "duplicate")
    team = inspectors_of(session, by.bureau_id, body.inspectors)
    unit = unit_in(session, by.bureau_id, body.unit)
    if unit is None:
        raise Invalid(N_("请选择被督查单位"), field="unit")
    if len(team) != len(set(body.inspectors)):
        raise Invalid(N_("有的人不是本单位的督查员"), field="inspectors", code="no_such_inspector")
    plan = service.plan_opening(
        session,
        inspection_id=item_id,
        unit=unit,
        version=_version(session, body),
        inspectors=team,
        planned_on=body.planned_on,
        by=by,
        at=intake.at,
    )
    intake.held[item_id] = plan.result
    return lambda: _opened(plan.done(), "applied")


def _opened(inspection: Inspection, status: messages.Outcome) -> messages.ItemResult:
    receipt = rules.digest([str(inspection.id), inspection.number])
    return messages.ItemResult(id=inspection.id, status=status, receipt=receipt)


def _version(session: Session, body: messages.InspectionBody) -> ChecklistVersion:
    if body.version is None:
        return latest_version(session, body.checklist)
    return version_numbered(session, body.checklist, body.version)


def _change(intake: Intake, item_id: UUID, body: messages.ChangesBody) -> Act:
    inspection = intake.inspection(body.inspection)
    if body.inspection in intake.changed and not intake.writing:
        raise _InTurn
    intake.changed.add(body.inspection)
    plan = service.plan_changes(
        intake.session,
        inspection,
        batch_id=item_id,
        changes=[_change_of(change) for change in body.changes],
        by=intake.by,
        at=intake.at,
        device=intake.device,
    )
    told = [
        _told(change.id, result, intake.tell)
        for change, result in zip(body.changes, plan.result, strict=True)
    ]
    statuses = {change["status"] for change in told}
    if statuses == {"refused"}:
        raise next(result.refusal for result in plan.result if result.refusal)
    status: messages.Outcome = "conflict" if "conflict" in statuses else "applied"
    if statuses and statuses <= {"duplicate", "refused"}:
        status = "duplicate"
    receipt = rules.digest(body.model_dump(mode="json")["changes"])
    result = messages.ItemResult(id=item_id, status=status, receipt=receipt, changes=told)
    return _written(plan, result)


def _change_of(body: messages.ChangeBody) -> Change:
    return Change(
        id=str(body.id),
        question=body.question,
        value=body.value,
        base=str(body.base) if body.base else None,
        device_time=body.device_time,
        settles=tuple(map(str, body.settles)),
    )


def _told(change_id: UUID, result: service.Result, tell: Tell) -> messages.ChangeResult:
    if result.refusal is not None:
        told = Problem.model_validate(tell(result.refusal))
        return {
            "id": change_id, "question": result.question, "status": "refused", "problem": told,
        }  # fmt: skip
    outcome = result.outcome or Outcome.APPLIED
    return {"id": change_id, "question": result.question, "status": outcome.value}


def _sign(intake: Intake, item_id: UUID, body: messages.SignatureBody) -> Act:
    inspection = intake.inspection(body.inspection)
    known = service.signature_of(inspection, item_id) is not None
    plan = service.plan_signature(
        intake.session,
        inspection,
        signature_id=item_id,
        role=body.role,
        signer=next((u for u in inspection.inspectors if u.id == body.signer), None),
        name=body.name.strip(),
        position=body.position.strip(),
        method=body.method,
        strokes=body.strokes.model_dump() if body.strokes else None,
        reason=body.reason.strip(),
        witness=body.witness.strip(),
        digest=body.digest,
        by=intake.by,
        at=intake.at,
    )
    result = messages.ItemResult(
        id=item_id, status="duplicate" if known else "applied",
        receipt=rules.digest([str(plan.result.id), plan.result.digest]),
    )  # fmt: skip
    return _written(plan, result)


def _submit(intake: Intake, item_id: UUID, body: messages.SubmissionBody) -> Act:
    inspection = intake.inspection(body.inspection)
    known = service.submission_of(inspection, item_id) is not None
    plan = service.plan_submission(
        intake.session, inspection, submission_id=item_id, by=intake.by, at=intake.at
    )
    result = messages.ItemResult(
        id=item_id, status="duplicate" if known else "applied", receipt=plan.result.digest
    )
    return _written(plan, result)


ACTS: dict[str, Callable[[Intake, UUID, Any], Act]] = {
    "inspection": _open,
    "changes": _change,
    "signature": _sign,
    "submission": _submit,
}


def news(session: Session, user: User, cursor: int, settled: int = 0) -> list[messages.News]:
    """Return what others changed in this user's inspections since ``cursor``, oldest first.

    ``settled`` is a number that was given just now, if any.
    """
    if user.permissions.isdisjoint({Permission.INSPECTION_FILL, Permission.INSPECTION_READ}):
        return []
    query = NEWS_SINCE if cursor <= settled <= cursor + NEAR and settled else NEWS
    found = query.rows(session, {"user": user.id, "cursor": cursor})
    return [
        messages.News.model_validate(
            {"seq": seq, "inspection": inspection, "by": by, "changes": changes}
        )
        for seq, inspection, by, changes in found
    ]


def next_cursor(news: Sequence[messages.News], cursor: int, settled: int) -> int:
    """Return where the phone goes on: past all that it was told, and what no longer can be news.

    Below ``settled`` nothing of this bureau is stored any more (see ``queries.take_turn``).
    """
    last = news[-1].seq if news else cursor
    return last if len(news) == NEWS_MAX else max(last, settled)
