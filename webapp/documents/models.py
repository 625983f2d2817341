"""Documents: what is printed is fixed as a snapshot before the first page is rendered."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Unit, User
from webapp.core.db import Base, Serial
from webapp.documents.countersigning.rules import Method
from webapp.inspections.models import Inspection


class DocumentState(enum.Enum):
    """How far a document has come; where people sign it, ``SIGNING`` lies before the seal.

    ``REFUSED``: somebody of the bureau would not sign it, and it ends there.
    """

    QUEUED = "queued"
    RENDERED = "rendered"
    SIGNING = "signing"
    REFUSED = "refused"
    SIGNED = "signed"
    FAILED = "failed"


class Document(Base):
    """One document, from its number to its signed file.

    ``inspection_id`` and ``unit_id`` say what it is about, where it is about one; ``author_id`` who
    drafted it (nobody: the system).  ``code`` is the short verification code printed on it;
    ``fingerprint`` is the SHA-256 of the signing certificate.  ``sha256``, ``size_bytes``,
    ``level`` and ``stamped_until`` are those of the file as it was first signed; :attr:`newest` is
    what is handed out.
    """

    __tablename__ = "document"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    inspection_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[str]
    number: Mapped[str]
    title: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.QUEUED)
    snapshot: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    rendered_sha256: Mapped[str | None]
    prepared_sha256: Mapped[str | None]
    seal_box: Mapped[list[Any] | None]
    sha256: Mapped[str | None] = mapped_column(index=True)
    size_bytes: Mapped[int | None]
    pages: Mapped[int | None]
    level: Mapped[str | None]
    stamped_until: Mapped[datetime | None]
    fingerprint: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    error: Mapped[str | None]
    inspection: Mapped[Inspection | None] = relationship(lazy="select")
    unit: Mapped[Unit | None] = relationship(lazy="select")
    author: Mapped[User | None] = relationship(lazy="select")
    signatures: Mapped[list["DocumentSignature"]] = relationship(
        lazy="select", order_by="DocumentSignature.place", viewonly=True
    )
    revocation: Mapped["Revocation | None"] = relationship(
        lazy="select", viewonly=True, foreign_keys="Revocation.document_id"
    )
    later_forms: Mapped[list["LaterForm"]] = relationship(
        lazy="selectin", order_by="LaterForm.id", viewonly=True
    )
    __table_args__ = (
        UniqueConstraint("bureau_id", "number"),
        CheckConstraint("state <> 'signed' OR sha256 IS NOT NULL", "signed_has_file"),
        Index(None, "bureau_id", "created_at", "id"),
        Index(None, "inspection_id"),
        Index(None, "author_id"),
    )

    @property
    def forms(self) -> "tuple[Document | LaterForm, ...]":
        """The signed file and what it was raised to, the newest last."""
        return (self, *self.later_forms)

    @property
    def newest(self) -> "Document | LaterForm":
        """The form that is handed out: digest, size, level, and how long its timestamp lasts."""
        return self.forms[-1]


class Revocation(Base):
    """A signed document that counts no longer: why, and which one counts instead, if any."""

    __tablename__ = "revocation"
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    reason: Mapped[str]
    replaced_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime]
    replaced_by: Mapped[Document | None] = relationship(foreign_keys=replaced_by_id, lazy="joined")
    __table_args__ = (CheckConstraint("replaced_by_id <> document_id", "another"),)


class DocumentSignature(Base):
    """One signature that a document waits for, or bears: by whom, where, when, how.

    ``user_id`` is who must sign, None where the role says who may.  ``by_id`` is who did, by the
    certificate of that ``fingerprint``; where it took down another's signature or refusal, ``name``
    is the other's.  ``shown_sha256`` is the file that the signer saw, ``sha256`` the file that came
    out.  ``strokes`` are SVG path data in a box of ``width`` by ``height`` CSS pixels.
    """

    __tablename__ = "document_signature"
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str]
    label: Mapped[str]
    printed_name: Mapped[str]
    box: Mapped[list[Any] | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    method: Mapped[Method | None]
    name: Mapped[str] = mapped_column(default="")
    strokes: Mapped[dict[str, Any] | None]
    reason: Mapped[str] = mapped_column(default="")
    witness: Mapped[str] = mapped_column(default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    fingerprint: Mapped[str | None]
    shown_sha256: Mapped[str | None]
    sha256: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    by: Mapped[User | None] = relationship(foreign_keys=by_id, lazy="joined")
    user: Mapped[User | None] = relationship(foreign_keys=user_id, lazy="joined")
    __table_args__ = (
        CheckConstraint("method <> 'refused' OR (reason <> '' AND witness <> '')", "refusal_told"),
        CheckConstraint("method <> 'drawn' OR strokes IS NOT NULL", "drawn_has_strokes"),
        CheckConstraint("signed_at IS NULL OR (method IS NOT NULL AND by_id IS NOT NULL)", "whole"),
    )


class LaterForm(Base):
    """A later form of a signed document: its very bytes, then a timestamp and its evidence.

    The earlier forms stay originals.  ``stamped_until`` is when the certificate behind the newest
    archive timestamp ends: before that the timestamp must be renewed.
    """

    __tablename__ = "later_form"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    sha256: Mapped[str] = mapped_column(unique=True)
    size_bytes: Mapped[int]
    level: Mapped[str]
    stamped_until: Mapped[datetime | None]
    at: Mapped[datetime]


class Draft(Base):
    """A paper that somebody is writing: the answers to its kind's questions.

    Its id becomes the document's when it is issued, and the row goes.  ``offered_at`` says that
    it was handed to whoever issues it, ``remark`` why it came back.
    """

    __tablename__ = "draft"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    kind: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    inspection_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection.id"), index=True)
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("finding.id"))
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    remark: Mapped[str] = mapped_column(default="")
    offered_at: Mapped[datetime | None]
    begun_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column()
    author: Mapped[User] = relationship(lazy="joined", innerjoin=True)
    unit: Mapped[Unit | None] = relationship(lazy="select")
    inspection: Mapped[Inspection | None] = relationship(lazy="select")
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's own form
    __table_args__ = (Index(None, "bureau_id", "offered_at"),)


class PreviewState(enum.Enum):
    """How far a preview has come."""

    QUEUED = "queued"
    READY = "ready"
    FAILED = "failed"


class Preview(Base):
    """A paper as it would be printed, for the one who asked; kept for a day, never archived.

    ``revision`` is the draft's, so that what is issued is what was looked at; ``typed`` what stood
    on the review page, where an approval's papers were asked for.
    """

    __tablename__ = "preview"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    draft_id: Mapped[UUID | None] = mapped_column(ForeignKey("draft.id"), index=True)
    inspection_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection.id"))
    revision: Mapped[int | None]
    kind: Mapped[str]
    contents: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    typed: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    state: Mapped[PreviewState] = mapped_column(default=PreviewState.QUEUED)
    pdf: Mapped[bytes | None] = mapped_column(deferred=True)
    pages: Mapped[int | None]
    error: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(index=True)
