"""From fixed contents to a PDF: which style sheets, pictures and attachments a document gets."""

from datetime import datetime

from webapp.core.storage import Storage
from webapp.documents.fonts import Fonts
from webapp.documents.kinds import KINDS, compose
from webapp.documents.models import Document
from webapp.documents.render import Attached, Rendered, render
from webapp.documents.snapshot import Snapshot
from webapp.documents.workshop import Workshop

PNG = b"\x89PNG"


def printed(contents: Snapshot, *, fonts: Fonts, storage: Storage, dated: datetime) -> Rendered:
    """Print a document with its contents attached as JSON."""

    def blobs(sha256: str) -> tuple[bytes, str]:
        data = storage.get(sha256)
        return data, "image/png" if data.startswith(PNG) else "image/jpeg"

    return render(
        compose(contents),
        fonts=fonts,
        blobs=blobs,
        styles=KINDS[contents.kind].styles,
        attachments=(Attached("contents.json", contents.to_json(), "文书内容（JSON）"),),
        dated=dated,
    )


def seal_appearance(document: Document, signer: str, at: datetime, tools: Workshop) -> bytes | None:
    """Return what is shown where the signature lies; nothing: a thin frame."""
    return None
