"""Acts of a visit: open, record changes, sign, submit.

Each takes a session and plain values; ids come from the phone, so that doing it twice is harmless.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.accounts.models import Unit, User
from webapp.checklists import rules as checklist_rules
from webapp.checklists.definitions import Checklist
from webapp.checklists.models import ChecklistVersion
from webapp.checklists.questions import KINDS
from webapp.core import events, glyphs
from webapp.core.db import append
from webapp.core.errors import N_, Conflict, Invalid, NotFound, Refused
from webapp.core.numbers import next_number
from webapp.inspections import queries, rules
from webapp.inspections.models import ChangeBatch, Evidence, Inspection, Signature, Submission
from webapp.inspections.rules import Act, Change, Outcome, SignatureMethod, SignatureRole

VISITS = cast(Table, Inspection.__table__)
BATCHES = cast(Table, ChangeBatch.__table__)


def open_inspection(
    session: Session,
    *,
    inspection_id: UUID,
    unit: Unit,
    version: ChecklistVersion,
    inspectors: Sequence[User],
    planned_on: date | None,
    by: User,
    at: datetime,
) -> Inspection:
    """Open an inspection; the same id again returns what is there.

    :raises Invalid: the team may not inspect this unit (see ``rules.check_team``).
    :raises NotFound: the id is taken by an inspection that is not ours to see.
    """
    if is_open(session, inspection_id):
        return queries.own_inspection(session, by, inspection_id)
    rules.check_team(
        unit.id,
        {user.id: user.unit_id for user in inspectors},
        by_id=by.id,
        bureau_units={unit.id} if unit.bureau_id == by.bureau_id else (),
    )
    code = version.definition.code
    year = at.year
    serial = next_number(session, f"inspection:{by.bureau_id}:{year}:{code}")
    inspection = Inspection(
        id=inspection_id,
        number=f"MC-{year}-{code}-{serial:04d}",
        bureau_id=by.bureau_id,
        unit_id=unit.id,
        unit=unit,
        checklist_version_id=version.id,
        version=version,
        checklist_title=version.definition.title.zh,
        planned_on=planned_on,
        opened_by_id=by.id,
        opened_at=at,
        changed_at=at,
        state={},
        inspectors=list(inspectors),
    )
    set_committed_value(inspection, "signatures", [])
    set_committed_value(inspection, "submissions", [])
    _count(inspection, version.definition, {}, at=at)
    session.add(inspection)
    events.record(session, "inspection.opened", inspection.id, by_id=by.id, at=at)
    return inspection


def is_open(session: Session, inspection_id: UUID) -> bool:
    """Say whether this id is taken, whoever may see the inspection."""
    found = session.connection().execute(select(VISITS.c.id).where(VISITS.c.id == inspection_id))
    return found.one_or_none() is not None


def cancel(session: Session, inspection: Inspection, *, by: User, at: datetime) -> None:
    """Set an inspection that was opened by mistake aside; ``restore`` undoes it."""
    inspection.status = rules.step(inspection.status, Act.CANCEL)
    inspection.changed_at = at
    events.record(session, "inspection.cancelled", inspection.id, by_id=by.id, at=at)


def restore(session: Session, inspection: Inspection, *, by: User, at: datetime) -> None:
    """Take a cancelled inspection up again."""
    inspection.status = rules.step(inspection.status, Act.RESTORE)
    inspection.changed_at = at
    events.record(session, "inspection.restored", inspection.id, by_id=by.id, at=at)


# -- changes ----------------------------------------------------------------------------------


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
    checklist = inspection.version.definition
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
    _count(inspection, checklist, rules.values(inspection.state), at=at)
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
    return replace(change, value=value)


def _stored(change: Change) -> dict[str, Any]:
    stored = {"id": change.id, "q": change.question, "v": change.value, "base": change.base}
    if change.device_time:
        stored["device_time"] = change.device_time
    if change.settles:
        stored["settles"] = list(change.settles)
    return stored


def _told(result: Result) -> list[str]:
    return [result.change_id, result.question, result.outcome.value if result.outcome else ""]


def _count(
    inspection: Inspection, checklist: Checklist, answers: Mapping[str, Any], *, at: datetime
) -> None:
    parts = checklist_rules.progress(checklist, answers, day_of(inspection, at))
    inspection.done = sum(part.done for part in parts)
    inspection.total = sum(part.total for part in parts)


def day_of(inspection: Inspection, at: datetime, zone: str = "Asia/Shanghai") -> str:
    """Return the day on which the visit takes place, as CEL's ``day``."""
    started = (inspection.state.get("visit.started_at") or {}).get("v")
    return str(started)[:10] if started else at.astimezone(ZoneInfo(zone)).date().isoformat()


# -- signing and handing in -------------------------------------------------------------------


def digest_shown(inspection: Inspection) -> str:
    """Return the digest of what a signer of this inspection sees now."""
    return rules.shown_digest(
        inspection=str(inspection.id),
        checklist_sha256=inspection.version.sha256,
        unit_id=inspection.unit_id,
        inspectors=[user.id for user in inspection.inspectors],
        answers=rules.values(inspection.state),
    )


