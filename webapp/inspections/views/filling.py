"""Filling in the checklist by a plain form."""

from typing import Any
from uuid import UUID

from flask import (
    current_app,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.checklists.queries import version_numbered
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.web import language
from webapp.inspections import answers, queries, rules, service
from webapp.inspections.models import Inspection
from webapp.inspections.rules import Status
from webapp.inspections.views.board import bp

NOBODY = UUID(int=0)


@bp.get("/inspections/<uuid:inspection_id>/answers")
@requires(Permission.INSPECTION_FILL)
def fill(inspection_id: UUID) -> ResponseReturnValue:
    """Show the whole checklist as one form."""
    inspection = queries.own_inspection(db.session(), me(), inspection_id)
    if inspection.status not in rules.EDITABLE:
        return redirect(url_for("inspections.show", inspection_id=inspection.id), 303)
    form = answers.blank_form(inspection)
    if question := request.args.get("row"):
        answers.add_row(form, question)
    answer = make_response(_fill_page(inspection, form))
    if not get_flashed_messages():  # what is said once belongs to no copy
        answer.headers["X-Mingcha-Stamp"] = stamp_of(inspection)
    return answer


def stamp_of(inspection: Inspection) -> str:
    """Return what tells a copy of the form from a newer one."""
    return f"{inspection.revision} {inspection.changed_at.isoformat()}"


@bp.get("/inspections/blank/<checklist_id>/<int:number>")
@requires(Permission.INSPECTION_OPEN)
def blank(checklist_id: str, number: int) -> str:
    """Show a checklist nobody has opened yet; a phone keeps it to open one without a network.

    It puts its own new id in the place of ``NOBODY``, and says whom it is about.
    """
    version = version_numbered(db.session(), checklist_id, number)
    stand_in = Inspection(id=NOBODY, version=version, state={}, seq=0, status=Status.DRAFT)
    return _fill_page(stand_in, answers.blank_form(stand_in))


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
        return redirect(url_for("inspections.check", inspection_id=inspection.id), 303)
    flash(_("已保存"), "success")
    row = request.form.get("add-row")
    part = f"s-{request.form.get('save')}" if request.form.get("save") else row
    return redirect(
        url_for("inspections.fill", inspection_id=inspection.id, row=row, _anchor=part), 303
    )


def _fill_page(inspection: Inspection, form: Any) -> str:
    checklist = inspection.version.definition
    standing = service.reading_of(inspection).standing(now())
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
            for part, section in zip(standing.progress, checklist.sections, strict=True)
        ],
        missing=[m.question_id for m in standing.missing],
        comments=_comments(inspection),
        seen=inspection.seq,
        submit_url=url_for("inspections.check", inspection_id=inspection.id),
        api_url=url_for("sync.show", inspection_id=inspection.id),
        back_url=_back_url(inspection),
        blank=inspection.id == NOBODY,
        hand=_hand(inspection),
    )


def _back_url(inspection: Inspection) -> str:
    if inspection.id == NOBODY:
        return url_for("inspections.home")
    return url_for("inspections.show", inspection_id=inspection.id)


def _hand(inspection: Inspection) -> dict[str, Any]:
    """Return what a phone needs to sign and hand in by itself (js/components/handing.js)."""
    return {
        "checklist": inspection.version.sha256,
        "unit": inspection.unit_id,
        "team": [
            {"id": user.id, "name": user.name, "position": user.position}
            for user in inspection.inspectors
        ],
        "given": [
            {"role": s.role.value, "signer": s.user_id, "name": s.name, "digest": s.digest}
            for s in inspection.signatures
        ],
    }


def _comments(inspection: Inspection) -> dict[str, list[str]]:
    """Return the supervisor's words by item, from the slice after this one (a template global)."""
    told = current_app.jinja_env.globals.get("review_comments")
    return told(inspection) if callable(told) and inspection.status is Status.RETURNED else {}
