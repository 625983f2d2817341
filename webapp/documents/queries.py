"""Reads of documents, always as seen by a user: a stranger finds nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.orm import Session, selectinload, undefer

from webapp.accounts.models import Unit, User
from webapp.accounts.rules import Permission, Role
from webapp.core.errors import N_, NotFound
from webapp.core.events import Delivery, DeliveryState, Event
from webapp.documents.kinds import FOR_THE_UNIT
from webapp.documents.models import Document, DocumentState
from webapp.inspections.models import Inspection, InspectionInspector

PAGE = 30
READS_ALL = frozenset({Permission.INSPECTION_REVIEW, Permission.ARCHIVE_READ})
KNOWS_ALL = READS_ALL | {Permission.DOCUMENT_MEND}


def visible(user: User, *, to_read: bool = False) -> Select[Document]:
    """Return the query for all documents that ``user`` may know of, or may read.

    Everybody: those of the own drafting; an inspector: also those of the own teams; a supervisor,
    the archivist: all of the bureau; the administrator knows of all and reads none; the head of a
    unit: what was signed and addressed to that unit.
    """
    mine = Document.inspection_id.in_(
        select(InspectionInspector.inspection_id).where(InspectionInspector.user_id == user.id)
    )
    ways: list[ColumnElement[bool]] = [mine, Document.author_id == user.id]
    if not user.permissions.isdisjoint(READS_ALL if to_read else KNOWS_ALL):
        ways = [Document.bureau_id == user.bureau_id]
    elif Permission.FINDING_READ in user.permissions:
        ways.append(
            Document.kind.in_(FOR_THE_UNIT)
            & (Document.state == DocumentState.SIGNED)
            & (Document.unit_id == user.unit_id)
        )
    return select(Document).where(Document.bureau_id == user.bureau_id, or_(*ways))


def document_of(
    session: Session, user: User, document_id: UUID, *, to_read: bool = False
) -> Document:
    """Return a document as seen by ``user``, or as readable by them.

    :raises NotFound: there is none, or not for this user.
    """
    document = session.scalar(visible(user, to_read=to_read).where(Document.id == document_id))
    if document is None:
        raise NotFound(N_("没有找到这份文书"))
    return document


def documents_of_inspection(
    session: Session, user: User, inspection_id: UUID
) -> Sequence[Document]:
    """Return an inspection's documents in the order of their issue, the record first."""
    query = visible(user).where(Document.inspection_id == inspection_id)
    record_first = Document.kind != "site_record"
    return session.scalars(query.order_by(record_first, Document.created_at, Document.id)).all()


@dataclass(frozen=True)
class Page:
    """One page of a list, and the cursors of its neighbours (empty at the ends)."""

    rows: Sequence[Document]
    newer: str
    older: str


def documents_page(
    session: Session, user: User, *, before: str = "", after: str = "", state: str = ""
) -> Page:
    """Return a page of documents, the newest first."""
    query = visible(user).options(selectinload(Document.revocation))
    if state in {one.value for one in DocumentState}:
        query = query.where(Document.state == DocumentState(state))
    place = tuple_(Document.created_at, Document.id)
    forward, here = _cursor(after), _cursor(before)
    if forward:
        query = query.where(place > tuple_(*forward))
        query = query.order_by(Document.created_at, Document.id)
    else:
        query = query.where(place < tuple_(*here)) if here else query
        query = query.order_by(Document.created_at.desc(), Document.id.desc())
    rows = list(session.scalars(query.limit(PAGE + 1)))
    more = len(rows) > PAGE
    rows = rows[:PAGE][::-1] if forward else rows[:PAGE]
    if not rows:
        return Page((), "", "")
    newer = more if forward else bool(here)
    older = True if forward else more
    return Page(rows, _told(rows[0]) if newer else "", _told(rows[-1]) if older else "")


def _told(document: Document) -> str:
    return f"{document.created_at.isoformat()}~{document.id}"


def _cursor(text: str) -> tuple[datetime, UUID] | None:
    """Return the place that a cursor names; a broken cursor is no cursor."""
    at, _, key = text.partition("~")
    try:
        moment, document_id = datetime.fromisoformat(at), UUID(key)
    except ValueError:
        return None
    return (moment, document_id) if moment.tzinfo else None


# -- for the acts -----------------------------------------------------------------------------


def document_numbered(session: Session, document_id: UUID, *, lock: bool = False) -> Document:
    """Return a document with its contents, for the acts upon it."""
    query = select(Document).where(Document.id == document_id).options(undefer(Document.snapshot))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()


def head_of(session: Session, unit_id: int) -> str:
    """Return the name of a unit's head; of several, all."""
    people = session.scalars(select(User).where(User.unit_id == unit_id, User.active)).unique()
    return "、".join(user.name for user in people if Role.UNIT_HEAD.value in user.role_names)


def by_code(session: Session, code: str) -> Document | None:
    """Return the document with this verification code (public)."""
    return session.scalar(select(Document).where(Document.code == code))


@dataclass(frozen=True)
class Trouble:
    """Background work that was given up: about which inspection or document, and why.

    ``number`` is the document's, or the inspection's where there is no document yet.
    """

    subject: UUID
    reaction: str
    reason: str
    since: datetime
    number: str
    unit: Unit | None
    document: Document | None
    bureau_id: int


def troubles_of(session: Session, user: User, *, limit: int = 200) -> list[Trouble]:
    """Return what was given up in the user's bureau, the newest first."""
    query = (
        select(Delivery, Event)
        .join(Event, Event.id == Delivery.event_id)
        .where(Delivery.state == DeliveryState.FAILED)
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    found = [_trouble(session, delivery, event) for delivery, event in session.execute(query)]
    return [one for one in found if one and one.bureau_id == user.bureau_id]


def _trouble(session: Session, delivery: Delivery, event: Event) -> Trouble | None:
    try:
        subject = UUID(event.subject)
    except ValueError:
        return None
    document = session.get(Document, subject)
    about = document or session.get(Inspection, subject)
    if about is None:
        return None
    return Trouble(
        subject, delivery.reaction, delivery.error or "", event.at, about.number, about.unit,
        document, about.bureau_id,
    )  # fmt: skip
