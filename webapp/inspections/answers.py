"""Between the plain form and the fold: what the page shows, and what it sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import current_app, request
from sqlalchemy.orm import Session

from webapp.accounts.models import User
from webapp.checklists.questions import KINDS
from webapp.core.db import db
from webapp.core.errors import Invalid, Refused
from webapp.core.web import language, words
from webapp.inspections import evidence, queries, rules, service
from webapp.inspections.forms import AnswerFormBase, answer_form
from webapp.inspections.models import Inspection

Photos = Mapping[str, list[dict[str, Any]]]


def blank_form(inspection: Inspection) -> AnswerFormBase:
    """Return the form showing the present answers."""
    form = answer_form(inspection.version.definition, language())
    return form(formdata=None, data=rules.values(inspection.state) | {"seen": inspection.seq})


def take_photos(
    session: Session, inspection: Inspection, *, by: User, at: datetime
) -> tuple[Photos, dict[str, Refused]]:
    """Keep the photos of a plain form, committed at once; returns them and the refusals."""
    settings = current_app.extensions["settings"]
    storage = current_app.extensions["storage"]
    taken: dict[str, list[dict[str, Any]]] = {}
    refused: dict[str, Refused] = {}
    for question_id in request.files:
        if not inspection.version.definition.has_question(question_id):
            continue
        for file in request.files.getlist(question_id):
            if not file.filename:
                continue
            try:
                picture = evidence.read(file.read(), max_mib=settings.photo_max_mib)
                sealed = evidence.seal(storage, picture)
            except Refused as refusal:
                refused[question_id] = refusal
                continue
            db.begin_write(session)
            evidence.keep(session, sealed, by=by, at=at)
            session.commit()
            found = {"sha256": picture.sha256, "taken_at": None}
            taken.setdefault(question_id, []).append(found)
    return taken, refused


def sent_form(inspection: Inspection, photos: Photos) -> AnswerFormBase:
    """Return the form as it was sent, with the photos that came along."""
    checklist = inspection.version.definition
    form = answer_form(checklist, language())()
    for question_id, added in photos.items():
        field, question = form[question_id], checklist.question(question_id)
        try:
            field.data = KINDS[question.kind].parse(question, [*(field.data or []), *added])
            field.raw = KINDS[question.kind].raw(question, field.data)
            field.given = True
        except Invalid as refusal:
            field.refusal = refusal
    return form


def is_sound(form: AnswerFormBase, refused: Mapping[str, Refused]) -> bool:
    """Validate the form and put the refused photos' errors beside their fields."""
    sound = form.validate_on_submit()
    for question_id, refusal in refused.items():
        form[question_id].errors = [words(refusal)]
    return bool(sound and not refused)


def keep(
    session: Session, inspection: Inspection, form: AnswerFormBase, *, by: User, at: datetime
) -> list[service.Result]:
    """Record what the form changed against what its page showed."""
    seen = form.seen.data or 0
    sent = {name: field.data for name, field in form._fields.items() if _is_given(field)}
    shown = shown_at(session, inspection, seen)
    settled = set(request.form.getlist("settle"))
    changes = [
        rules.Change(
            id=str(uuid4()),
            question=question,
            value=value,
            base=shown.get(question, {}).get("id"),
            settles=tuple(_others(inspection, question)) if question in settled else (),
        )
        for question, value in sent.items()
        if question in settled or value != shown.get(question, {}).get("v")
    ]
    if not changes:
        return []
    results = service.record_changes(
        session, inspection, batch_id=uuid4(), changes=changes, by=by, at=at, device="form"
    )
    session.flush()
    return results


def _is_given(field: Any) -> bool:
    return bool(getattr(field, "given", False))


def _others(inspection: Inspection, question: str) -> list[str]:
    return [other["id"] for other in inspection.state.get(question, {}).get("also", ())]


def shown_at(session: Session, inspection: Inspection, seen: int) -> dict[str, dict[str, Any]]:
    """Return, for each question, the value and change that a page of moment ``seen`` showed."""
    if all(entry["seq"] <= seen for entry in inspection.state.values()):
        return inspection.state
    shown: dict[str, dict[str, Any]] = {}
    for batch in queries.batches_of(session, inspection.id):
        if batch.seq <= seen:
            shown |= {
                change["q"]: {"v": change["v"], "id": change["id"]} for change in batch.changes
            }
    return shown


def add_row(form: AnswerFormBase, question_id: str) -> None:
    """Give a table on the page one more empty row."""
    if question_id in form:
        rows = form[question_id].raw or [{"row": uuid4().hex[:8]}]
        form[question_id].raw = [*rows, {"row": uuid4().hex[:8]}]


def states(inspection: Inspection, form: AnswerFormBase) -> dict[str, dict[str, Any]]:
    """Return what the page shows beside the values: the other side of each conflict."""
    people = {user.id: user.display(language()) for user in inspection.inspectors}
    checklist = inspection.version.definition
    return {
        question: {
            "conflict": [
                {
                    "id": other["id"],
                    "text": _text(checklist.question(question), other["v"]),
                    "who": people.get(other["by"], ""),
                }
                for other in entry["also"]
            ]
        }
        for question, entry in inspection.state.items()
        if entry.get("also")
    }


def _text(question: Any, value: Any) -> str:
    return KINDS[question.kind].text(question, value, language())
