"""Documents: what is printed is fixed as a snapshot before the first page is rendered."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base
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
    signing certificate.
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
    fingerprint: Mapped[str | None]
    signed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    error: Mapped[str | None]
    inspection: Mapped[Inspection] = relationship(lazy="select")
    __table_args__ = (
        UniqueConstraint("bureau_id", "number"),
        UniqueConstraint("inspection_id", "kind"),
        CheckConstraint("state <> 'signed' OR sha256 IS NOT NULL", "signed_has_file"),
        Index(None, "bureau_id", "created_at", "id"),
    )
