"""From an approved inspection to signed documents.

``issue`` gives numbers and fixes contents; ``render`` and ``sign`` come in two halves each: the
first works and keeps bytes while no transaction is open, the second writes the row.  Killed
anywhere, the same step is run again and ends with one file and one row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from webapp.accounts.models import User
from webapp.core import events
from webapp.core.clock import now
from webapp.core.errors import N_, NotFound
from webapp.core.events import Event
from webapp.documents import (
    assembly,
    heads,
    materials,
    numbering,
    queries,
    rendering,
    signing,
    wording,
)
from webapp.documents.assembly import Material
from webapp.documents.countersigning import queries as countersigning_queries
from webapp.documents.countersigning import service as countersigning
from webapp.documents.keys import Keys
from webapp.documents.kinds import KINDS, contents_of
from webapp.documents.levels import Witness
from webapp.documents.models import Document, DocumentState
from webapp.documents.snapshot import Snapshot
from webapp.documents.workshop import workshop
from webapp.inspections.models import Inspection

# -- issue ------------------------------------------------------------------------------------


def issue(session: Session, event: Event) -> None:
    """Give both numbers and fix both contents (reaction to ``review.approved``)."""
    inspection = session.get_one(
        Inspection, UUID(event.subject), options=[undefer(Inspection.state)]
    )
    record = numbering.record_number(inspection)
    known = select(Document.id).where(
        Document.bureau_id == inspection.bureau_id, Document.number == record
    )
    if session.scalar(known) is not None:
        return
    issued_on = event.at.astimezone(workshop().settings.zone).date()
    material = materials.of_approved(session, inspection, issued_on)
    root = heads.printed_root(session)
    for kind, number, title in _numbered(session, material):
        document = _new(material, kind, number, title, log_root=root, at=event.at)
        session.add(document)
        events.record(
            session, "document.issued", document.id, by_id=event.by_id, at=now(),
            document=str(document.id), inspection=str(inspection.id), number=number,
        )  # fmt: skip


def _numbered(session: Session, material: Material) -> list[tuple[str, str, str]]:
    """Return kind, number and title of each document to be issued."""
    inspection = material.inspection
    bureau, year = inspection.unit.bureau, material.issued_on.year
    formal = numbering.formal_number(session, bureau, year)
    numbers = {"site_record": numbering.record_number(inspection), "feedback": formal}
    return [(kind, numbers[kind], title) for kind, title in material.titles.items()]


def _new(
    material: Material, kind: str, number: str, title: str, *, log_root: str, at: datetime
) -> Document:
    code = numbering.fresh_code()
    contents = assembly.snapshot(
        material, kind=kind, number=number, title=title, code=code,
        verify_url=workshop().verify_url(code),
        for_unit=KINDS[kind].for_unit, log_root=log_root,
    )  # fmt: skip
    return Document(
        id=uuid4(),
        bureau_id=material.inspection.bureau_id,
        inspection_id=material.inspection.id,
        unit_id=material.inspection.unit_id,
        kind=kind,
        number=number,
        title=title,
        code=code,
        snapshot=contents.model_dump(mode="json"),
        created_at=at,
    )


# -- render -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Printed:
    """A rendered file, kept under its digest, and where on it somebody signs."""

    sha256: str
    pages: int
    boxes: Mapping[str, list[float]]


def print_pages(session: Session, event: Event) -> Printed | None:
    """Print a document and keep the file; nothing where it is printed already.

    :raises Invalid: a character cannot be shown; the place and the character are named.
    """
    document = queries.document_numbered(session, UUID(event.subject))
    if document.state is not DocumentState.QUEUED:
        return None
    contents = contents_of(document.snapshot)
    session.commit()  # ends the reading transaction before the long work
    tools = workshop()
    printed = rendering.printed(
        contents, fonts=tools.fonts, storage=tools.storage, dated=document.created_at
    )
    wanted = {one.box for one in KINDS[contents.kind].signers}
    boxes = {
        name: [box.page, box.left, box.bottom, box.right, box.top]
        for name, box in printed.boxes.items()
        if name in wanted
    }
    return Printed(tools.storage.put(printed.pdf), printed.pages, boxes)


def render(session: Session, event: Event, printed: Printed | None) -> None:
    """Note that a document is printed (reaction to ``document.issued``)."""
    document = queries.document_numbered(session, UUID(event.subject), lock=True)
    if printed is None or document.state is not DocumentState.QUEUED:
        return
    document.rendered_sha256 = printed.sha256
    document.pages = printed.pages
    document.seal_box = printed.boxes.get(KINDS[document.kind].seal)
    countersigning.expect(session, document, printed.boxes)
    document.state = DocumentState.RENDERED
    document.error = None
    _record(session, "document.rendered", document, event, sha256=printed.sha256)


# -- sign -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sealed:
    """A signed file, kept under its digest."""

    sha256: str
    size_bytes: int
    level: str
    stamped_until: datetime | None
    fingerprint: str
    signed_at: datetime
    timestamp_problem: str | None


def put_signature(session: Session, event: Event) -> Sealed | None:
    """Seal a printed document and keep the file; nothing while a person is still to sign."""
    document = queries.document_numbered(session, UUID(event.subject))
    if not _awaits_seal(document):
        return None
    tools, at = workshop(), now()
    keys, contents = tools.keys(session), contents_of(document.snapshot)
    box, printed = document.seal_box, document.rendered_sha256 or ""
    signed_by_all = countersigning_queries.file_sha256(document) if document.signatures else ""
    session.commit()  # ends the reading transaction before the long work
    told: dict[str, Any] = {
        "at": at,
        "reason": f"{contents.title} {contents.number}",
        "location": contents.bureau.name,
        "appearance": _appearance(contents, box, keys, at) if box else None,
    }
    witness = Witness(tools.settings.tsa_url, tools.tsa_roots, tools.settings.signature_level)
    if signed_by_all:
        pdf = tools.storage.get(signed_by_all)
        signed = signing.sign_place(pdf, keys, signing.FIELD, witness=witness, **told)
    else:
        place = (box[0], box[1], box[2], box[3], box[4]) if box else None
        pdf = tools.storage.get(printed)
        signed = signing.sign(
            pdf, keys, box=place, tsa_url=witness.url, tsa_roots=witness.roots,
            level=witness.level, **told,
        )  # fmt: skip
    return Sealed(
        sha256=tools.storage.put(signed.pdf),
        size_bytes=len(signed.pdf),
        level=signed.level,
        stamped_until=signed.stamped_until,
        fingerprint=keys.fingerprint,
        signed_at=at,
        timestamp_problem=signed.timestamp_problem,
    )


def _awaits_seal(document: Document) -> bool:
    if document.signatures:
        all_signed = countersigning_queries.open_row(document) is None
        return document.state is DocumentState.SIGNING and all_signed
    return document.state is DocumentState.RENDERED


def _appearance(contents: Snapshot, box: list[float], keys: Keys, at: datetime) -> bytes:
    tools = workshop()
    local = wording.moment(at.astimezone(tools.settings.zone))
    return rendering.seal_appearance(
        contents, box, keys.name, keys.fingerprint, at=local, fonts=tools.fonts
    )


def sign(session: Session, event: Event, sealed: Sealed | None) -> None:
    """Note that a document is sealed (after ``document.rendered``, ``document.countersigned``)."""
    document = queries.document_numbered(session, UUID(event.subject), lock=True)
    if sealed is None or not _awaits_seal(document):
        return
    document.sha256 = sealed.sha256
    document.size_bytes = sealed.size_bytes
    document.level = sealed.level
    document.stamped_until = sealed.stamped_until
    document.fingerprint = sealed.fingerprint
    document.signed_at = sealed.signed_at
    document.state = DocumentState.SIGNED
    document.error = None
    _record(
        session, "document.signed", document, event,
        sha256=sealed.sha256, level=sealed.level, timestamp_problem=sealed.timestamp_problem,
    )  # fmt: skip


def _record(session: Session, kind: str, document: Document, event: Event, **data: object) -> None:
    about = {"inspection": str(document.inspection_id)} if document.inspection_id else {}
    told = {"document": str(document.id), **about, **data}
    events.record(session, kind, document.id, by_id=event.by_id, at=now(), **told)


# -- failures ---------------------------------------------------------------------------------


def give_up(session: Session, event: Event, reason: str) -> None:
    """Let a document say that it could not be made, and why."""
    document = queries.document_numbered(session, UUID(event.subject), lock=True)
    if document.state in (DocumentState.QUEUED, DocumentState.RENDERED, DocumentState.SIGNING):
        document.state = DocumentState.FAILED
        document.error = reason


def retry(session: Session, user: User, subject: UUID, *, at: datetime) -> int:
    """Put what was given up about an inspection or a document back into the queue.

    :raises NotFound: nothing was given up there, or not in this user's bureau.
    """
    if subject not in {trouble.subject for trouble in queries.troubles_of(session, user)}:
        raise NotFound(N_("这里没有需要重试的工作"))
    document = session.get(Document, subject)
    if document is not None and document.state is DocumentState.FAILED:
        printed = DocumentState.RENDERED if document.rendered_sha256 else DocumentState.QUEUED
        document.state = DocumentState.SIGNING if document.prepared_sha256 else printed
        document.error = None
    count = events.retry(session, subject, at=at)
    events.record(session, "work.retried", subject, by_id=user.id, at=at, count=count)
    return count
