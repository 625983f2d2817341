"""Look at a paper page by page as it would be printed."""

from uuid import UUID

from flask import Response, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts.access import me, requires
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, NotFound
from webapp.documents.drafting import previews, queries, rules, service
from webapp.documents.drafting.forms import StepForm
from webapp.documents.drafting.rules import DRAFTING
from webapp.documents.drafting.views.board import bp, form_of, today
from webapp.documents.handing import preview_answer
from webapp.documents.models import Draft, Preview, PreviewState

PREVIEW_WORDS = {
    PreviewState.QUEUED: N_("正在生成"),
    PreviewState.READY: N_("可以查看"),
    PreviewState.FAILED: N_("未完成"),
}


def preview_of(draft: Draft) -> ResponseReturnValue:
    """Have a draft printed as it stands, and go there."""
    made = previews.of_draft(db.session(), draft, by=me(), at=now(), on=today())
    return redirect(url_for(".preview", preview_id=made.id), 303)


@bp.get("/documents/previews/<uuid:preview_id>")
@requires(*DRAFTING)
def preview(preview_id: UUID) -> ResponseReturnValue:
    """Show a paper page by page as it would be printed, and what can be done with it."""
    session = db.session()
    made = queries.preview_of(session, me(), preview_id)
    draft = queries.draft_of(session, me(), made.draft_id) if made.draft_id else None
    steps = service.steps(draft, me()) if draft else service.Steps()
    return render_template(
        "drafts/preview.html",
        preview=made,
        draft=draft,
        papers=queries.beside(session, made),
        pending=made.state is PreviewState.QUEUED,
        state=(made.state.value, _(PREVIEW_WORDS[made.state])),
        faults=rules.faults(form_of(draft), draft.answers) if draft else (),
        step=StepForm(formdata=None, revision=made.revision),
        **vars(steps),
    )


@bp.get("/documents/previews/<uuid:preview_id>/state")
@requires(*DRAFTING)
def preview_state(preview_id: UUID) -> ResponseReturnValue:
    """Say how far a preview is, for the page that waits for it."""
    return jsonify(state=queries.preview_of(db.session(), me(), preview_id).state.value)


@bp.get("/documents/previews/<uuid:preview_id>/pages/<int:number>")
@requires(*DRAFTING)
def preview_page(preview_id: UUID, number: int) -> ResponseReturnValue:
    """Return one page of a preview as a picture."""
    picture = previews.page_picture(_pdf(preview_id), number)
    if picture is None:
        raise NotFound(N_("没有这一页"))
    return _private(Response(picture, mimetype="image/png"))


@bp.get("/documents/previews/<uuid:preview_id>/file")
@requires(*DRAFTING)
def preview_file(preview_id: UUID) -> ResponseReturnValue:
    """Return a preview as PDF, to be opened in the browser's own viewer."""
    return preview_answer(_pdf(preview_id))


def _pdf(preview_id: UUID) -> bytes:
    made: Preview = queries.preview_of(db.session(), me(), preview_id, pdf=True)
    if made.pdf is None:
        raise NotFound(N_("预览还没有生成"))
    return made.pdf


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer
