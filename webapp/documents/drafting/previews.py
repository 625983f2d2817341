"""Previews: a paper as it would be printed, made in the background like every paper.

They lie in the database, one for each thing looked at, and go after a day: what was never issued
has no place among the kept files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pypdfium2
from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session, undefer

from webapp.accounts.models import User
from webapp.core import events
from webapp.core.errors import N_, Invalid
from webapp.core.events import Event
from webapp.documents import rendering
from webapp.documents.drafting import rules, subjects
from webapp.documents.kinds import contents_of
from webapp.documents.models import Draft, Preview, PreviewState
from webapp.documents.snapshot import Snapshot
from webapp.documents.workshop import workshop
from webapp.inspections.models import Inspection

KEPT = timedelta(days=1)
PAGE_SCALE = 2.0  # device pixels a point: sharp on a phone's screen


def ask(
    session: Session, contents: Snapshot, *, by: User, at: datetime, draft: Draft | None = None,
    inspection: Inspection | None = None, typed: Mapping[str, str] | None = None,
) -> Preview:  # fmt: skip
    """Ask for a preview; what the same person looked at before of the same paper goes."""
    preview = Preview(
        id=uuid4(), by_id=by.id, kind=contents.kind, contents=contents.model_dump(mode="json"),
        draft_id=draft.id if draft else None, revision=draft.revision if draft else None,
        inspection_id=inspection.id if inspection else None, asked_at=at,
        typed=dict(typed) if typed is not None else None,
    )  # fmt: skip
    same = (
        (Preview.by_id == by.id)
        & (Preview.kind == preview.kind)
        & Preview.draft_id.is_not_distinct_from(preview.draft_id)
        & Preview.inspection_id.is_not_distinct_from(preview.inspection_id)
    )
    session.execute(delete(Preview).where(or_(same, Preview.asked_at < at - KEPT)))
    session.add(preview)
    events.record(session, "preview.asked", preview.id, by_id=by.id, at=at)
    return preview


def of_draft(session: Session, draft: Draft, *, by: User, at: datetime, on: date) -> Preview:
    """Ask for a preview of a draft as it stands; ``on`` is the day that is printed."""
    form = rules.form_of(draft.kind)
    if form is None:
        raise Invalid(N_("没有这种可以起草的文书"), field="kind", code="no_such_kind")
    contents = subjects.preview_of(draft, subjects.subject_of(session, draft, on=on), form)
    return ask(session, contents, by=by, at=at, draft=draft)


@dataclass(frozen=True)
class Shown:
    """A printed preview."""

    pdf: bytes
    pages: int


def print_preview(session: Session, event: Event) -> Shown | None:
    """Print a preview; nothing where it is printed or gone already."""
    query = select(Preview).where(Preview.id == UUID(event.subject))
    preview = session.scalar(query.options(undefer(Preview.contents)))
    if preview is None or preview.state is not PreviewState.QUEUED:
        return None
    contents, asked_at = contents_of(preview.contents), preview.asked_at
    session.commit()  # ends the reading transaction before the long work
    tools = workshop()
    printed = rendering.printed(contents, fonts=tools.fonts, storage=tools.storage, dated=asked_at)
    return Shown(printed.pdf, printed.pages)


def preview(session: Session, event: Event, shown: Shown | None) -> None:
    """Keep a printed preview (reaction to ``preview.asked``)."""
    row = session.get(Preview, UUID(event.subject))
    if shown is None or row is None:
        return
    row.pdf, row.pages, row.state, row.error = shown.pdf, shown.pages, PreviewState.READY, None


def give_up(session: Session, event: Event, reason: str) -> None:
    """Let a preview say that it could not be made, and why."""
    row = session.get(Preview, UUID(event.subject))
    if row is not None and row.state is PreviewState.QUEUED:
        row.state, row.error = PreviewState.FAILED, reason


def page_picture(pdf: bytes, number: int) -> bytes | None:
    """Return one page (from 1) as PNG; nothing where there is no such page."""
    document = pypdfium2.PdfDocument(pdf)
    if document.get_formtype():
        document.init_forms()  # else signatures are not drawn
    try:
        if not 1 <= number <= len(document):
            return None
        picture = document[number - 1].render(scale=PAGE_SCALE).to_pil().convert("P")
    finally:
        document.close()
    out = BytesIO()
    picture.save(out, "PNG", optimize=False)
    return out.getvalue()
