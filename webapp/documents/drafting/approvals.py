"""The two papers of an inspection as its approval would make them, looked at before approving."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import Invalid
from webapp.documents import assembly, materials, numbering
from webapp.documents.assembly import Material
from webapp.documents.drafting import previews, queries
from webapp.documents.kinds import KINDS
from webapp.documents.kinds.base import Numbering
from webapp.documents.models import Preview
from webapp.documents.snapshot import Record
from webapp.documents.workshop import workshop
from webapp.inspections.models import Inspection, Submission
from webapp.inspections.rules import Status
from webapp.reviews import service as reviews
from webapp.reviews import views as review_pages
from webapp.reviews.forms import ReviewForm

bp = Blueprint("approvals", __name__)
NUMBERING = {"site_record": Numbering.WORKING, "feedback": Numbering.FORMAL}


@bp.post("/reviews/<uuid:inspection_id>/previews")
@requires(Permission.INSPECTION_REVIEW)
def ask(inspection_id: UUID) -> ResponseReturnValue:
    """Have both papers printed with the findings as worded on the page, which stay unsaved."""
    inspection, submission, form = review_pages.at_hand(inspection_id)
    if inspection.status is Status.SUBMITTED and not form.check():
        return review_pages.page(inspection, submission, form, 422)
    try:
        first, *_ = _previews(inspection, submission, form)
    except Invalid as refusal:
        return review_pages.refused(inspection, submission, form, refusal)
    return redirect(url_for("documents.drafting.preview", preview_id=first.id), 303)


@bp.get("/documents/previews/<uuid:preview_id>/review")
@requires(Permission.INSPECTION_REVIEW)
def back(preview_id: UUID) -> ResponseReturnValue:
    """Go back to the review page, with all that was typed there when the preview was asked for."""
    made = queries.preview_of(db.session(), me(), preview_id, typed=True)
    if made.inspection_id is None or made.typed is None:
        return redirect(url_for("documents.drafting.preview", preview_id=made.id), 303)
    return review_pages.typed_again(made.inspection_id, made.typed)


def _previews(inspection: Inspection, submission: Submission, form: ReviewForm) -> list[Preview]:
    session, user, at = db.session(), me(), now()
    material = _material(session, inspection, submission, form)
    typed = {name: text for name, text in request.form.items() if name != "csrf_token"}
    return [
        previews.ask(
            session, contents(material, kind), by=user, at=at, inspection=inspection, typed=typed
        )
        for kind in material.titles
    ]


def _material(
    session: Session, inspection: Inspection, submission: Submission, form: ReviewForm
) -> Material:
    worded: dict[str, Any] = {"judgements": form.judgements(), "opinion": form.opinion.data}
    found, opinion = reviews.foresee(session, inspection, submission, by=me(), **worded)
    return materials.material(
        session, inspection, submission, findings=found, opinion=opinion, reviewer=me(),
        issued_on=now().astimezone(workshop().settings.zone).date(),
    )  # fmt: skip


def contents(material: Material, kind: str) -> Record:
    """Lay one of the papers out as it would be issued: without number, code and seal."""
    inspection = material.inspection
    number = numbering.draft_number(
        NUMBERING[kind], inspection.unit.bureau, material.issued_on, inspection
    )
    return assembly.snapshot(
        material, kind=kind, number=number, title=material.titles[kind], code=assembly.NO_CODE,
        verify_url=workshop().verify_url(), draft_mark=assembly.DRAFT_MARK,
        for_unit=KINDS[kind].for_unit,
    )  # fmt: skip
