"""Papers are opened for signing, signed by one after the other, or refused.

Opening comes in two halves like all background work; a signature is put into the file while no
transaction is open, and its row written only if nothing has changed meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.core import events
from webapp.core.clock import now
from webapp.core.errors import N_, Conflict, Invalid
from webapp.core.events import Event
from webapp.documents import signing, stamp, wording
from webapp.documents.countersigning import queries
from webapp.documents.countersigning.queries import Turn
from webapp.documents.countersigning.rules import (
    OTHER_SIDE,
    SEAL,
    TEAM,
    Method,
    Way,
    field_of,
    member,
)
from webapp.documents.kinds import KINDS, contents_of, signer_names
from webapp.documents.models import Document, DocumentSignature, DocumentState
from webapp.documents.queries import document_numbered
from webapp.documents.rendering import STAMP_FAMILY
from webapp.documents.signing import Box, Place
from webapp.documents.workshop import workshop

REASON_SHOWN = 40  # characters of a refusal's reason that are printed in its place


# -- who is to sign ---------------------------------------------------------------------------


def expect(session: Session, document: Document, boxes: Mapping[str, Sequence[float]]) -> None:
    """Write down whose signatures a printed paper waits for, in their order, the seal apart."""
    contents = contents_of(document.snapshot)
    kind = KINDS[document.kind]
    names = signer_names(contents)
    team = document.inspection.inspectors if document.inspection else []
    people = [one for one in kind.signers if one.role != SEAL]
    for place, signer in enumerate(people):
        taken = sum(one.role == signer.role for one in people[:place])
        box = boxes.get(signer.box)
        printed = names.get(signer.box, "")
        session.add(
            DocumentSignature(
                document_id=document.id, place=place, role=signer.role, label=signer.label,
                printed_name=printed, box=list(box) if box else None,
                user_id=_bound(document, signer.role, printed, team, taken),
            )
        )  # fmt: skip


def _bound(
    document: Document, role: str, printed: str, team: Sequence[User], taken: int
) -> int | None:
    """Return the only one who may sign, None where the role decides."""
    if role in TEAM and team:
        return team[member(printed, [one.name for one in team], taken)].id
    return document.author_id if role in TEAM or role == "reporter" else None


# -- open -------------------------------------------------------------------------------------


def prepare(session: Session, event: Event) -> str | None:
    """Add the empty fields to a printed paper and keep it; nothing where only the seal signs."""
    document = document_numbered(session, UUID(event.subject))
    rows = list(document.signatures)
    if document.state is not DocumentState.RENDERED or not rows or not document.rendered_sha256:
        return None
    places = [Place(field_of(row.place), row.label, _box(row.box)) for row in rows]
    places.append(Place(signing.FIELD, signing.SEAL_NAME, _box(document.seal_box)))
    printed = document.rendered_sha256
    session.commit()  # ends the reading transaction before the long work
    storage = workshop().storage
    return storage.put(signing.prepare(storage.get(printed), places))


def open_signing(session: Session, event: Event, prepared: str | None) -> None:
    """Let a printed paper wait for its signers (reaction to ``document.rendered``)."""
    document = document_numbered(session, UUID(event.subject), lock=True)
    if prepared is None or document.state is not DocumentState.RENDERED:
        return
    document.prepared_sha256 = prepared
    document.state = DocumentState.SIGNING
    _record(session, "document.signing_opened", document, by_id=event.by_id, at=now())


def _box(box: Sequence[float] | None) -> Box | None:
    return (int(box[0]), box[1], box[2], box[3], box[4]) if box else None


# -- sign -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """What somebody gives: a signature, or a refusal with its reason and witness."""

    method: Method
    name: str
    strokes: Mapping[str, Any] | None = None
    reason: str = ""
    witness: str = ""


@dataclass(frozen=True)
class Written:
    """A file with one more signature, kept under its digest."""

    sha256: str
    fingerprint: str


def check(turn: Turn, given: Given, *, shown_sha256: str) -> None:
    """Make sure that this may be given now, for the very pages that were shown.

    :raises Conflict: it is somebody else's turn, or the file is another by now.
    :raises Invalid: something is missing; ``field`` names it.
    """
    if turn.way is None:
        raise Conflict(N_("现在轮到别人签名"), code="not_your_turn")
    if shown_sha256 != turn.file_sha256:
        raise Conflict(
            N_("文件与刚才显示的不同，没有签名"), code="other_file",
            remedy=N_("请重新看一遍下面的页面，再签名。"),
        )  # fmt: skip
    if not given.name:
        raise Invalid(N_("请填写签名人姓名"), field="name")
    if given.method is Method.REFUSED and not given.reason:
        raise Invalid(N_("请写明拒签原因"), field="reason")
    if given.method is Method.REFUSED and not given.witness:
        raise Invalid(N_("请填写见证人"), field="witness")


def ends_it(turn: Turn, given: Given) -> bool:
    """Return whether a refusal ends the paper: the bureau's own people stand behind it or not."""
    return given.method is Method.REFUSED and turn.row.role not in OTHER_SIDE


