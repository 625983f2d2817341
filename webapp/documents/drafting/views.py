"""Pages of drafts: choose a kind, fill it in, look at it, hand it on or issue it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import queries as accounts
from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Conflict, Forbidden, Invalid, NotFound
from webapp.core.web import language, words
from webapp.documents import queries as documents
from webapp.documents.drafting import previews, queries, rules, service, subjects
from webapp.documents.drafting.forms import BeginForm, DraftFormBase, StepForm, draft_form
from webapp.documents.kinds import KINDS
from webapp.documents.kinds.base import GROUP_WORDS, About, Form, Group
from webapp.documents.models import Draft, Preview, PreviewState
from webapp.documents.workshop import workshop
from webapp.inspections import queries as inspections

bp = Blueprint("drafting", __name__)
DRAFTING = (Permission.DOCUMENT_DRAFT, Permission.DOCUMENT_ISSUE, Permission.REPORT_FILE)
PREVIEW_WORDS = {
    PreviewState.QUEUED: N_("正在生成"),
    PreviewState.READY: N_("可以查看"),
    PreviewState.FAILED: N_("未完成"),
}


@bp.app_template_filter("draft_state")
def draft_state(draft: Draft) -> tuple[str, str]:
    """Return a draft's state as (kind, word) for ``components/status.html``."""
    if draft.offered_at is not None:
        return "submitted", _("待签发")
    return ("returned", _("已退回")) if draft.remark else ("draft", _("草稿"))


# -- choose -----------------------------------------------------------------------------------


@bp.get("/documents/drafts")
@requires(*DRAFTING)
def index() -> ResponseReturnValue:
    """List what waits for one's issue, and one's own drafts."""
    session, user = db.session(), me()
    return render_template(
        "drafts/index.html",
        own=queries.drafts_of(session, user),
        offered=queries.offered_to(session, user),
    )


@bp.get("/documents/drafts/new")
@requires(*DRAFTING)
def new() -> ResponseReturnValue:
    """Choose a kind, and then what the paper is about."""
    kind = request.args.get("kind", "")
    if not kind:
        return _kinds_page()
    form = rules.drafted_by(me().permissions).get(kind)
    if form is None or form.form is None:
        raise NotFound(N_("没有这种可以起草的文书"))
    return _about_page(kind, BeginForm(formdata=None, kind=kind, draft_id=str(uuid4())))


@bp.post("/documents/drafts")
@requires(*DRAFTING)
def begin() -> ResponseReturnValue:
    """Begin a draft, with what the system knows filled in."""
    form = BeginForm()
    try:
        draft = service.begin(
            db.session(), draft_id=_id(form.draft_id.data), kind=form.kind.data or "", by=me(),
            at=now(), on=_today(), **_chosen(form.about.data or ""),
        )  # fmt: skip
    except Invalid as refusal:
        if refusal.field != "about":
            raise
        form.about.errors = [words(refusal)]
        return _about_page(form.kind.data or "", form), 422
    return redirect(url_for(".show", draft_id=draft.id), 303)


def _kinds_page() -> str:
    inspection = request.args.get("inspection", "")
    about = _chosen(f"inspection:{inspection}")["inspection"] if inspection else None
    groups: dict[Group, list[str]] = {}
    for name, kind in rules.drafted_by(me().permissions).items():
        if kind.form and (about is None or rules.suits(kind.form, About.INSPECTION)):
            groups.setdefault(kind.form.group, []).append(name)
    return render_template(
        "drafts/kinds.html",
        groups=[(_(GROUP_WORDS[group]), groups[group]) for group in Group if group in groups],
        kinds=KINDS,
        about=about,
        form=BeginForm(formdata=None, draft_id=str(uuid4())),
    )


def _about_page(kind: str, form: BeginForm) -> str:
    asked = rules.form_of(kind)
    if asked is None:
        raise NotFound(N_("没有这种可以起草的文书"))
    return render_template(
        "drafts/about.html", kind=kind, asked=asked, form=form, choices=_choices(asked)
    )


def _choices(form: Form) -> Sequence[tuple[str, str]]:
    """Return what a paper can be about, as (value, words)."""
    session, user = db.session(), me()
    if form.about is About.UNIT:
        units = accounts.units_of(session, user.bureau_id)
        return [(f"unit:{one.id}", one.name if language() == "zh" else one.name_en)
                for one in units]  # fmt: skip
    if form.about is About.INSPECTION:
        return [(f"inspection:{one.id}", f"{one.number} {one.unit.name} {one.checklist_title}")
                for one in inspections.known_to(session, user)]  # fmt: skip
    if form.about is About.FINDING:
        return [(f"finding:{one.id}", f"{one.inspection.number} {one.item_id} {one.facts[:30]}")
                for one in subjects.findings_known_to(session, user)]  # fmt: skip
    return ()


