"""Pages of a visit: my tasks, open, fill in, sign, hand in."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import ValidationError
from wtforms.fields.choices import SelectChoice

from webapp.accounts import queries as accounts
from webapp.accounts.access import me, requires
from webapp.accounts.models import User
from webapp.accounts.rules import Permission
from webapp.checklists import rules as checklist_rules
from webapp.checklists.queries import latest_version, latest_versions
from webapp.core import events
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Invalid, Refused
from webapp.core.web import NavItem, language, words
from webapp.inspections import answers, queries, rules, service
from webapp.inspections.forms import ActForm, OpenForm, SignatureForm
from webapp.inspections.messages import Strokes
from webapp.inspections.models import Inspection
from webapp.inspections.rules import SignatureMethod, SignatureRole, Status

bp = Blueprint("inspections", __name__)
NAV = (NavItem("inspections.home", N_("我的任务"), "tasks", Permission.INSPECTION_FILL),)
STATUS_WORDS = {
    Status.DRAFT: N_("填写中"),
    Status.SUBMITTED: N_("待审核"),
    Status.RETURNED: N_("已退回"),
    Status.APPROVED: N_("已通过"),
    Status.CANCELLED: N_("已取消"),
}


@bp.app_template_filter("status_pair")
def status_pair(status: Status) -> tuple[str, str]:
    """Return a status as (kind, word) for ``components/status.html``."""
    return status.value, _(STATUS_WORDS[status])


@bp.app_template_global()
def evidence_url(sha256: str) -> str:
    """Return the address of a photo as it is shown."""
    return url_for("inspections.photo", sha256=sha256)


@bp.get("/")
@requires()
def home() -> ResponseReturnValue:
    """Show my tasks, or the first page of whoever has none."""
    if Permission.INSPECTION_FILL not in me().permissions:
        return redirect(_first_page(), 303)
    tasks = queries.tasks_of(db.session(), me())
    groups = [
        (_("需要处理"), sorted((t for t in tasks if t.status in rules.EDITABLE), key=_urgency)),
        (_("待审核"), [t for t in tasks if t.status is Status.SUBMITTED]),
        (_("已完成"), [t for t in tasks if t.status is Status.APPROVED]),
        (_("已取消"), [t for t in tasks if t.status is Status.CANCELLED]),
    ]
    open_ = [task for task in tasks if task.status in rules.EDITABLE]
    return render_template(
        "inspections/home.html", groups=groups, any_task=bool(tasks), keep=_pages_to_keep(open_)
    )


def _pages_to_keep(tasks: Iterable[Inspection]) -> list[dict[str, str]]:
    """Return the pages a phone keeps to open without a network, each with a stamp of its state."""
    today = now().date().isoformat()
    pages = [{"url": url_for(".home"), "stamp": ""}, {"url": url_for(".new"), "stamp": today}]
    for task in tasks:
        stamp = f"{task.revision} {task.changed_at.isoformat()}"
        pages += [
            {"url": url_for(endpoint, inspection_id=task.id), "stamp": stamp}
            for endpoint in (".fill", ".signatures", ".check")
        ]
    return pages


def _urgency(task: Inspection) -> tuple[bool, date]:
    """Order open tasks: what was returned first, then the earliest planned."""
    return task.status is not Status.RETURNED, task.planned_on or date.max


def _first_page() -> str:
    nav = current_app.extensions["nav"]
    may = me().permissions
    return next((url_for(item.endpoint) for item in nav if item.permission in may), "/verify")


# -- opening ----------------------------------------------------------------------------------


@bp.get("/inspections/new")
@requires(Permission.INSPECTION_OPEN)
def new() -> ResponseReturnValue:
    """Ask what is to be inspected."""
    form = _open_form()
    if not form.inspectors.data:
        form.inspectors.data = [me().id]
    form.inspection_id.data = str(uuid4())
    return render_template("inspections/new.html", form=form)


@bp.post("/inspections")
@requires(Permission.INSPECTION_OPEN)
def open_() -> ResponseReturnValue:
    """Open an inspection."""
    form = _open_form()
    if not form.validate_on_submit():
        return render_template("inspections/new.html", form=form), 422
    session = db.session()
    units = {unit.id: unit for unit in accounts.units_of(session, me().bureau_id)}
    people = accounts.inspectors_of(session, me().bureau_id)
    try:
        inspection = service.open_inspection(
            session,
            inspection_id=_uuid(form.inspection_id.data),
            unit=units[form.unit.data],
            version=latest_version(session, form.checklist.data),
            inspectors=[person for person in people if person.id in form.inspectors.data],
            planned_on=form.planned_on.data,
            by=me(),
            at=now(),
        )
    except Invalid as refusal:
        _tell(form, refusal, "unit")
        return render_template("inspections/new.html", form=form), 422
    flash(_("已开始督查 %(number)s", number=inspection.number), "success")
    return redirect(url_for(".fill", inspection_id=inspection.id), 303)


def _open_form() -> OpenForm:
    form = OpenForm()
    session, lang = db.session(), language()
    form.checklist.choices = [
        SelectChoice(v.checklist_id, v.definition.title.in_(lang)) for v in latest_versions(session)
    ]
    units = accounts.units_of(session, me().bureau_id)
    form.unit.choices = [SelectChoice(u.id, u.name if lang == "zh" else u.name_en) for u in units]
    people = accounts.inspectors_of(session, me().bureau_id)
    form.inspectors.choices = [
        SelectChoice(p.id, f"{p.display(lang)} · {p.unit.name}") for p in people
    ]
    return form


def _tell(form: Any, refusal: Refused, otherwise: str) -> None:
    """Put a refusal beside the field it is about."""
    field = form[refusal.field if refusal.field in form else otherwise]
    field.errors = [*field.errors, words(refusal)]


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return uuid4()


# -- looking ----------------------------------------------------------------------------------


@bp.get("/inspections/<uuid:inspection_id>")
@requires(Permission.INSPECTION_READ, Permission.FINDING_READ, Permission.ARCHIVE_READ)
def show(inspection_id: UUID) -> ResponseReturnValue:
    """Show where an inspection stands, its record and its history."""
    inspection = queries.inspection_of(db.session(), me(), inspection_id)
    return render_template(
        "inspections/show.html",
        inspection=inspection,
        checklist=inspection.version.definition,
        answers=rules.values(inspection.state),
        mine=me().id in {user.id for user in inspection.inspectors},
        signatures=service.valid_signatures(inspection),
        history=_history(inspection),
        act=ActForm(),
    )


EVENT_WORDS = {
    "inspection.opened": N_("开始督查"),
    "inspection.signed": N_("签名"),
    "inspection.sign_refused": N_("拒绝签名"),
    "inspection.submitted": N_("提交"),
    "inspection.cancelled": N_("取消"),
    "inspection.restored": N_("恢复"),
    "review.returned": N_("退回"),
    "review.approved": N_("审核通过"),
    "document.issued": N_("文书编号"),
    "document.signed": N_("文书签章"),
    "document.sealed": N_("归档"),
}


def _history(inspection: Inspection) -> list[dict[str, Any]]:
    session = db.session()
    people = {user.id: user for user in accounts.people_of(session, inspection.bureau_id)}
    return [
        {
            "at": event.at,
            "words": _(EVENT_WORDS[event.kind]),
            "who": people[event.by_id].display(language()) if event.by_id in people else "",
            "name": event.data.get("name", ""),
        }
        for event in events.history(session, inspection.id)
        if event.kind in EVENT_WORDS
    ]


@bp.get("/evidence/<sha256>")
@requires(Permission.INSPECTION_READ, Permission.ARCHIVE_READ, Permission.FINDING_READ)
def photo(sha256: str) -> ResponseReturnValue:
    """Serve a photo's derivative; the original stays sealed."""
    evidence = queries.evidence_of(db.session(), me(), sha256)
    data = current_app.extensions["storage"].get(evidence.derivative_sha256)
    answer = current_app.response_class(data, mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["Content-Disposition"] = "inline; filename=photo.jpg"
    return answer


# -- filling in -------------------------------------------------------------------------------


@bp.get("/inspections/<uuid:inspection_id>/answers")
@requires(Permission.INSPECTION_FILL)
def fill(inspection_id: UUID) -> ResponseReturnValue:
    """Show the whole checklist as one form."""
    inspection = queries.own_inspection(db.session(), me(), inspection_id)
    if inspection.status not in rules.EDITABLE:
        return redirect(url_for(".show", inspection_id=inspection.id), 303)
    form = answers.blank_form(inspection)
    if question := request.args.get("row"):
        answers.add_row(form, question)
    return _fill_page(inspection, form)


@bp.post("/inspections/<uuid:inspection_id>/answers")
@requires(Permission.INSPECTION_FILL, begin=False)
def save(inspection_id: UUID) -> ResponseReturnValue:
    """Keep what a plain form sent; photos first, so that a refused answer loses none."""
    session = db.session()
    inspection = queries.own_inspection(session, me(), inspection_id)
    photos, refused = answers.take_photos(session, inspection, by=me(), at=now())
    db.begin_write(session)
    inspection = queries.own_inspection(session, me(), inspection_id, lock=True)
    form = answers.sent_form(inspection, photos)
    if not answers.is_sound(form, refused):
        return _fill_page(inspection, form), 422
    answers.keep(session, inspection, form, by=me(), at=now())
    if request.form.get("then") == "submit":
        return redirect(url_for(".check", inspection_id=inspection.id), 303)
    flash(_("已保存"), "success")
    row = request.form.get("add-row")
    part = f"s-{request.form.get('save')}" if request.form.get("save") else row
    return redirect(url_for(".fill", inspection_id=inspection.id, row=row, _anchor=part), 303)


def _fill_page(inspection: Inspection, form: Any) -> str:
    checklist = inspection.version.definition
    plain = rules.values(inspection.state)
    day = service.day_of(inspection, now())
    return render_template(
        "inspections/fill.html",
        inspection=inspection,
        checklist=checklist,
        form=form,
        states=answers.states(inspection, form),
        progress=[
            {
                "section_id": part.section_id,
                "title": section.title.in_(language()),
                "done": part.done,
                "total": part.total,
            }
            for part, section in zip(
                checklist_rules.progress(checklist, plain, day), checklist.sections, strict=True
            )
        ],
        missing=[m.question_id for m in checklist_rules.missing(checklist, plain, day)],
        comments=_comments(inspection),
        seen=inspection.seq,
        submit_url=url_for(".check", inspection_id=inspection.id),
        api_url=url_for("sync.show", inspection_id=inspection.id),
        back_url=url_for(".show", inspection_id=inspection.id),
    )


def _comments(inspection: Inspection) -> dict[str, list[str]]:
    """Return the supervisor's words by item, from the slice after this one (a template global)."""
    told = current_app.jinja_env.globals.get("review_comments")
    return told(inspection) if callable(told) and inspection.status is Status.RETURNED else {}


# -- signing ----------------------------------------------------------------------------------


@bp.get("/inspections/<uuid:inspection_id>/signatures")
@requires(Permission.INSPECTION_FILL)
def signatures(inspection_id: UUID) -> ResponseReturnValue:
    """Show the record as it is signed, and a place to sign for each who has not."""
    inspection = queries.own_inspection(db.session(), me(), inspection_id)
    return _signatures_page(inspection, SignatureForm(formdata=None))


@bp.post("/inspections/<uuid:inspection_id>/signatures")
@requires(Permission.INSPECTION_FILL)
def sign(inspection_id: UUID) -> ResponseReturnValue:
    """Keep a signature or a refusal."""
    inspection = queries.own_inspection(db.session(), me(), inspection_id, lock=True)
    form = SignatureForm()
    if not form.validate_on_submit():
        return _signatures_page(inspection, form), 422
    try:
        signature = _sign(inspection, form)
    except Refused as refusal:
        _tell(form, refusal, "name")
        return _signatures_page(inspection, form), refusal.status
    refused = signature.method is SignatureMethod.REFUSED
    flash(_("已记录拒签") if refused else _("%(name)s 已签名", name=signature.name), "success")
    return redirect(url_for(".signatures", inspection_id=inspection.id), 303)


def _sign(inspection: Inspection, form: SignatureForm) -> Any:
    strokes = _strokes(form.strokes.data)
    method = SignatureMethod.DRAWN if strokes else SignatureMethod.TYPED
    if form.refused.data:
        method = SignatureMethod.REFUSED
    signer = next((u for u in inspection.inspectors if str(u.id) == form.signer.data), None)
    role = SignatureRole.UNIT if form.role.data == "unit" else SignatureRole.INSPECTOR
    return service.sign(
        db.session(),
        inspection,
        signature_id=_uuid(form.signature_id.data),
        role=role,
        signer=signer,
        name=form.name.data.strip(),
        position=(form.position.data or "").strip(),
        method=method,
        strokes=strokes,
        reason=(form.reason.data or "").strip(),
        witness=(form.witness.data or "").strip(),
        digest=form.digest.data or "",
        by=me(),
        at=now(),
    )


def _strokes(text: str | None) -> dict[str, Any] | None:
    if not text:
        return None
    try:
        return Strokes.model_validate(json.loads(text)).model_dump()
    except (ValueError, ValidationError) as error:
        raise Invalid(N_("签名数据不完整，请重新签名"), field="strokes") from error


def _signatures_page(inspection: Inspection, form: SignatureForm) -> str:
    found = service.obstacles(inspection, at=now())
    return render_template(
        "inspections/signatures.html",
        inspection=inspection,
        checklist=inspection.version.definition,
        answers=rules.values(inspection.state),
        digest=service.digest_shown(inspection),
        valid=service.valid_signatures(inspection),
        void=[s for s in inspection.signatures if s.digest != service.digest_shown(inspection)],
        waiting=_waiting(inspection, found),
        missing=found.missing,
        form=form,
        fresh_id=uuid4,
    )


def _waiting(inspection: Inspection, found: service.Obstacles) -> list[tuple[str, User | None]]:
    """Return who has yet to sign: (role, person), no person for the unit."""
    people = {user.id: user for user in inspection.inspectors}
    return [(role.value, people[user_id] if user_id else None) for role, user_id in found.unsigned]


# -- handing in -------------------------------------------------------------------------------


@bp.get("/inspections/<uuid:inspection_id>/submission")
@requires(Permission.INSPECTION_FILL)
def check(inspection_id: UUID) -> ResponseReturnValue:
    """Show what is missing before an inspection can be handed in."""
    inspection = queries.own_inspection(db.session(), me(), inspection_id)
    form = ActForm(formdata=None)
    form.act_id.data = str(uuid4())
    return _check_page(inspection, form)


@bp.post("/inspections/<uuid:inspection_id>/submission")
@requires(Permission.INSPECTION_FILL)
def submit(inspection_id: UUID) -> ResponseReturnValue:
    """Hand a finished inspection to the supervisors."""
    inspection = queries.own_inspection(db.session(), me(), inspection_id, lock=True)
    form = ActForm()
    try:
        service.submit(
            db.session(),
            inspection,
            submission_id=_uuid(form.act_id.data),
            by=me(),
            at=now(),
        )
    except Invalid:
        return _check_page(inspection, form, tried=True), 422
    flash(_("已提交，等待审核"), "success")
    return redirect(url_for(".show", inspection_id=inspection.id), 303)


def _check_page(inspection: Inspection, form: ActForm, *, tried: bool = False) -> str:
    found = service.obstacles(inspection, at=now())
    parts = [
        {
            "title": section.title.in_(language()),
            "entries": [m for m in found.missing if m.section_id == section.id],
        }
        for section in inspection.version.definition.sections
    ]
    return render_template(
        "inspections/submission.html",
        inspection=inspection,
        checklist=inspection.version.definition,
        found=found,
        parts=[part for part in parts if part["entries"]],
        waiting=_waiting(inspection, found),
        form=form,
        tried=tried,
    )


@bp.post("/inspections/<uuid:inspection_id>/cancellation")
@requires(Permission.INSPECTION_FILL)
def cancel(inspection_id: UUID) -> ResponseReturnValue:
    """Set an inspection that was opened by mistake aside."""
    inspection = queries.own_inspection(db.session(), me(), inspection_id, lock=True)
    service.cancel(db.session(), inspection, by=me(), at=now())
    flash(_("已取消，可以在任务列表中恢复"), "success")
    return redirect(url_for(".home"), 303)


@bp.post("/inspections/<uuid:inspection_id>/restoration")
@requires(Permission.INSPECTION_FILL)
def restore(inspection_id: UUID) -> ResponseReturnValue:
    """Take a cancelled inspection up again."""
    inspection = queries.own_inspection(db.session(), me(), inspection_id, lock=True)
    service.restore(db.session(), inspection, by=me(), at=now())
    flash(_("已恢复"), "success")
    return redirect(url_for(".show", inspection_id=inspection.id), 303)
