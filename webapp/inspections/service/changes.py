"""Recording what was entered: parse, fold, append."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.checklists import rules as checklist_rules
from webapp.checklists.definitions import Checklist
from webapp.checklists.questions import KINDS
from webapp.core.db import append
from webapp.core.errors import N_, Conflict, Invalid, NotFound, Refused
from webapp.inspections import rules
from webapp.inspections.models import ChangeBatch, Evidence, Inspection
from webapp.inspections.rules import Change, Outcome

BATCHES = cast(Table, ChangeBatch.__table__)


@dataclass(frozen=True)
class Result:
    """What became of one change: an outcome, or the refusal."""

    change_id: str
    question: str
    outcome: Outcome | None
    refusal: Refused | None = None


def record_changes(
    session: Session,
    inspection: Inspection,
    *,
    batch_id: UUID,
    changes: Iterable[Change],
    by: User,
    at: datetime,
    device: str = "",
) -> list[Result]:
    """Append changes to an inspection and fold them into its state.

    A change whose value is of the wrong kind is refused by itself; the others are kept.

    :raises Conflict: the inspection is not in the inspectors' hands.
    """
    if (told := _told_before(session, inspection, batch_id, changes)) is not None:
        return told
    if inspection.status not in rules.EDITABLE:
        raise Conflict(
            N_("督查已提交，内容不能再改"),
            code="locked",
            remedy=N_("如需修改，请联系分管领导退回。"),
        )
    batch = {
        "id": batch_id, "inspection_id": inspection.id, "by_id": by.id, "device": device,
        "received_at": at, "changes": [], "outcomes": [],
    }  # fmt: skip
    seq = append(session, ChangeBatch, batch)
    results, kept = _fold_all(session, inspection, changes, by=by, at=at, seq=seq)
    outcomes = [_told(result) for result in results if result.refusal is None]
    filled = update(BATCHES).where(BATCHES.c.seq == seq).values(changes=kept, outcomes=outcomes)
    session.connection().execute(filled)
    inspection.seq = seq
    inspection.changed_at = at
    count(inspection, rules.values(inspection.state), at=at)
    return results


def _told_before(
    session: Session, inspection: Inspection, batch_id: UUID, changes: Iterable[Change]
) -> list[Result] | None:
    """Return what became of a message that was taken already; None where it is new.

    What was refused then is refused again, for the phone may never have heard of it.
    """
    known = select(BATCHES.c.inspection_id, BATCHES.c.outcomes).where(BATCHES.c.id == batch_id)
    batch = session.connection().execute(known).one_or_none()
    if batch is None:
        return None
    if batch.inspection_id != inspection.id:
        raise Conflict(N_("这个编号已经用过"), code="id_taken")
    stored = {change_id for change_id, *_ in batch.outcomes}
    return [_retold(session, inspection, change, stored) for change in changes]


def _retold(
    session: Session, inspection: Inspection, change: Change, stored: Collection[str]
) -> Result:
    if change.id in stored:
        return Result(change.id, change.question, Outcome.DUPLICATE)
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


def _fold_all(
    session: Session, inspection: Inspection, changes: Iterable[Change], *,
    by: User, at: datetime, seq: int,
) -> tuple[list[Result], list[dict[str, Any]]]:  # fmt: skip
    checklist = inspection.version.definition
    state = dict(inspection.state)
    results: list[Result] = []
    kept: list[dict[str, Any]] = []

    def merge(question: str, one: Any, other: Any) -> Any:
        return KINDS[checklist.question(question).kind].merge(one, other)

    @cache
    def stored() -> set[str]:
        query = select(BATCHES.c.changes).where(BATCHES.c.inspection_id == inspection.id)
        found = session.connection().execute(query).scalars()
        return {change["id"] for batch in found for change in batch}

    def known() -> set[str]:
        return stored() | {change["id"] for change in kept}

    for sent in changes:
        try:
            change = _parsed(session, checklist, sent, bureau_id=inspection.bureau_id)
        except Refused as refusal:
            results.append(Result(sent.id, sent.question, None, refusal))
            continue
        outcome = rules.fold(
            state, change, by_id=by.id, at=at.isoformat(), seq=seq, merge=merge, known=known
        )
        results.append(Result(change.id, change.question, outcome))
        if outcome is not Outcome.DUPLICATE:
            kept.append(_stored(change))
    inspection.state = state
    return results, kept


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
    return change if same else replace(change, value=value)


def _stored(change: Change) -> dict[str, Any]:
    stored = {"id": change.id, "q": change.question, "v": change.value, "base": change.base}
    if change.device_time:
        stored["device_time"] = change.device_time
    if change.settles:
        stored["settles"] = list(change.settles)
    return stored


def _told(result: Result) -> list[str]:
    return [result.change_id, result.question, result.outcome.value if result.outcome else ""]


def count(inspection: Inspection, answers: Mapping[str, Any], *, at: datetime) -> None:
    """Note how far an inspection is, for the lists."""
    checklist, day = inspection.version.definition, day_of(inspection, at)
    parts = checklist_rules.progress(checklist, answers, day)
    inspection.done = sum(part.done for part in parts)
    inspection.total = sum(part.total for part in parts)


def day_of(inspection: Inspection, at: datetime, zone: str = "Asia/Shanghai") -> str:
    """Return the day on which the visit takes place, as CEL's ``day``."""
    started = (inspection.state.get("visit.started_at") or {}).get("v")
    return str(started)[:10] if started else at.astimezone(ZoneInfo(zone)).date().isoformat()
