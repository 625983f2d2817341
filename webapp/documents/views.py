"""Pages of documents: the list, one document, its file, and the work that was given up."""

from collections.abc import Sequence
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts.access import me, requires
from webapp.accounts.models import Bureau
from webapp.accounts.rules import Permission
from webapp.core import events
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Invalid, NotFound
from webapp.core.events import Event
from webapp.core.web import NavItem, instant, words
from webapp.documents import picturing, public, queries, raising, revoking, service
from webapp.documents.countersigning import views as countersigning
from webapp.documents.drafting import approvals
from webapp.documents.drafting import views as drafting
from webapp.documents.forms import RevocationForm
from webapp.documents.handing import pdf_answer, signed_bytes
from webapp.documents.kinds import KINDS
from webapp.documents.models import Document, DocumentState
from webapp.documents.workshop import open_workshop, workshop
from webapp.inspections.models import Inspection

bp = Blueprint("documents", __name__)
bp.register_blueprint(public.bp)
bp.register_blueprint(drafting.bp)
bp.register_blueprint(approvals.bp)
bp.register_blueprint(countersigning.bp)
NAV = (
    NavItem("documents.index", N_("文书"), "paper", Permission.DOCUMENT_READ),
    NavItem("documents.troubles", N_("需要处理"), "alert", Permission.DOCUMENT_MEND),
)
STATE_WORDS = {
    DocumentState.QUEUED: N_("正在生成"),
    DocumentState.RENDERED: N_("正在签名"),
    DocumentState.SIGNING: N_("等待签名"),
    DocumentState.REFUSED: N_("拒签"),
    DocumentState.SIGNED: N_("已签名"),
    DocumentState.FAILED: N_("未完成"),
}
PENDING = frozenset({DocumentState.QUEUED, DocumentState.RENDERED})
MAY_OPEN = frozenset({Permission.INSPECTION_READ, Permission.INSPECTION_REVIEW})
REACTION_WORDS = {
    "findings.derive": N_("没有得出问题清单"),
    "documents.issue": N_("没有编号和固定内容"),
    "documents.render": N_("没有生成 PDF"),
    "documents.open_signing": N_("没有准备好签名栏"),
    "documents.sign": N_("没有签名"),
    "archive.seal": N_("没有归档"),
    "documents.raise_level": N_("没有补加时间戳"),
}
HISTORY_WORDS = {
    "draft.begun": N_("起草"),
    "draft.offered": N_("送签"),
    "draft.returned": N_("退回修改"),
    "document.issued": N_("编号并固定内容"),
    "document.rendered": N_("生成 PDF"),
    "document.signing_opened": N_("等待有关人员签名"),
    "document.signature_given": N_("签名"),
    "document.signature_refused": N_("拒签"),
    "document.signed": N_("加盖电子签章"),
    "archive.sealed": N_("归档"),
    "document.raised": N_("补加时间戳"),
    "document.revoked": N_("作废"),
    "work.retried": N_("重新处理"),
}


@bp.record_once
def _set_up(state: BlueprintSetupState) -> None:
    extensions = state.app.extensions
    open_workshop(extensions["settings"], extensions["storage"])


@bp.app_template_filter("document_status")
def document_status(document: Document) -> tuple[str, str]:
    """Return how far a document is as (kind, word) for ``components/status.html``."""
    if document.revocation is not None:
        return "void", _("已作废")
    return document.state.value, _(STATE_WORDS[document.state])


@bp.app_template_filter("document_kind")
def document_kind(kind: str) -> str:
    """Return what people call a kind of document."""
    return str(_(KINDS[kind].name))


@bp.app_template_global()
def documents_of(inspection: Inspection) -> Sequence[Document]:
    """Return an inspection's documents as far as the one who asks may know of them."""
    return queries.documents_of_inspection(db.session(), me(), inspection.id)


@bp.get("/documents")
@requires(Permission.DOCUMENT_READ, Permission.DOCUMENT_MEND)
def index() -> ResponseReturnValue:
    """List documents, the newest first."""
    page = queries.documents_page(
        db.session(),
        me(),
        before=request.args.get("before", ""),
        after=request.args.get("after", ""),
    )
    return render_template("issued/index.html", page=page)


