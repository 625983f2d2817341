"""Signing and handing in."""

import json
from typing import Any
from uuid import UUID, uuid4

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import ValidationError

from webapp.accounts.access import me, requires
from webapp.accounts.models import User
from webapp.accounts.rules import Permission
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Invalid, Refused
from webapp.core.web import language
from webapp.inspections import queries, rules, service
from webapp.inspections.forms import ActForm, SignatureForm
from webapp.inspections.messages import Strokes
from webapp.inspections.models import Inspection
from webapp.inspections.rules import SignatureMethod, SignatureRole
from webapp.inspections.views.board import bp, id_of, tell


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
        tell(form, refusal, "name")
        return _signatures_page(inspection, form), refusal.status
    refused = signature.method is SignatureMethod.REFUSED
    flash(_("已记录拒签") if refused else _("%(name)s 已签名", name=signature.name), "success")
    return redirect(url_for("inspections.signatures", inspection_id=inspection.id), 303)


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
        signature_id=id_of(form.signature_id.data),
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
            submission_id=id_of(form.act_id.data),
            by=me(),
            at=now(),
        )
    except Invalid:
        return _check_page(inspection, form, tried=True), 422
    flash(_("已提交，等待审核"), "success")
    return redirect(url_for("inspections.show", inspection_id=inspection.id), 303)


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
