"""Recording what was entered: parse, fold, append."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.accounts.models import User
from webapp.checklists.definitions import Checklist
from webapp.checklists.questions import KINDS
from webapp.core.db import append
from webapp.core.errors import N_, Conflict, Invalid, NotFound, Refused
from webapp.core.prepared import Prepared
from webapp.inspections import rules
from webapp.inspections.models import ChangeBatch, Evidence, Inspection
from webapp.inspections.rules import Change, Outcome
from webapp.inspections.service.amending import amend
from webapp.inspections.service.plans import Plan, at_once
from webapp.inspections.service.reading import reading_of

BATCHES = cast(Table, ChangeBatch.__table__)
TAKEN = Prepared(
    select(BATCHES.c.inspection_id, BATCHES.c.outcomes, BATCHES.c.changes).where(
        BATCHES.c.id == bindparam("id")
    )
)
Stored = Mapping[str, Mapping[str, Any]]  # changes as they were stored, by their ids


class Result(NamedTuple):
    """What became of one change: an outcome, or the refusal."""

    change_id: str
    question: str
    outcome: Outcome | None
    refusal: Refused | None = None


def plan_changes(
    session: Session,
    inspection: Inspection,
    *,
    batch_id: UUID,
    changes: Iterable[Change],
    by: User,
    at: datetime,
    device: str = "",
) -> Plan[list[Result]]:
    """Append changes to an inspection and fold them into its state.

    A change whose value is of the wrong kind is refused by itself; the others are kept.

    :raises Conflict: the inspection is not in the inspectors' hands.
    """
    if (told := _told_before(session, inspection, batch_id, changes)) is not None:
        return Plan(told)
    if inspection.status not in rules.EDITABLE:
        raise Conflict(
            N_("督查已提交，内容不能再改"),
            code="locked",
            remedy=N_("如需修改，请联系分管领导退回。"),
        )
    read = [_read(session, inspection, change) for change in changes]
    sound = [change for change in read if isinstance(change, Change)]
    folded = _fold_all(session, inspection, sound, by=by, at=at)
    pairs = [(change, told) for change, told in zip(sound, folded, strict=True) if told]
    batch = {
        "id": batch_id, "inspection_id": inspection.id, "by_id": by.id, "device": device,
        "received_at": at,
        "changes": [_stored(change) for change, told in pairs if told is not Outcome.DUPLICATE],
        "outcomes": [[change.id, change.question, told.value] for change, told in pairs],
    }  # fmt: skip
    state, standing = inspection.state, reading_of(inspection).standing(at)

    def write() -> None:
        seq = append(session, ChangeBatch, batch)
        rules.number(state, seq)
        amend(session, inspection, state=state, seq=seq, changed_at=at,
              done=standing.done, total=standing.total)  # fmt: skip

    outcome = iter(folded)
    results = [
        _result(change, next(outcome)) if isinstance(change, Change) else change for change in read
    ]
    return Plan(results, write)


record_changes = at_once(plan_changes)


def _result(change: Change, outcome: Outcome | None) -> Result:
    """Return what became of a change; without an outcome its id stands for something else."""
    taken = None if outcome else _taken()
    return Result(change.id, change.question, outcome, taken)


def _taken() -> Conflict:
    return Conflict(N_("这个编号已经用过"), code="id_taken")


def _read(session: Session, inspection: Inspection, change: Change) -> Change | Result:
    """Return a change with its canonical value, or its refusal."""
    checklist = inspection.version.definition
    try:
        return _parsed(session, checklist, change, bureau_id=inspection.bureau_id)
    except Refused as refusal:
        return Result(change.id, change.question, None, refusal)


def _told_before(
    session: Session, inspection: Inspection, batch_id: UUID, changes: Iterable[Change]
) -> list[Result] | None:
    """Return what became of a message that was taken already; None where it is new.

    What was refused then is refused again, for the phone may never have heard of it.
    """
    batch = TAKEN.first(session, {"id": batch_id})
    if batch is None:
        return None
    inspection_id, outcomes, kept = batch
    if inspection_id != inspection.id:
        raise _taken()
    stored = {change_id: {"q": question} for change_id, question, _ in outcomes}
    stored |= {change["id"]: change for change in kept}
    return [_retold(session, inspection, change, stored) for change in changes]


def _retold(session: Session, inspection: Inspection, change: Change, stored: Stored) -> Result:
    if change.id in stored:
        read = _read(session, inspection, change)
        same = isinstance(read, Change) and _says(stored[change.id], read)
        return _result(change, Outcome.DUPLICATE if same else None)
    refusal: Refused = Conflict(
        N_("这一项先前没有接收"), field=change.question, code="resend",
        remedy=N_("请重新填写并保存这一项。"),
    )  # fmt: skip
    try:
        checklist = inspection.version.definition
        _parsed(session, checklist, change, bureau_id=inspection.bureau_id)
    except Refused as same:
        refusal = same
    return Result(change.id, change.question, None, refusal)


def _says(stored: Mapping[str, Any] | None, change: Change) -> bool:
    """Say whether a stored change gave this answer; what was only a duplicate told no value."""
    if stored is None:  # the id of what was united of several changes
        return False
    same = stored["q"] == change.question and stored.get("v", change.value) == change.value
    return bool(same)


def _fold_all(
    session: Session, inspection: Inspection, changes: Iterable[Change], *,
    by: User, at: datetime,
) -> list[Outcome | None]:  # fmt: skip
    """Fold changes into the state; None for one whose id stands for another answer."""
    checklist = inspection.version.definition
    state = dict(inspection.state)
    kept: dict[str, dict[str, Any]] = {}
    outcomes: list[Outcome | None] = []
    moment = at.isoformat()

    def merge(question: str, one: Any, other: Any) -> Any:
        return KINDS[checklist.question(question).kind].merge(one, other)

    @cache
    def stored() -> Stored:
        query = select(BATCHES.c.changes).where(BATCHES.c.inspection_id == inspection.id)
        found = session.connection().execute(query).scalars()
        return {change["id"]: change for batch in found for change in batch}

    def known() -> Stored:
        return {**stored(), **kept}

    places = {entry["id"]: question for question, entry in state.items()}
    for change in changes:
        if places.setdefault(change.id, change.question) != change.question:
            outcomes.append(None)
            continue
        outcome = rules.fold(
            state, change, by_id=by.id, at=moment, seq=None, merge=merge, known=known
        )
        if outcome is not Outcome.DUPLICATE:
            kept[change.id] = _stored(change)
        same = outcome is not Outcome.DUPLICATE or _says(known().get(change.id), change)
        outcomes.append(outcome if same else None)
    set_committed_value(inspection, "state", state)
    return outcomes


def _parsed(session: Session, checklist: Checklist, change: Change, *, bureau_id: int) -> Change:
    if not checklist.has_question(change.question):
        raise NotFound(N_("清单中没有这一项"), field=change.question, code="no_such_question")
    question = checklist.question(change.question)
    kind = KINDS[question.kind]
    value = kind.parse(question, change.value)
    for digest in kind.blobs(value):
        if session.get(Evidence, (bureau_id, digest)) is None:
            raise Invalid(
                N_("照片还没有上传"),
                field=change.question,
                code="blob_missing",
                remedy=N_("请先上传照片再提交这一项。"),
            )
    same = type(value) is type(change.value) and value == change.value
    return change if same else change._replace(value=value)


def _stored(change: Change) -> dict[str, Any]:
    stored = {"id": change.id, "q": change.question, "v": change.value, "base": change.base}
    if change.device_time:
        stored["device_time"] = change.device_time
    if change.settles:
        stored["settles"] = list(change.settles)
    return stored