def write(session: Session, turn: Turn, given: Given, *, by: User, at: datetime) -> Written:
    """Put a signature into the file and keep that; ends the reading transaction.

    What another gives on somebody's phone is signed by the one who attends.
    """
    tools, row, document = workshop(), turn.row, turn.document
    contents = contents_of(document_numbered(session, document.id).snapshot)
    own = tools.personal_keys(session, by, at=at)
    shown, field = _appearance(turn, given, by, at), field_of(row.place)
    reason = f"{contents.title} {contents.number}　{row.label}"
    session.rollback()
    signed = signing.sign_place(
        tools.storage.get(turn.file_sha256), own, field,
        at=at, reason=reason, location=contents.bureau.name, appearance=shown,
    )  # fmt: skip
    return Written(tools.storage.put(signed.pdf), own.fingerprint)


def _appearance(turn: Turn, given: Given, by: User, at: datetime) -> bytes | None:
    if not turn.row.box:
        return None
    tools = workshop()
    _, left, bottom, right, top = turn.row.box
    size = (right - left, top - bottom)
    font = next(path for family, _, path in tools.fonts.files if family == STAMP_FAMILY)
    told = [f"{given.name}　{wording.moment(at.astimezone(tools.settings.zone))}"]
    if turn.way is Way.ATTENDED:
        told.append(f"{by.name}在场经办")
    if given.method is Method.REFUSED:
        reason = given.reason.replace("\n", "　")
        cut = reason[:REASON_SHOWN] + ("…" if len(reason) > REASON_SHOWN else "")
        return stamp.words([f"拒签：{cut}", f"见证人：{given.witness}", *told], *size, font)
    if given.strokes:
        return stamp.ink(given.strokes, told, *size, font)
    return stamp.words([given.name, *told], *size, font)


def give(
    session: Session, turn: Turn, given: Given, written: Written | None, *, by: User, at: datetime
) -> None:
    """Note a signature or a refusal; after the last one the seal is owed.

    :raises Conflict: somebody else was faster.
    """
    document = document_numbered(session, turn.document.id, lock=True)
    session.refresh(document, ["signatures"])
    row = queries.open_row(document)
    is_same = row is not None and row.place == turn.row.place
    if row is None or not is_same or queries.file_sha256(document) != turn.file_sha256:
        raise Conflict(N_("刚才已有人签过，请重新核对"), code="other_file")
    row.method, row.name, row.strokes = given.method, given.name, _plain(given.strokes)
    row.reason, row.witness = given.reason, given.witness
    row.by_id, row.signed_at, row.shown_sha256 = by.id, at, turn.file_sha256
    if written is not None:
        row.sha256, row.fingerprint = written.sha256, written.fingerprint
    refused = given.method is Method.REFUSED
    kind = "document.signature_refused" if refused else "document.signature_given"
    _record(
        session, kind, document, by_id=by.id, at=at,
        place=row.place, name=given.name, shown=turn.file_sha256, sha256=row.sha256,
        reason=given.reason, witness=given.witness,
    )  # fmt: skip
    if ends_it(turn, given):
        document.state = DocumentState.REFUSED
        document.error = f"{given.name}：{given.reason}"
    elif all(one.signed_at for one in document.signatures):
        _record(session, "document.countersigned", document, by_id=by.id, at=at)


def _plain(strokes: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(strokes) if strokes else None


def _record(
    session: Session, kind: str, document: Document, *, by_id: int | None, at: datetime,
    **data: object,
) -> None:  # fmt: skip
    told = {"document": str(document.id), **data}
    events.record(session, kind, document.id, by_id=by_id, at=at, **told)
