"""Documents: what is printed is fixed as a snapshot before the first page is rendered."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Serial
from webapp.inspections.models import Inspection


class DocumentState(enum.Enum):
    """How far a document has come."""

    QUEUED = "queued"
    RENDERED = "rendered"
    SIGNED = "signed"
    FAILED = "failed"


class Document(Base):
    """One document of one inspection, from its number to its signed file.

    ``code`` is the short verification code printed on it; ``fingerprint`` is the SHA-256 of the
    signing certificate.  ``sha256``, ``size_bytes``, ``level`` and ``stamped_until`` are those of
    the file as it was first signed; :attr:`newest` is what is handed out.
    """

    __tablename__ = "document"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    inspection_id: Mapped[UUID] = mapped_column(ForeignKey("inspection.id"))
    kind: Mapped[str]
    number: Mapped[str]
    title: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    state: Mapped[DocumentState] = mapped_column(default=DocumentState.QUEUED)
    snapshot: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    rendered_sha256: Mapped[str | None]
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
    inspection: Mapped[Inspection] = relationship(lazy="select")
    later_forms: Mapped[list["LaterForm"]] = relationship(
        lazy="selectin", order_by="LaterForm.id", viewonly=True
    )
    __table_args__ = (
        UniqueConstraint("bureau_id", "number"),
        UniqueConstraint("inspection_id", "kind"),
        CheckConstraint("state <> 'signed' OR sha256 IS NOT NULL", "signed_has_file"),
        Index(None, "bureau_id", "created_at", "id"),
    )

    @property
    def forms(self) -> "tuple[Document | LaterForm, ...]":
        """The signed file and what it was raised to, the newest last."""
        return (self, *self.later_forms)

    @property
    def newest(self) -> "Document | LaterForm":
        """The form that is handed out: digest, size, level, and how long its timestamp lasts."""
        return self.forms[-1]


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
