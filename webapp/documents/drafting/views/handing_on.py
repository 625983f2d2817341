"""Hand a draft on, take or give it back, throw it away, issue it."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts.access import me, requires
from webapp.core.clock import now
from webapp.core.db import db
from webapp.documents.drafting import queries, service
from webapp.documents.drafting.forms import StepForm
from webapp.documents.drafting.rules import DRAFTING
from webapp.documents.drafting.views.board import bp, today


@bp.post("/documents/drafts/<uuid:draft_id>/offer")
@requires(*DRAFTING)
def offer(draft_id: UUID) -> ResponseReturnValue:
    """Hand a draft on to whoever issues it."""
    draft = queries.draft_of(db.session(), me(), draft_id, lock=True)
    service.offer(db.session(), draft, revision=_revision(), by=me(), at=now())
    flash(_("已送签，签发前可以撤回。"), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/documents/drafts/<uuid:draft_id>/return")
@requires(*DRAFTING)
def give_back(draft_id: UUID) -> ResponseReturnValue:
    """Give a draft back to its author; the author takes it back."""
    draft = queries.draft_of(db.session(), me(), draft_id, lock=True)
    own, remark = draft.author_id == me().id, request.form.get("remark", "")
    service.give_back(db.session(), draft, remark=remark, by=me(), at=now())
    flash(_("已撤回，可以修改。") if own else _("已退回起草人。"), "success")
    return redirect(url_for(".show", draft_id=draft.id) if own else url_for(".index"), 303)


@bp.post("/documents/drafts/<uuid:draft_id>/removal")
@requires(*DRAFTING)
def discard(draft_id: UUID) -> ResponseReturnValue:
    """Throw an own draft away."""
    draft = queries.draft_of(db.session(), me(), draft_id, lock=True)
    service.discard(db.session(), draft, by=me(), at=now())
    flash(_("草稿已删除。"), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/documents/drafts/<uuid:draft_id>/issue")
@requires(*DRAFTING)
def issue(draft_id: UUID) -> ResponseReturnValue:
    """Give the number and fix the contents; pressed twice, lead to the paper that was issued."""
    document, is_new = service.issue_once(
        db.session(), draft_id, revision=_revision(), by=me(), at=now(), on=today()
    )
    if is_new:
        flash(_("已签发，编号 %(number)s", number=document.number), "success")
    return redirect(url_for("documents.show", document_id=document.id), 303)


def _revision() -> int:
    return StepForm().revision.data or 0
