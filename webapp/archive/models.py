"""Archive records; what is sealed never changes but for the date of its last check."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Serial
from webapp.documents.models import Document


class ArchiveRecord(Base):
    """One sealed document under its archive number (档号, DA/T 13—2022).

    ``details`` is the metadata of the archive (DA/T 46—2009, domain notes §7.4); ``search_text``
    what search looks at, see ``archive.search``.
    """

    __tablename__ = "archive_record"
    id: Mapped[int] = mapped_column(Serial, primary_key=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), unique=True)
    kind: Mapped[str]
    number: Mapped[str] = mapped_column(unique=True)
    year: Mapped[int]
    retention: Mapped[str]
    title: Mapped[str]
    responsible: Mapped[str]
    doc_date: Mapped[date]
    sha256: Mapped[str]
    size_bytes: Mapped[int]
    details: Mapped[dict[str, Any]]
    search_text: Mapped[str] = mapped_column(deferred=True)
    sealed_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    document: Mapped[Document] = relationship(lazy="joined", innerjoin=True)
    __table_args__ = (Index(None, "bureau_id", "id"), Index(None, "checked_at"))