def _chosen(about: str) -> dict[str, Any]:
    """Return what was chosen, as the user may see it.

    :raises NotFound: there is no such thing, or not for this user.
    """
    session, user = db.session(), me()
    what, _, key = about.partition(":")
    if what == "inspection":
        return {"inspection": inspections.inspection_of(session, user, _id(key))}
    if what == "unit":
        known = {str(unit.id): unit for unit in accounts.units_of(session, user.bureau_id)}
        if key in known:
            return {"unit": known[key]}
        raise NotFound(N_("没有找到这个单位"))
    if what == "finding":
        finding = subjects.finding_of(session, user, int(key) if key.isdecimal() else 0)
        inspection = inspections.inspection_of(session, user, finding.inspection_id)
        return {"finding": finding, "inspection": inspection}
    return {}


def _id(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise NotFound(N_("没有找到这个页面。")) from None


def _today() -> Any:
    return now().astimezone(workshop().settings.zone).date()


# -- fill in ----------------------------------------------------------------------------------


@bp.get("/documents/drafts/<uuid:draft_id>")
@requires(*DRAFTING)
def show(draft_id: UUID) -> ResponseReturnValue:
    """Show a draft as a form, or, while another has it, as it stands."""
    draft = queries.draft_of(db.session(), me(), draft_id)
    data = {**draft.answers, "revision": draft.revision}
    form = draft_form(_form(draft), language())(formdata=None, data=data)
    if question := request.args.get("row"):
        _add_row(form, question)
    return _form_page(draft, form)


@bp.post("/documents/drafts/<uuid:draft_id>")
@requires(*DRAFTING)
def write(draft_id: UUID) -> ResponseReturnValue:
    """Keep what was typed; then go on to the preview, or add a row to a table."""
    session, user = db.session(), me()
    draft = queries.draft_of(session, user, draft_id, lock=True)
    form = draft_form(_form(draft), language())()
    if not form.validate_on_submit():
        return _form_page(draft, form), 422
    answers = {question.id: form[question.id].data for question in _form(draft).asks}
    try:
        service.write(session, draft, answers, revision=form.revision.data or 0, by=user, at=now())
    except (Invalid, Conflict) as refusal:
        return _not_kept(draft, form, refusal)
    if request.form.get("then") == "preview":
        return _preview(draft)
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
    asked = _form(draft)
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


def _form(draft: Draft) -> Form:
    form = rules.form_of(draft.kind)
    if form is None:
        raise NotFound(N_("没有这种可以起草的文书"))
    return form


def _add_row(form: DraftFormBase, question_id: str) -> None:
    if question_id in form and isinstance(form[question_id].raw, list):
        rows = form[question_id].raw or [{"row": uuid4().hex[:8]}]
        form[question_id].raw = [*rows, {"row": uuid4().hex[:8]}]


# -- look -------------------------------------------------------------------------------------


def _preview(draft: Draft) -> ResponseReturnValue:
    session = db.session()
    subject = subjects.subject_of(session, draft, on=_today())
    contents = subjects.preview_of(draft, subject, _form(draft))
    made = previews.ask(session, contents, by=me(), at=now(), draft=draft)
    return redirect(url_for(".preview", preview_id=made.id), 303)


@bp.get("/documents/previews/<uuid:preview_id>")
@requires(*DRAFTING)
def preview(preview_id: UUID) -> ResponseReturnValue:
    """Show a paper page by page as it would be printed, and what can be done with it."""
    session = db.session()
    made = queries.preview_of(session, me(), preview_id)
    draft = queries.draft_of(session, me(), made.draft_id) if made.draft_id else None
    return render_template(
        "drafts/preview.html",
        preview=made,
        draft=draft,
        papers=queries.beside(session, made),
        pending=made.state is PreviewState.QUEUED,
        state=(made.state.value, _(PREVIEW_WORDS[made.state])),
        faults=rules.faults(_form(draft), draft.answers) if draft else (),
        step=StepForm(formdata=None, revision=made.revision),
        **_steps(draft),
    )


def _steps(draft: Draft | None) -> dict[str, bool]:
    """Say which steps are open: handing on, issuing, giving back."""
    if draft is None:
        return {"may_offer": False, "may_issue": False, "may_return": False}
    own, form = draft.author_id == me().id, _form(draft)
    try:
        service.check_issuer(form, draft, me())
    except (Forbidden, Conflict):
        may_issue = False
    else:
        may_issue = True
    offered = draft.offered_at is not None
    return {
        "may_offer": own and form.is_handed_on and not offered,
        "may_issue": may_issue,
        "may_return": not own and offered,
    }


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
    answer = Response(_pdf(preview_id), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="draft.pdf"'
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return _private(answer)


def _pdf(preview_id: UUID) -> bytes:
    made: Preview = queries.preview_of(db.session(), me(), preview_id, pdf=True)
    if made.pdf is None:
        raise NotFound(N_("预览还没有生成"))
    return made.pdf


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


# -- go on ------------------------------------------------------------------------------------


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
    session, user = db.session(), me()
    try:
        draft = queries.draft_of(session, user, draft_id, lock=True)
    except NotFound:
        document = documents.document_of(session, user, draft_id)
    else:
        document = service.issue(
            session, draft, revision=_revision(), by=user, at=now(), on=_today()
        )
        flash(_("已签发，编号 %(number)s", number=document.number), "success")
    return redirect(url_for("documents.show", document_id=document.id), 303)


def _revision() -> int:
    return StepForm().revision.data or 0
