"""Whose turn it is to sign a paper, and what waits for somebody."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from webapp.accounts.models import User
from webapp.accounts.rules import Role
from webapp.core.errors import N_, NotFound
from webapp.documents.countersigning.rules import OTHER_SIDE, Way
from webapp.documents.models import Document, DocumentSignature, DocumentState
from webapp.documents.queries import visible

WAITING_MAX = 200  # papers of one bureau that wait at the same time and are looked through


@dataclass(frozen=True)
class Turn:
    """A paper, whose signature it waits for, and how the one who asks may give it (if at all)."""

    document: Document
    row: DocumentSignature
    way: Way | None
    file_sha256: str


def turn_of(session: Session, user: User, document_id: UUID) -> Turn:
    """Return whose turn it is, as seen by ``user``.

    :raises NotFound: nothing waits for a signature there, or this user may not know of it.
    """
    document = session.get(Document, document_id)
    turn = _turn(user, document) if document is not None else None
    known = visible(user).where(Document.id == document_id)
    if turn is None or not (turn.way or session.scalar(known.with_only_columns(Document.id))):
        raise NotFound(N_("这里没有等待签名的文书"))
    return turn


def waiting_for(session: Session, user: User) -> list[Turn]:
    """Return the papers that ``user`` is to sign now, the oldest first."""
    query = (
        select(Document)
        .where(Document.bureau_id == user.bureau_id, Document.state == DocumentState.SIGNING)
        .options(selectinload(Document.signatures), selectinload(Document.revocation))
        .order_by(Document.created_at)
        .limit(WAITING_MAX)
    )
    turns = (_turn(user, document) for document in session.scalars(query))
    return [turn for turn in turns if turn is not None and turn.way is not None]


def open_row(document: Document) -> DocumentSignature | None:
    """Return the first signature that is not given yet."""
    return next((row for row in document.signatures if row.signed_at is None), None)


def file_sha256(document: Document) -> str:
    """Return the digest of the file as it is to be signed next."""
    given = [row.sha256 for row in document.signatures if row.sha256]
    return given[-1] if given else document.prepared_sha256 or ""


def _turn(user: User, document: Document) -> Turn | None:
    row = open_row(document)
    if document.state is not DocumentState.SIGNING or row is None:
        return None
    return Turn(document, row, _way(user, document, row), file_sha256(document))


def _way(user: User, document: Document, row: DocumentSignature) -> Way | None:
    """Return how ``user`` may give this signature.

    The other side signs by its own account, or on the phone of one of the team, who attends.
    """
    if user.bureau_id != document.bureau_id:
        return None
    if row.user_id is not None:
        return Way.OWN if row.user_id == user.id else None
    conducts = _conducts(user, document)
    if row.role == "unit_head" and Role.UNIT_HEAD.value in user.role_names:
        if user.unit_id == document.unit_id:
            return Way.OWN
    elif row.role == "supervisor" and Role.SUPERVISOR.value in user.role_names:
        return None if conducts else Way.OWN  # nobody countersigns their own work
    return Way.ATTENDED if row.role in OTHER_SIDE and conducts else None


def _conducts(user: User, document: Document) -> bool:
    team = document.inspection.inspectors if document.inspection else []
    return user.id == document.author_id or user.id in {one.id for one in team}