def sign(
    session: Session,
    inspection: Inspection,
    *,
    signature_id: UUID,
    role: SignatureRole,
    signer: User | None,
    name: str,
    position: str,
    method: SignatureMethod,
    strokes: dict[str, Any] | None,
    reason: str,
    witness: str,
    digest: str,
    by: User,
    at: datetime,
) -> Signature:
    """Keep a signature, or a refusal to sign, bound to what was shown.

    :raises Conflict: the content changed since it was shown (code ``shown_changed``).
    :raises Invalid: the signer is not on the team, or something needed is empty.
    """
    if known := signature_of(inspection, signature_id):
        return known
    if inspection.status not in rules.EDITABLE:
        raise Conflict(N_("督查已提交，不能再签名"), code="locked")
    if digest != digest_shown(inspection):
        raise Conflict(
            N_("签名前内容有变动"),
            code="shown_changed",
            remedy=N_("请重新核对内容后再签名。"),
        )
    if role is SignatureRole.INSPECTOR and signer not in inspection.inspectors:
        raise Invalid(N_("签名人不是这次督查的督查员"), field="signer")
    _check_signature(method, name=name, strokes=strokes, reason=reason, witness=witness)
    signature = Signature(
        id=signature_id,
        inspection_id=inspection.id,
        role=role,
        user_id=signer.id if signer else None,
        name=name,
        position=position,
        method=method,
        strokes=strokes,
        reason=reason,
        witness=witness,
        digest=digest,
        by_id=by.id,
        signed_at=at,
    )
    session.add(signature)
    set_committed_value(inspection, "signatures", [*inspection.signatures, signature])
    kind = "sign_refused" if method is SignatureMethod.REFUSED else "signed"
    events.record(session, f"inspection.{kind}", inspection.id, by_id=by.id, at=at, name=name)
    return signature


def signature_of(inspection: Inspection, signature_id: UUID) -> Signature | None:
    """Return the signature with this id, if the inspection has it."""
    return next((s for s in inspection.signatures if s.id == signature_id), None)


def _check_signature(
    method: SignatureMethod, *, name: str, strokes: object, reason: str, witness: str
) -> None:
    if not name:
        raise Invalid(N_("请填写签名人姓名"), field="name")
    if method is SignatureMethod.DRAWN and not strokes:
        raise Invalid(N_("请在框内签名"), field="strokes")
    if method is SignatureMethod.REFUSED and not reason:
        raise Invalid(N_("请写明拒签原因"), field="reason")
    if method is SignatureMethod.REFUSED and not witness:
        raise Invalid(N_("请写明见证人"), field="witness")


def valid_signatures(inspection: Inspection) -> list[Signature]:
    """Return the newest signature of each signer that is bound to the present content."""
    digest = digest_shown(inspection)
    newest = {(s.role, s.user_id): s for s in inspection.signatures if s.digest == digest}
    return list(newest.values())


@dataclass(frozen=True)
class Obstacles:
    """What stands between an inspection and its submission."""

    missing: tuple[checklist_rules.Missing, ...]
    conflicts: tuple[str, ...]
    unsigned: tuple[tuple[SignatureRole, int | None], ...]
    unprintable: tuple[tuple[str, str], ...]
    """Question and character that no document could show (emoji, say)."""

    def __bool__(self) -> bool:
        """Tell whether anything stands in the way."""
        return bool(self.missing or self.conflicts or self.unsigned or self.unprintable)


def obstacles(inspection: Inspection, *, at: datetime) -> Obstacles:
    """Return what is missing, in conflict, unsigned or cannot be printed."""
    answers = rules.values(inspection.state)
    missing = checklist_rules.missing(
        inspection.version.definition, answers, day_of(inspection, at)
    )
    given = [(s.role, s.user_id) for s in valid_signatures(inspection)]
    team = [user.id for user in inspection.inspectors]
    return Obstacles(
        missing,
        tuple(rules.conflicts(inspection.state)),
        tuple(rules.unsigned(team, given)),
        tuple(
            (question, character)
            for question, value in answers.items()
            for text in rules.texts(value)
            for character in glyphs.unprintable(text)
        ),
    )


def submit(
    session: Session, inspection: Inspection, *, submission_id: UUID, by: User, at: datetime
) -> Submission:
    """Hand a finished inspection to the supervisors; the same id again changes nothing.

    :raises Invalid: something is missing; ``params`` name it.
    :raises Conflict: it is not in the inspectors' hands.
    """
    if known := submission_of(inspection, submission_id):
        return known
    after = rules.step(inspection.status, Act.SUBMIT)
    found = obstacles(inspection, at=at)
    if found:
        raise Invalid(
            N_(
                "还不能提交：%(missing)d 项未填，%(conflicts)d 项有冲突，%(unsigned)d 人未签名，"
                "%(unprintable)d 处有无法打印的字符"
            ),
            code="incomplete",
            missing=len(found.missing),
            conflicts=len(found.conflicts),
            unsigned=len(found.unsigned),
            unprintable=len(found.unprintable),
            field=found.missing[0].question_id if found.missing else "signatures",
            questions=[m.question_id for m in found.missing],
        )
    number = len(inspection.submissions) + 1
    submission = Submission(
        id=submission_id,
        inspection_id=inspection.id,
        number=number,
        answers=rules.values(inspection.state),
        digest=digest_shown(inspection),
        by_id=by.id,
        at=at,
    )
    session.add(submission)
    inspection.status = after
    inspection.submitted_at = at
    inspection.changed_at = at
    set_committed_value(inspection, "submissions", [*inspection.submissions, submission])
    events.record(session, "inspection.submitted", inspection.id, by_id=by.id, at=at, number=number)
    return submission


def submission_of(inspection: Inspection, submission_id: UUID) -> Submission | None:
    """Return the round with this id, if the inspection has it."""
    return next((s for s in inspection.submissions if s.id == submission_id), None)
