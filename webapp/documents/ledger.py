"""What the ledger knows of a signed document: looked up by its hash, its code or its number."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from webapp.documents.models import Document, DocumentState
from webapp.documents.verdict import Expected

NAME_MAX = 200


def find_expected(session: Session, name: str) -> Expected | None:
    """Return the signed document whose SHA-256, verification code or number this is."""
    if not name or len(name) > NAME_MAX or "\0" in name:
        return None
    by_name = or_(Document.sha256 == name, Document.code == name, Document.number == name)
    query = select(Document).where(Document.state == DocumentState.SIGNED, by_name).limit(2)
    found = session.scalars(query).all()
    return _expected(found[0]) if len(found) == 1 else None  # two bureaus may share a number


def _expected(document: Document) -> Expected | None:
    parts = (document.sha256, document.signed_at, document.fingerprint, document.size_bytes)
    sha256, signed_at, fingerprint, size = parts
    if sha256 is None or signed_at is None or fingerprint is None or size is None:
        return None
    return Expected(sha256, document.number, document.title, signed_at, fingerprint, size)
