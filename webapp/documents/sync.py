"""Documents for programs: what there is, and the signed files."""

from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.core.db import db
from webapp.core.openapi import describes
from webapp.core.wire import answer
from webapp.documents import queries
from webapp.documents.handing import pdf_answer, signed_bytes
from webapp.documents.kinds import KINDS
from webapp.documents.models import Document
from webapp.documents.workshop import workshop
from webapp.inspections.queries import inspection_of

bp = Blueprint("documents_api", __name__, url_prefix="/api/v1")


class DocumentMessage(BaseModel):
    """One document: how far it is, and where its file lies once it is signed."""

    id: UUID
    inspection: UUID | None = Field(description="The inspection that it is about, if any")
    kind: str = Field(description="As site_record, feedback, inspection_notice")
    kind_name: str
    number: str
    title: str
    state: Literal["queued", "rendered", "signing", "refused", "signed", "failed"]
    code: str = Field(description="The verification code printed on it")
    verify_url: str
    file: str | None = Field(description="Where the signed PDF is fetched")
    sha256: str | None
    size_bytes: int | None
    pages: int | None
    level: str | None = Field(description="PAdES level: B-B, B-T, B-LT or B-LTA")
    fingerprint: str | None = Field(description="SHA-256 of the signing certificate")
    signed_at: datetime | None
    created_at: datetime
    error: str | None


class DocumentsMessage(BaseModel):
    """The documents of one inspection, as far as the asker may know of them."""

    documents: list[DocumentMessage]


@bp.get("/inspections/<uuid:inspection_id>/documents")
@describes({200: DocumentsMessage})
@requires(Permission.DOCUMENT_READ)
def documents(inspection_id: UUID) -> ResponseReturnValue:
    """List the documents of an inspection."""
    session, user = db.session(), me()
    found = queries.documents_of_inspection(session, user, inspection_id)
    if not found:
        inspection_of(session, user, inspection_id)
    return answer(DocumentsMessage(documents=[message_of(document) for document in found]))


@bp.get("/documents/<uuid:document_id>")
@describes({200: DocumentMessage})
@requires(Permission.DOCUMENT_READ)
def document(document_id: UUID) -> ResponseReturnValue:
    """Return one document."""
    return answer(message_of(queries.document_of(db.session(), me(), document_id)))


@bp.get("/documents/<uuid:document_id>/file")
@describes({200: "application/pdf"}, refuses=(409,))
@requires(Permission.DOCUMENT_READ)
def document_file(document_id: UUID) -> ResponseReturnValue:
    """Return the signed PDF; its ``ETag`` is its SHA-256."""
    found = queries.document_of(db.session(), me(), document_id, to_read=True)
    return pdf_answer(found, signed_bytes(found))


def message_of(document: Document) -> DocumentMessage:
    """Return a document as programs see it."""
    signed_at, newest = document.signed_at, document.newest
    file = url_for("documents_api.document_file", document_id=document.id)
    return DocumentMessage(
        id=document.id,
        inspection=document.inspection_id,
        kind=document.kind,
        kind_name=KINDS[document.kind].name,
        number=document.number,
        title=document.title,
        state=document.state.value,
        code=document.code,
        verify_url=workshop().verify_url(document.code),
        file=file if document.sha256 else None,
        sha256=newest.sha256,
        size_bytes=newest.size_bytes,
        pages=document.pages,
        level=newest.level,
        fingerprint=document.fingerprint,
        signed_at=signed_at.astimezone(UTC) if signed_at else None,
        created_at=document.created_at.astimezone(UTC),
        error=document.error,
    )