@bp.get("/documents/<uuid:document_id>")
@requires(Permission.DOCUMENT_READ, Permission.DOCUMENT_MEND)
def show(document_id: UUID) -> ResponseReturnValue:
    """Show one document: how far it is, its number, digest, signer, code."""
    document = queries.document_of(db.session(), me(), document_id)
    return _show(document, RevocationForm(formdata=None))


@bp.post("/documents/<uuid:document_id>/revocation")
@requires(Permission.DOCUMENT_ISSUE)
def revoke(document_id: UUID) -> ResponseReturnValue:
    """Declare a signed document void, or replaced by another."""
    document, form = queries.document_of(db.session(), me(), document_id), RevocationForm()
    try:
        revoking.revoke(
            db.session(), document, by=me(), at=now(),
            reason=(form.reason.data or "").strip(),
            replaced_by=(form.replaced_by.data or "").strip(),
        )  # fmt: skip
    except Invalid as refusal:
        field = form[refusal.field or "reason"]
        field.errors = [*field.errors, words(refusal)]
        return _show(document, form), refusal.status
    flash(_("已作废"), "success")
    return redirect(url_for(".show", document_id=document_id), 303)


def _show(document: Document, revocation: RevocationForm) -> str:
    told = [
        (_happened(event), instant(event.at))
        for event in events.history(db.session(), document.id)
        if event.kind in HISTORY_WORDS
    ]
    return render_template(
        "issued/show.html",
        document=document,
        history=told,
        pending=document.state in PENDING,
        verify_url=workshop().verify_url(document.code),
        levels=public.LEVELS,
        my_turn=any(turn.document is document for turn in countersigning.papers_to_sign()),
        revocation=revocation,
        awaits_timestamp=raising.awaits_timestamp(document),
        earlier=_earlier(document),
        bureau=db.session.get_one(Bureau, document.bureau_id),
        may_open=not me().permissions.isdisjoint(MAY_OPEN),
    )


def _happened(event: Event) -> str:
    """Return what happened, and who did it where somebody signed or refused."""
    word, name = _(HISTORY_WORDS[event.kind]), event.data.get("name")
    return f"{word}{_('：')}{name}" if name else str(word)


def _earlier(document: Document) -> list[tuple[str, str]]:
    """Return level and digest of each form before the newest."""
    forms = document.forms[:-1]
    return [(public.LEVELS.get(form.level or "", ""), form.sha256 or "") for form in forms]


@bp.get("/documents/<uuid:document_id>/state")
@requires(Permission.DOCUMENT_READ, Permission.DOCUMENT_MEND)
def state(document_id: UUID) -> ResponseReturnValue:
    """Say how far a document is, for the page that waits for it."""
    return jsonify(state=queries.document_of(db.session(), me(), document_id).state.value)


@bp.get("/documents/<uuid:document_id>/file")
@requires(Permission.DOCUMENT_READ)
def file(document_id: UUID) -> ResponseReturnValue:
    """Hand out the signed file, after its bytes were compared with its digest."""
    document = queries.document_of(db.session(), me(), document_id, to_read=True)
    return pdf_answer(document, signed_bytes(document))


@bp.get("/documents/<uuid:document_id>/pages/<int:number>")
@requires(Permission.DOCUMENT_READ)
def page(document_id: UUID, number: int) -> ResponseReturnValue:
    """Return one page of the signed file as a small picture."""
    document = queries.document_of(db.session(), me(), document_id, to_read=True)
    picture = picturing.page(signed_bytes(document), number)
    if picture is None:
        raise NotFound(N_("没有这一页"))
    answer = Response(picture.webp, mimetype="image/webp")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@bp.post("/documents/<uuid:subject>/attempts")
@requires(Permission.DOCUMENT_MEND)
def retry(subject: UUID) -> ResponseReturnValue:
    """Try again what was given up about a document or an inspection."""
    service.retry(db.session(), me(), subject, at=now())
    flash(_("已重新排队，稍后刷新查看结果。"), "success")
    return redirect(url_for(".troubles"), 303)


@bp.get("/documents/troubles")
@requires(Permission.DOCUMENT_MEND)
def troubles() -> ResponseReturnValue:
    """List background work that was given up, with its reasons."""
    found = queries.troubles_of(db.session(), me())
    words = {name: _(told) for name, told in REACTION_WORDS.items()}
    return render_template("issued/troubles.html", troubles=found, words=words)
