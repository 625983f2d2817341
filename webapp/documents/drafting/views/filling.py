"""Fill a draft in; a page that is out of date keeps all that was typed."""

from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts.access import me, requires
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import Conflict, Invalid
from webapp.core.web import language, words
from webapp.documents.drafting import queries, service
from webapp.documents.drafting.forms import DraftFormBase, StepForm, draft_form
from webapp.documents.drafting.rules import DRAFTING
from webapp.documents.drafting.views.board import bp, form_of
from webapp.documents.drafting.views.looking import preview_of
from webapp.documents.models import Draft


@bp.get("/documents/drafts/<uuid:draft_id>")
@requires(*DRAFTING)
def show(draft_id: UUID) -> ResponseReturnValue:
    """Show a draft as a form, or, while another has it, as it stands."""
    draft = queries.draft_of(db.session(), me(), draft_id)
    data = {**draft.answers, "revision": draft.revision}
    form = draft_form(form_of(draft), language())(formdata=None, data=data)
    if question := request.args.get("row"):
        _add_row(form, question)
    return _form_page(draft, form)


@bp.post("/documents/drafts/<uuid:draft_id>")
@requires(*DRAFTING)
def write(draft_id: UUID) -> ResponseReturnValue:
    """Keep what was typed; then go on to the preview, or add a row to a table."""
    session, user = db.session(), me()
    draft = queries.draft_of(session, user, draft_id, lock=True)
    form = draft_form(form_of(draft), language())()
    if not form.validate_on_submit():
        return _form_page(draft, form), 422
    answers = {question.id: form[question.id].data for question in form_of(draft).asks}
    try:
        service.write(session, draft, answers, revision=form.revision.data or 0, by=user, at=now())
    except (Invalid, Conflict) as refusal:
        return _not_kept(draft, form, refusal)
    if request.form.get("then") == "preview":
        return preview_of(draft)
    row = request.form.get("add-row")
    if not row:
        flash(_("已保存"), "success")
    return redirect(url_for(".show", draft_id=draft.id, row=row, _anchor=row), 303)


def _not_kept(
    draft: Draft, form: DraftFormBase, refusal: Invalid | Conflict
) -> ResponseReturnValue:
    """Show the page again with all that was typed and why it was not kept."""
    session = db.session()
    session.rollback()
    draft = queries.draft_of(session, me(), draft.id)
    if refusal.field and refusal.field in form:
        form[refusal.field].errors = [words(refusal)]
        return _form_page(draft, form), refusal.status
    form.revision.data = draft.revision
    form.revision.raw_data = None
    return _form_page(draft, form, clash=words(refusal)), refusal.status


def _form_page(draft: Draft, form: DraftFormBase, *, clash: str = "") -> str:
    asked = form_of(draft)
    return render_template(
        "drafts/form.html",
        draft=draft,
        asked=asked,
        form=form,
        clash=clash,
        may_write=(draft.author_id == me().id) == (draft.offered_at is None),
        is_own=draft.author_id == me().id,
        step=StepForm(formdata=None, revision=draft.revision),
    )


def _add_row(form: DraftFormBase, question_id: str) -> None:
    if question_id in form and isinstance(form[question_id].raw, list):
        rows = form[question_id].raw or [{"row": uuid4().hex[:8]}]
        form[question_id].raw = [*rows, {"row": uuid4().hex[:8]}]
