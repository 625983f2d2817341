"""What the ledger knows of a signed document: looked up by its hash, its code or its number."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from webapp.documents import heads, sections
from webapp.documents.countersigning.rules import field_of
from webapp.documents.kinds import contents_of
from webapp.documents.models import Document, DocumentState, LaterForm
from webapp.documents.seen import Expected
from webapp.documents.snapshot import Record
from webapp.documents.workshop import workshop
from webapp.inspections.models import Evidence

NAME_MAX = 200


def find_expected(session: Session, name: str) -> Expected | None:
    """Return the signed document whose SHA-256, verification code or number this is.

    The SHA-256 of an earlier form finds that form; anything else finds the newest.
    """
    if not name or len(name) > NAME_MAX or "\0" in name:
        return None
    later = select(LaterForm.document_id).where(LaterForm.sha256 == name)
    by_name = or_(
        Document.sha256 == name, Document.code == name, Document.number == name,
        Document.id.in_(later),
    )  # fmt: skip
    query = select(Document).where(Document.state == DocumentState.SIGNED, by_name).limit(2)
    found = session.scalars(query).all()
    return (
        _expected(session, found[0], name) if len(found) == 1 else None
    )  # bureaus may share a number


def _expected(session: Session, document: Document, name: str) -> Expected | None:
    newest = document.newest
    form = next((one for one in document.forms if one.sha256 == name), newest)
    parts = (form.sha256, document.signed_at, document.fingerprint, form.size_bytes)
    sha256, signed_at, fingerprint, size = parts
    if sha256 is None or signed_at is None or fingerprint is None or size is None:
        return None
    void = document.revocation
    replaced_by = void.replaced_by.number if void and void.replaced_by else ""
    return Expected(
        sha256, document.number, document.title, signed_at, fingerprint, size,
        before=tuple(
            (field_of(row.place), row.fingerprint) for row in document.signatures if row.fingerprint
        ),
        newest_sha256=newest.sha256 or "",
        revoked_on=void.at.astimezone(workshop().settings.zone).date().isoformat() if void else "",
        replaced_by=replaced_by,
        roots=tuple(_roots(session, document)),
    )  # fmt: skip


def _roots(session: Session, document: Document) -> Iterator[str]:
    """Yield what is to be said of the roots that the paper prints, as codes of sentences."""
    contents = contents_of(document.snapshot)
    if isinstance(contents, Record) and contents.evidence_root:
        digests = sections.originals(contents.sections)
        sealed = select(func.count()).where(
            Evidence.bureau_id == document.bureau_id, Evidence.sha256.in_(digests)
        )
        agree = sections.evidence_root(contents.sections) == contents.evidence_root
        agree = agree and session.scalar(sealed) == len(digests)
        yield "photos_agree" if agree else "photos_differ"
    if contents.log_root:
        yield "log_agrees" if heads.agrees(session, contents.log_root) else "log_differs"
