"""Sealing signed documents, and checking that every kept file still has its digest."""

import enum
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session, undefer

from webapp.accounts.models import Bureau
from webapp.archive import rules, search
from webapp.archive.models import ArchiveRecord
from webapp.archive.queries import Kept
from webapp.core import events
from webapp.core.clock import now
from webapp.core.events import Event
from webapp.core.numbers import next_number
from webapp.core.storage import Altered, Storage
from webapp.documents.kinds import KINDS
from webapp.documents.models import Document, DocumentState
from webapp.documents.rules import Retention
from webapp.documents.workshop import workshop
from webapp.findings.models import Finding
from webapp.findings.rules import FindingState

FORMAT = "PDF/A-3a"
SECURITY = "无"  # nothing classified may enter the system
CHUNK = 500


# -- seal -------------------------------------------------------------------------------------


def measure(session: Session, event: Event) -> dict[str, str]:
    """Read a signed file back and take its digests, before anything is written.

    :raises KeyError: the file is not there.
    :raises Altered: its bytes have changed since it was signed.
    """
    document = session.get_one(Document, UUID(event.subject))
    session.commit()  # ends the reading transaction before the file is read
    data = workshop().storage.get(document.sha256 or "")
    digests = {"SHA-256": hashlib.sha256(data).hexdigest()}
    if "sm3" in hashlib.algorithms_available:
        digests["SM3"] = hashlib.new("sm3", data).hexdigest()
    return digests


def seal(session: Session, event: Event, digests: dict[str, str]) -> None:
    """Give a signed document its archive number (reaction to ``document.signed``)."""
    document = session.get_one(Document, UUID(event.subject), options=[undefer(Document.snapshot)])
    known = select(ArchiveRecord.id).where(ArchiveRecord.document_id == document.id)
    if document.state is not DocumentState.SIGNED or session.scalar(known) is not None:
        return
    bureau = session.get_one(Bureau, document.bureau_id)
    findings = _confirmed(session, document)
    retention = rules.retention_of(
        KINDS[document.kind].retention, transferred=any(finding.transfer for finding in findings)
    )
    year = document.created_at.astimezone(workshop().settings.zone).year
    item_no = next_number(
        session, f"archive:{bureau.id}:{year}:{retention.value}:{bureau.section_code}"
    )
    record = _record(document, bureau, retention, year, item_no, digests, event)
    record.search_text = search.searchable(_words(document, record, findings))
    session.add(record)
    session.flush()
    search.index(session, record)
    events.record(
        session, "archive.sealed", document.id, by_id=event.by_id, at=record.sealed_at,
        record=record.id, number=record.number, sha256=record.sha256,
    )  # fmt: skip


def _confirmed(session: Session, document: Document) -> list[Finding]:
    if document.inspection_id is None:
        return []
    query = select(Finding).where(
        Finding.inspection_id == document.inspection_id, Finding.state == FindingState.CONFIRMED
    )
    return list(session.scalars(query.order_by(Finding.id)))


def _record(
    document: Document, bureau: Bureau, retention: Retention, year: int, item_no: int,
    digests: dict[str, str], event: Event,
) -> ArchiveRecord:  # fmt: skip
    zone, at = workshop().settings.zone, now()
    unit, inspection = document.unit, document.inspection
    title = f"{unit.name if unit else ''}{inspection.checklist_title if inspection else ''}" \
        f"{KINDS[document.kind].name}"  # fmt: skip
    number = rules.archive_number(
        fonds_no=bureau.fonds_no, year=year, retention=retention,
        org_code=bureau.section_code, item_no=item_no,
    )  # fmt: skip
    record = ArchiveRecord(
        bureau_id=bureau.id,
        document_id=document.id,
        kind=document.kind,
        number=number,
        year=year,
        retention=retention.value,
        title=title,
        responsible=bureau.issuer,
        doc_date=document.created_at.astimezone(zone).date(),
        sha256=document.sha256 or "",
        size_bytes=document.size_bytes or 0,
        sealed_at=at,
    )
    record.details = _details(record, document, bureau, item_no, digests, event)
    return record


