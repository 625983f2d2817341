"""Reads of the archive: search, lists, one record; always within one bureau."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.archive import search as index
from webapp.archive.models import ArchiveRecord
from webapp.core.errors import N_, NotFound
from webapp.core.events import Event
from webapp.documents.models import Document, DocumentState, LaterForm
from webapp.inspections.models import Evidence

PAGE = 30
COUNT_MAX = 10_000


@dataclass(frozen=True)
class Hits:
    """One page of records, the newest first; ``newer`` and ``older`` are record ids or None.

    ``count`` is how many there are in all, at most ``COUNT_MAX`` (then there may be more).
    """

    records: Sequence[ArchiveRecord]
    newer: int | None
    older: int | None
    count: int


def search(
    session: Session,
    bureau_id: int,
    words: str = "",
    *,
    year: int | None = None,
    retention: str = "",
    kind: str = "",
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> Hits:
    """Return the records that have all of the words, and are of this year, retention and kind.

    ``before`` and ``after`` are record ids: the older or newer neighbours of a page.
    """
    wanted: list[ColumnElement[bool]] = [ArchiveRecord.bureau_id == bureau_id]
    wanted += [ArchiveRecord.year == year] if year else []
    wanted += [ArchiveRecord.retention == retention] if retention else []
    wanted += [ArchiveRecord.kind == kind] if kind else []
    wanted += index.contains(session, index.words_of(words))
    capped = select(ArchiveRecord.id).where(*wanted).limit(COUNT_MAX).subquery()
    count = session.scalar(select(func.count()).select_from(capped)) or 0
    query = select(ArchiveRecord).where(*wanted)
    if after is not None:
        query = query.where(ArchiveRecord.id > after).order_by(ArchiveRecord.id)
    else:
        query = query.where(ArchiveRecord.id < before) if before is not None else query
        query = query.order_by(ArchiveRecord.id.desc())
    rows = list(session.scalars(query.limit(limit + 1)))
    more, rows = len(rows) > limit, rows[:limit]
    if after is not None:
        rows.reverse()
    if not rows:
        return Hits((), None, None, count)
    newer = more if after is not None else before is not None
    older = True if after is not None else more
    return Hits(rows, rows[0].id if newer else None, rows[-1].id if older else None, count)


def record_of(session: Session, user: User, record_id: int) -> ArchiveRecord:
    """Return a record of the user's bureau.

    :raises NotFound: there is none.
    """
    record = session.get(ArchiveRecord, record_id)
    if record is None or record.bureau_id != user.bureau_id:
        raise NotFound(N_("没有找到这份档案"))
    return record


def record_of_document(session: Session, document_id: UUID) -> ArchiveRecord | None:
    """Return the record under which a document was sealed."""
    return session.scalar(select(ArchiveRecord).where(ArchiveRecord.document_id == document_id))


def years_of(session: Session, bureau_id: int) -> list[int]:
    """Return the years for which there is something, the newest first."""
    query = select(ArchiveRecord.year).where(ArchiveRecord.bureau_id == bureau_id).distinct()
    return sorted(session.scalars(query), reverse=True)


def last_check(session: Session, bureau_id: int) -> Event | None:
    """Return the newest report of a check of this bureau's archive."""
    query = select(Event).where(Event.subject == f"archive:{bureau_id}").order_by(Event.id.desc())
    return session.scalar(query.limit(1))


def check_of(session: Session, bureau_id: int, event_id: int) -> Event:
    """Return one report of a check.

    :raises NotFound: there is none, or not for this bureau.
    """
    event = session.get(Event, event_id)
    if event is None or event.subject != f"archive:{bureau_id}":
        raise NotFound(N_("没有找到这次检测"))
    return event


# -- what should be there --------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """A file that should be there: what it is called, whose it is, its digest."""

    name: str
    what: str
    sha256: str
    record_id: int | None = None


def kept_files(session: Session, bureau_id: int | None = None) -> list[Kept]:
    """Return every file that should be there, what was checked longest ago first."""
    return [*_archived(session, bureau_id), *_unsealed(session, bureau_id),
            *_later_forms(session, bureau_id), *_evidence(session, bureau_id)]  # fmt: skip


def _archived(session: Session, bureau_id: int | None) -> Iterator[Kept]:
    query = select(ArchiveRecord.id, ArchiveRecord.number, ArchiveRecord.title,
                   ArchiveRecord.sha256).order_by(
        ArchiveRecord.checked_at.is_not(None), ArchiveRecord.checked_at, ArchiveRecord.id
    )  # fmt: skip
    if bureau_id is not None:
        query = query.where(ArchiveRecord.bureau_id == bureau_id)
    for record_id, number, title, sha256 in session.execute(query):
        yield Kept(number, title, sha256, record_id)


def _unsealed(session: Session, bureau_id: int | None) -> Iterator[Kept]:
    """Return signed files that have no archive number yet."""
    sealed = select(ArchiveRecord.document_id)
    query = select(Document.number, Document.title, Document.sha256).where(
        Document.state == DocumentState.SIGNED, Document.id.not_in(sealed)
    )
    if bureau_id is not None:
        query = query.where(Document.bureau_id == bureau_id)
    for number, title, sha256 in session.execute(query):
        yield Kept(number, title, sha256 or "")


def _later_forms(session: Session, bureau_id: int | None) -> Iterator[Kept]:
    """Return the forms that got a timestamp after they were signed."""
    query = select(Document.number, Document.title, LaterForm.sha256).join(
        LaterForm, LaterForm.document_id == Document.id
    )
    if bureau_id is not None:
        query = query.where(Document.bureau_id == bureau_id)
    for number, title, sha256 in session.execute(query.order_by(LaterForm.id)):
        yield Kept(number, title, sha256)


def _evidence(session: Session, bureau_id: int | None) -> Iterator[Kept]:
    """Return photos: the sealed original and what is shown of it."""
    query = select(Evidence.sha256, Evidence.derivative_sha256).order_by(Evidence.at)
    if bureau_id is not None:
        query = query.where(Evidence.bureau_id == bureau_id)
    for original, derivative in session.execute(query):
        yield Kept(f"photo:{original[:16]}", "照片原件", original)
        yield Kept(f"photo:{original[:16]}", "照片显示件", derivative)
