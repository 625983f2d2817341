"""My tasks; opening a visit, looking at it, setting it aside."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from webapp.accounts import queries as accounts
from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.checklists.models import ChecklistVersion
from webapp.checklists.queries import latest_version, latest_versions
from webapp.core import events
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Invalid
from webapp.core.web import language
from webapp.inspections import queries, rules, service
from webapp.inspections.forms import ActForm, OpenForm
from webapp.inspections.models import Inspection
from webapp.inspections.rules import Status
from webapp.inspections.views.board import bp, id_of, tell
from webapp.inspections.views.filling import stamp_of


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
    versions = latest_versions(db.session())
    published = " ".join(version.sha256[:12] for version in versions)
    return [
        {"url": url_for(".home"), "stamp": ""},
        {"url": url_for(".new"), "stamp": f"{now().date().isoformat()} {published}"},
        *({"url": _blank_url(version), "stamp": version.sha256} for version in versions),
        *(
            {
                "url": url_for(".fill", inspection_id=task.id),
                "stamp": stamp_of(task),
            }
            for task in tasks
        ),
    ]


def _blank_url(version: ChecklistVersion) -> str:
    return url_for(".blank", checklist_id=version.checklist_id, number=version.number)


def _urgency(task: Inspection) -> tuple[bool, date]:
    """Order open tasks: what was returned first, then the earliest planned."""
    return task.status is not Status.RETURNED, task.planned_on or date.max


def _first_page() -> str:
    nav = current_app.extensions["nav"]
    may = me().permissions
    return next((url_for(item.endpoint) for item in nav if item.permission in may), "/verify")


@bp.get("/inspections/new")
@requires(Permission.INSPECTION_OPEN)
def new() -> ResponseReturnValue:
    """Ask what is to be inspected."""
    form = _open_form()
    if not form.inspectors.data:
        form.inspectors.data = [me().id]
    form.inspection_id.data = str(uuid4())
    return _new_page(form)


@bp.post("/inspections")
@requires(Permission.INSPECTION_OPEN)
def open_() -> ResponseReturnValue:
    """Open an inspection."""
    form = _open_form()
    if not form.validate_on_submit():
        return _new_page(form), 422
    session = db.session()
    units = {unit.id: unit for unit in accounts.units_of(session, me().bureau_id)}
    people = accounts.inspectors_of(session, me().bureau_id)
    try:
        inspection = service.open_inspection(
            session,
            inspection_id=id_of(form.inspection_id.data),
            unit=units[form.unit.data],
            version=latest_version(session, form.checklist.data),
            inspectors=[person for person in people if person.id in form.inspectors.data],
            planned_on=form.planned_on.data,
            by=me(),
            at=now(),
        )
    except Invalid as refusal:
        tell(form, refusal, "unit")
        return _new_page(form), 422
    flash(_("已开始督查 %(number)s", number=inspection.number), "success")
    return redirect(url_for("inspections.fill", inspection_id=inspection.id), 303)


def _new_page(form: OpenForm) -> str:
    """Show the form, with what a phone needs to open an inspection by itself."""
    session = db.session()
    people = accounts.inspectors_of(session, me().bureau_id)
    checklists = {
        v.checklist_id: {"version": v.number, "blank": _blank_url(v)}
        for v in latest_versions(session)
    }
    team = [{"id": p.id, "name": p.name, "position": p.position, "unit": p.unit_id} for p in people]
    return render_template("inspections/new.html", form=form, checklists=checklists, team=team)


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


@bp.post("/inspections/<uuid:inspection_id>/cancellation")
@requires(Permission.INSPECTION_FILL)
def cancel(inspection_id: UUID) -> ResponseReturnValue:
    """Set an inspection that was opened by mistake aside."""
    inspection = queries.own_inspection(db.session(), me(), inspection_id, lock=True)
    service.cancel(db.session(), inspection, by=me(), at=now())
    flash(_("已取消，可以在任务列表中恢复"), "success")
    return redirect(url_for("inspections.home"), 303)


@bp.post("/inspections/<uuid:inspection_id>/restoration")
@requires(Permission.INSPECTION_FILL)
def restore(inspection_id: UUID) -> ResponseReturnValue:
    """Take a cancelled inspection up again."""
    inspection = queries.own_inspection(db.session(), me(), inspection_id, lock=True)
    service.restore(db.session(), inspection, by=me(), at=now())
    flash(_("已恢复"), "success")
    return redirect(url_for("inspections.show", inspection_id=inspection.id), 303)