def _details(
    record: ArchiveRecord, document: Document, bureau: Bureau, item_no: int,
    digests: dict[str, str], event: Event,
) -> dict[str, Any]:  # fmt: skip
    """Return the archive's metadata (domain notes §7.4)."""
    signed_at = document.signed_at
    return {
        "fonds_no": bureau.fonds_no,
        "year": record.year,
        "retention": record.retention,
        "org_code": bureau.section_code,
        "item_no": item_no,
        "title": record.title,
        "responsible": record.responsible,
        "doc_date": record.doc_date.isoformat(),
        "doc_type": KINDS[document.kind].name,
        "doc_number": document.number,
        "security": SECURITY,
        "format": FORMAT,
        "size": record.size_bytes,
        "digest": digests,
        "signer": bureau.name,
        "signer_certificate": document.fingerprint,
        "signature_level": document.level,
        "signed_at": signed_at.astimezone(UTC).isoformat() if signed_at else None,
        "location": f"sha256:{record.sha256}",
        "source_case_id": document.inspection.number if document.inspection else document.number,
        "process_log_id": event.id,
    }


def _words(document: Document, record: ArchiveRecord, findings: Iterable[Finding]) -> Iterator[str]:
    """Return what a document is found by; what the unit was not told stays out of its paper's."""
    unit, inspection = document.unit, document.inspection
    yield from (record.title, document.title, record.number, document.number, record.responsible)
    yield unit.name if unit else ""
    if inspection is not None:
        yield from (inspection.number, inspection.checklist_title)
    for finding in findings:
        if not finding.transfer:
            yield from (finding.facts, finding.rectification)


# -- fixity -----------------------------------------------------------------------------------


class Health(enum.Enum):
    """What a check found of one file."""

    INTACT = "intact"
    ALTERED = "altered"
    MISSING = "missing"


@dataclass(frozen=True)
class Checked:
    """One file and what the check found."""

    file: Kept
    health: Health


def fixity(
    files: Iterable[Kept], storage: Storage, progress: Callable[[int], None] = lambda _done: None
) -> Iterator[Checked]:
    """Read every file and say whether its bytes still are what was kept.

    Uses no database: reading an archive may take long, and nobody else should wait for it.
    """
    for done, file in enumerate(files, start=1):
        yield Checked(file, health(storage, file.sha256))
        progress(done)


def health(storage: Storage, sha256: str) -> Health:
    """Say whether a kept file still is what it was."""
    try:
        storage.get(sha256)
    except KeyError:
        return Health.MISSING
    except (Altered, OSError):  # a file that can no longer be read is as good as altered
        return Health.ALTERED
    return Health.INTACT


def note_fixity(
    session: Session, results: Iterable[Checked], *, bureau_id: int, total: int,
    by_id: int | None, at: datetime,
) -> int:  # fmt: skip
    """Write a check down: its date on each intact record, the damage as an event; its number."""
    seen = list(results)
    intact = [one.file.record_id for one in seen
              if one.file.record_id is not None and one.health is Health.INTACT]  # fmt: skip
    for place in range(0, len(intact), CHUNK):
        some = ArchiveRecord.id.in_(intact[place : place + CHUNK])
        session.execute(update(ArchiveRecord).where(some).values(checked_at=at))
    damaged = [told(one) for one in seen if one.health is not Health.INTACT]
    return events.record(
        session, "archive.checked", f"archive:{bureau_id}", by_id=by_id, at=at,
        checked=len(seen), total=total, damaged=damaged,
    )  # fmt: skip


def told(one: Checked) -> dict[str, Any]:
    """Return a checked file as the event log and programs see it."""
    return {
        "name": one.file.name,
        "what": one.file.what,
        "sha256": one.file.sha256,
        "health": one.health.value,
        "record": one.file.record_id,
    }
