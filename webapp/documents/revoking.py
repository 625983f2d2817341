"""A signed document is declared void, with a reason; another may count in its place.

The file stays as it is and stays archived: verification says that it counts no longer.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.core import events
from webapp.core.errors import N_, Conflict, Invalid
from webapp.documents.models import Document, DocumentState, Revocation
from webapp.documents.queries import document_numbered

REASON_MOST = 500


def revoke(
    session: Session, document: Document, *, reason: str, replaced_by: str, by: User, at: datetime
) -> None:
    """Declare a document void; ``replaced_by`` is the number of the one that counts instead.

    :raises Invalid: there is no reason, or no such other signed document; ``field`` names it.
    :raises Conflict: it is not signed, or void already.
    """
    document = document_numbered(session, document.id, lock=True)
    if document.state is not DocumentState.SIGNED:
        raise Conflict(N_("只有已签名的文书才能作废"), code="not_signed")
    if session.get(Revocation, document.id) is not None:
        raise Conflict(N_("这份文书已经作废"), code="revoked")
    if not 0 < len(reason) <= REASON_MOST:
        raise Invalid(N_("请写明作废的原因，最多 %(most)d 字"), field="reason", most=REASON_MOST)
    other = _other(session, document, replaced_by) if replaced_by else None
    session.add(
        Revocation(
            document_id=document.id, reason=reason, by_id=by.id, at=at,
            replaced_by_id=other.id if other else None,
        )
    )  # fmt: skip
    events.record(
        session, "document.revoked", document.id, by_id=by.id, at=at,
        document=str(document.id), reason=reason, replaced_by=other.number if other else None,
    )  # fmt: skip


def _other(session: Session, document: Document, number: str) -> Document:
    query = select(Document).where(
        Document.bureau_id == document.bureau_id, Document.number == number,
        Document.state == DocumentState.SIGNED, Document.id != document.id,
    )  # fmt: skip
    other = session.scalar(query)
    if other is None:
        raise Invalid(
            N_("没有编号为“%(number)s”的另一份已签名文书"), field="replaced_by", number=number
        )
    if session.get(Revocation, other.id) is not None:
        raise Invalid(N_("“%(number)s”自己也已作废"), field="replaced_by", number=number)
    return other
