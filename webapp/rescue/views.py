"""The page where rescue files come in, and what became of each thing in them."""

from collections import Counter
from typing import Any

from flask import Blueprint, current_app, json, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts.access import may, me, requires
from webapp.accounts.rules import Permission
from webapp.core.db import db
from webapp.core.errors import N_, Invalid
from webapp.core.events import Event
from webapp.core.web import words
from webapp.rescue import desk, queries
from webapp.rescue.forms import UploadForm

bp = Blueprint("rescue", __name__)
NAV = ()
KIND_WORDS = {
    "photo": N_("照片"),
    "inspection": N_("新开的督查"),
    "change": N_("答案"),
    "changes": N_("答案"),
    "signature": N_("签名"),
    "submission": N_("提交"),
}
STATUS_WORDS = {
    "applied": N_("已导入"),
    "duplicate": N_("先前已有"),
    "conflict": N_("已导入，有冲突"),
    "refused": N_("没有接收"),
}
STATUS_KINDS = {"applied": "sent", "duplicate": "done"}


@bp.app_context_processor
def context() -> dict[str, Any]:
    """Tell the pages of those who fill in for whom the phone closes what it keeps."""
    if not may(Permission.INSPECTION_FILL):
        return {}
    key, user = desk.rescue_key(), me()
    told = {"id": key.id, "key": key.text, "user": user.id, "proof": key.proof_of(user.id)}
    return {"rescue": json.dumps(told), "policy": current_app.extensions["settings"]}


@bp.app_template_filter("receipt_status")
def receipt_status(status: str) -> tuple[str, str]:
    """Return a receipt's status as (kind, word) for ``components/status.html``."""
    return STATUS_KINDS.get(status, status), _(STATUS_WORDS[status])


@bp.get("/rescue")
@requires(Permission.RESCUE_IMPORT)
def index() -> ResponseReturnValue:
    """Ask for a rescue file and list earlier imports."""
    return _page(UploadForm())


@bp.post("/rescue")
@requires(Permission.RESCUE_IMPORT, begin=False)
def upload() -> ResponseReturnValue:
    """Import a rescue file in the name of whoever made what is in it."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        event_id = desk.take(form.file.data.stream)
    except Invalid as refusal:
        remedy = refusal.params.get("remedy")
        form.file.errors = [words(refusal) + (_(remedy) if isinstance(remedy, str) else "")]
        return _page(form), 422
    return redirect(url_for(".show", event_id=event_id), 303)


@bp.get("/rescue/<int:event_id>")
@requires(Permission.RESCUE_IMPORT)
def show(event_id: int) -> ResponseReturnValue:
    """Show what became of each thing in a file."""
    event = queries.import_of(db.session(), me().bureau_id, event_id)
    return render_template(
        "rescue/show.html", event=event, counts=counts(event), kinds=KIND_WORDS, translate=_
    )


def counts(event: Event) -> Counter[str]:
    """Return how many things of a file had which end."""
    return Counter(receipt["status"] for receipt in event.data["receipts"])


def _page(form: UploadForm) -> str:
    past = [(event, counts(event)) for event in queries.imports_of(db.session(), me().bureau_id)]
    return render_template("rescue/index.html", form=form, past=past)


@bp.before_request
def _large_files() -> None:
    request.max_content_length = desk.FILE_MAX_BYTES
