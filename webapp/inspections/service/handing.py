"""Signing and handing in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from webapp.accounts.models import User
from webapp.checklists import rules as checklist_rules
from webapp.core import events, glyphs
from webapp.core.db import append
from webapp.core.errors import N_, Conflict, Invalid
from webapp.inspections import rules
from webapp.inspections.models import Inspection, Signature, Submission
from webapp.inspections.rules import Act, SignatureMethod, SignatureRole
from webapp.inspections.service.amending import amend
from webapp.inspections.service.plans import Plan, at_once
from webapp.inspections.service.reading import reading_of


def digest_shown(inspection: Inspection) -> str:
    """Return the digest of what a signer of this inspection sees now."""
    return reading_of(inspection).digest(inspection)


def plan_signature(
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
) -> Plan[Signature]:
    """Keep a signature, or a refusal to sign, bound to what was shown.

    :raises Conflict: the content changed since it was shown (code ``shown_changed``).
    :raises Invalid: the signer is not on the team, or something needed is empty.
    """
    if known := signature_of(inspection, signature_id):
        return Plan(known)
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
    row = {
        "id": signature_id,
        "inspection_id": inspection.id,
        "role": role,
        "user_id": signer.id if signer else None,
        "name": name,
        "position": position,
        "method": method,
        "strokes": strokes,
        "reason": reason,
        "witness": witness,
        "digest": digest,
        "by_id": by.id,
        "signed_at": at,
    }
    signature = Signature(**row)
    set_committed_value(inspection, "signatures", [*inspection.signatures, signature])
    kind = "sign_refused" if method is SignatureMethod.REFUSED else "signed"

    def write() -> None:
        append(session, Signature, row)
        events.record(session, f"inspection.{kind}", inspection.id, by_id=by.id, at=at, name=name)

    return Plan(signature, write)


sign = at_once(plan_signature)


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
    reading = reading_of(inspection)
    given = [(s.role, s.user_id) for s in valid_signatures(inspection)]
    team = [user.id for user in inspection.inspectors]
    return Obstacles(
        reading.standing(at).missing,
        tuple(rules.conflicts(inspection.state)),
        tuple(rules.unsigned(team, given)),
        tuple(
            (question, character)
            for question, value in reading.answers.items()
            for text in rules.texts(value)
            for character in glyphs.unprintable(text)
        ),
    )


def plan_submission(
    session: Session, inspection: Inspection, *, submission_id: UUID, by: User, at: datetime
) -> Plan[Submission]:
    """Hand a finished inspection to the supervisors; the same id again changes nothing.

    :raises Invalid: something is missing; ``params`` name it.
    :raises Conflict: it is not in the inspectors' hands.
    """
    if known := submission_of(inspection, submission_id):
        return Plan(known)
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
    reading = reading_of(inspection)
    number = len(inspection.submissions) + 1
    row = {
        "id": submission_id,
        "inspection_id": inspection.id,
        "number": number,
        "answers": reading.answers,
        "digest": reading.digest(inspection),
        "by_id": by.id,
        "at": at,
    }
    submission = Submission(**row)
    set_committed_value(inspection, "status", after)
    set_committed_value(inspection, "submissions", [*inspection.submissions, submission])

    def write() -> None:
        append(session, Submission, row)
        amend(session, inspection, status=after, submitted_at=at, changed_at=at)
        events.record(
            session, "inspection.submitted", inspection.id, by_id=by.id, at=at, number=number
        )

    return Plan(submission, write)


submit = at_once(plan_submission)


def submission_of(inspection: Inspection, submission_id: UUID) -> Submission | None:
    """Return the round with this id, if the inspection has it."""
    return next((s for s in inspection.submissions if s.id == submission_id), None)
