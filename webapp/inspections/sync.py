"""The phone's door: batches of items in, a receipt for each out; photos by their digest."""

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ValidationError

from webapp.accounts import queries as accounts
from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.checklists.queries import latest_versions
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Invalid, NotFound
from webapp.core.web import problem
from webapp.inspections import evidence, intake, messages, queries, service
from webapp.inspections.models import Evidence, Inspection

bp = Blueprint("sync", __name__, url_prefix="/api/v1")
RANGE = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})")
SHA256 = re.compile(r"[0-9a-f]{64}")


def read_body(kind: type[BaseModel]) -> Any:
    """Return the request's JSON as a message.

    :raises Invalid: it is no JSON, or not of this shape; ``field`` names the place.
    """
    try:
        return kind.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise Invalid(
            N_("消息格式不对：%(place)s"), place=place or "JSON", field=place or None,
            code="bad_message", reason=first["msg"],
        ) from error  # fmt: skip


@bp.post("/sync")
@requires(begin=False)
def sync() -> ResponseReturnValue:
    """Take what is waiting on a phone and say what became of each item."""
    message: messages.SyncRequest = read_body(messages.SyncRequest)
    user, at = me(), now()
    session = db.session()
    if message.items:
        db.begin_write(session)
    results = [
        intake.take(session, item, by=user, device=message.device, at=at, problem=problem)
        for item in message.items
    ]
    fresh = intake.news(session, user, message.cursor)
    told = messages.SyncResponse(
        cursor=fresh[-1].seq if fresh else message.cursor,
        results=results,
        news=[
            messages.News(seq=b.seq, inspection=b.inspection_id, by=b.by_id, changes=b.changes)
            for b in fresh
        ],
    )
    return current_app.response_class(
        told.model_dump_json(exclude_none=True), mimetype="application/json"
    )


@bp.get("/me")
@requires()
def whoami() -> ResponseReturnValue:
    """Say who is asking, and between whom and what an inspection can be opened."""
    user = me()
    session = db.session()
    return jsonify(
        user={"id": user.id, "username": user.username, "name": user.name},
        permissions=sorted(user.permissions),
        units=[{"id": u.id, "name": u.name} for u in accounts.units_of(session, user.bureau_id)],
        inspectors=[
            {"id": u.id, "name": u.name, "unit": u.unit_id}
            for u in accounts.inspectors_of(session, user.bureau_id)
        ],
    )


@bp.get("/checklists")
@requires(Permission.CHECKLIST_READ)
def checklists() -> ResponseReturnValue:
    """List the newest version of each checklist, with all its questions."""
    versions = latest_versions(db.session())
    return jsonify(
        checklists=[
            {"id": v.checklist_id, "version": v.number, "sha256": v.sha256, "content": v.content}
            for v in versions
        ]
    )


@bp.get("/inspections")
@requires(Permission.INSPECTION_FILL)
def tasks() -> ResponseReturnValue:
    """List the inspections of the user's teams."""
    return jsonify(inspections=[_brief(i) for i in queries.tasks_of(db.session(), me())])


@bp.get("/inspections/<uuid:inspection_id>")
@requires(Permission.INSPECTION_READ, Permission.FINDING_READ)
def show(inspection_id: UUID) -> ResponseReturnValue:
    """Return an inspection: answers with their change ids, what is missing, the digest to sign."""
    inspection = queries.inspection_of(db.session(), me(), inspection_id)
    found = service.obstacles(inspection, at=now())
    return jsonify(
        _brief(inspection)
        | {
            "digest": service.digest_shown(inspection),
            "state": inspection.state,
            "seq": inspection.seq,
            "missing": [m.question_id for m in found.missing],
            "conflicts": list(found.conflicts),
            "unsigned": [[role.value, user_id] for role, user_id in found.unsigned],
            "submissions": [
                {"id": str(s.id), "number": s.number, "at": s.at.isoformat(), "digest": s.digest}
                for s in inspection.submissions
            ],
        }
    )


def _brief(inspection: Inspection) -> dict[str, Any]:
    return {
        "id": str(inspection.id),
        "number": inspection.number,
        "status": inspection.status.value,
        "unit": {"id": inspection.unit_id, "name": inspection.unit.name},
        "checklist": inspection.checklist_title,
        "inspectors": [{"id": u.id, "name": u.name} for u in inspection.inspectors],
        "planned_on": inspection.planned_on.isoformat() if inspection.planned_on else None,
        "done": inspection.done,
        "total": inspection.total,
    }


# -- photos -----------------------------------------------------------------------------------


@bp.put("/blobs/<sha256>")
@requires(Permission.INSPECTION_FILL, begin=False)
def put_blob(sha256: str) -> ResponseReturnValue:
    """Take a photo, whole or in pieces (``Content-Range``); the same again changes nothing."""
    _check_digest(sha256)
    settings = current_app.extensions["settings"]
    user = me()
    if db.session().get(Evidence, (user.bureau_id, sha256)) is not None:
        return jsonify(sha256=sha256, status="duplicate")
    start, total, piece = _piece()
    evidence.refuse_large(total, settings.photo_max_mib)
    pieces = evidence.Pieces(settings.data_dir / "uploads", user.bureau_id, sha256)
    if start == 0 and len(piece) == total:
        data = piece
    else:
        pieces.append(start, piece)
        if pieces.size_bytes < total:
            return jsonify(sha256=sha256, status="partial", offset=pieces.size_bytes), 202
        data = pieces.whole()
    pieces.forget()
    picture = evidence.read(data, max_mib=settings.photo_max_mib, sha256=sha256)
    db.begin_write(db.session())
    evidence.keep(db.session(), current_app.extensions["storage"], picture, by=user, at=now())
    return jsonify(sha256=sha256, status="applied"), 201


@bp.get("/blobs/<sha256>")
@requires(Permission.INSPECTION_FILL)
def blob_state(sha256: str) -> ResponseReturnValue:
    """Say how much of a photo has arrived, so that an upload goes on where it broke off."""
    _check_digest(sha256)
    user = me()
    if db.session().get(Evidence, (user.bureau_id, sha256)) is not None:
        return jsonify(sha256=sha256, status="duplicate")
    folder = current_app.extensions["settings"].data_dir / "uploads"
    have = evidence.Pieces(folder, user.bureau_id, sha256).size_bytes
    return jsonify(sha256=sha256, status="partial", offset=have)


def _check_digest(sha256: str) -> None:
    if not SHA256.fullmatch(sha256):
        raise NotFound(N_("地址中的校验值不对"))


def _piece() -> tuple[int, int, bytes]:
    piece = request.get_data(cache=False)
    told = request.headers.get("Content-Range")
    if told is None:
        return 0, len(piece), piece
    match = RANGE.fullmatch(told)
    start, end, total = map(int, match.groups()) if match else (0, -2, 0)
    if end - start + 1 != len(piece) or end >= total:
        raise Invalid(N_("Content-Range 与内容不符"), code="bad_range", field="Content-Range")
    return start, total, piece
