"""The phone's door: batches of items in, a receipt for each out; photos by their digest."""

import re
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from webapp.accounts import queries as accounts
from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.checklists.queries import latest_versions
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Invalid, NotFound, Unsupported
from webapp.core.openapi import describes
from webapp.core.web import problem
from webapp.core.wire import answer, read_body
from webapp.devices import service as devices
from webapp.inspections import evidence, intake, messages, queries, service
from webapp.inspections.models import Evidence, Inspection

bp = Blueprint("sync", __name__, url_prefix="/api/v1")
RANGE = re.compile(r"bytes (\d{1,12})-(\d{1,12})/(\d{1,12})")
SHA256 = re.compile(r"[0-9a-f]{64}")


@bp.post("/sync")
@describes({200: messages.SyncResponse}, request=messages.SyncRequest)
@requires(begin=False)
def sync() -> ResponseReturnValue:
    """Take what is waiting on a phone and say what became of each item."""
    message = read_body(messages.SyncRequest)
    user, at = me(), now()
    session = db.session()
    note = devices.heard_from(
        session, user.id, message.device, user_agent=request.user_agent.string,
        queue=message.queue.told if message.queue else None,
        synced=bool(message.items), at=at,
    )  # fmt: skip
    taking = intake.Intake(session, by=user, device=message.device, at=at, tell=problem)
    results = taking.receive(message.items) if message.items else []
    if note:
        if not message.items:
            db.begin_write(session)
        note()
    fresh = intake.news(session, user, message.cursor, taking.settled)
    cursor = intake.next_cursor(fresh, message.cursor, taking.settled)
    return answer(messages.SyncResponse(cursor=cursor, results=results, news=fresh))


@bp.get("/me")
@describes({200: messages.Me})
@requires()
def whoami() -> ResponseReturnValue:
    """Say who is asking, and between whom and what an inspection can be opened."""
    user = me()
    session = db.session()
    told = messages.Me(
        user=messages.Account(id=user.id, username=user.username, name=user.name),
        permissions=sorted(user.permissions),
        units=[
            messages.Unit(id=u.id, name=u.name) for u in accounts.units_of(session, user.bureau_id)
        ],
        inspectors=[
            messages.Inspector(id=u.id, name=u.name, unit=u.unit_id)
            for u in accounts.inspectors_of(session, user.bureau_id)
        ],
    )
    return answer(told)


@bp.get("/checklists")
@describes({200: messages.Checklists})
@requires(Permission.CHECKLIST_READ)
def checklists() -> ResponseReturnValue:
    """List the newest version of each checklist, with all its questions."""
    told = [
        messages.Version(id=v.checklist_id, version=v.number, sha256=v.sha256, content=v.definition)
        for v in latest_versions(db.session())
    ]
    return answer(messages.Checklists(checklists=told))


@bp.get("/inspections")
@describes({200: messages.Inspections})
@requires(Permission.INSPECTION_FILL)
def tasks() -> ResponseReturnValue:
    """List the inspections of the user's teams."""
    mine = queries.tasks_of(db.session(), me())
    return answer(messages.Inspections(inspections=[messages.Brief(**_brief(i)) for i in mine]))


@bp.get("/inspections/<uuid:inspection_id>")
@describes({200: messages.InspectionTold})
@requires(Permission.INSPECTION_READ, Permission.FINDING_READ)
def show(inspection_id: UUID) -> ResponseReturnValue:
    """Return an inspection: answers with their change ids, what is missing, the digest to sign."""
    inspection = queries.inspection_of(db.session(), me(), inspection_id)
    found = service.obstacles(inspection, at=now())
    told = messages.InspectionTold.model_validate(
        _brief(inspection)
        | {
            "digest": service.digest_shown(inspection),
            "state": inspection.state,
            "seq": inspection.seq,
            "missing": [m.question_id for m in found.missing],
            "conflicts": list(found.conflicts),
            "unsigned": [(role.value, user_id) for role, user_id in found.unsigned],
            "submissions": [
                {"id": s.id, "number": s.number, "at": s.at, "digest": s.digest}
                for s in inspection.submissions
            ],
        }
    )
    return answer(told)


def _brief(inspection: Inspection) -> dict[str, Any]:
    return {
        "id": inspection.id,
        "number": inspection.number,
        "status": inspection.status,
        "unit": {"id": inspection.unit_id, "name": inspection.unit.name},
        "checklist": inspection.checklist_title,
        "inspectors": [{"id": u.id, "name": u.name} for u in inspection.inspectors],
        "planned_on": inspection.planned_on,
        "done": inspection.done,
        "total": inspection.total,
    }


# -- photos -----------------------------------------------------------------------------------


@bp.put("/blobs/<sha256>")
@describes(
    {200: messages.Blob, 201: messages.Blob, 202: messages.Blob},
    request="image/*",
    header=messages.ContentRange,
    refuses=(429, 503),
)
@requires(Permission.INSPECTION_FILL, begin=False)
def put_blob(sha256: messages.Sha256) -> ResponseReturnValue:
    """Take a photo, whole or in pieces (``Content-Range``); the same again changes nothing."""
    _check_digest(sha256)
    settings = current_app.extensions["settings"]
    user = me()
    if db.session().get(Evidence, (user.bureau_id, sha256)) is not None:
        return answer(messages.Blob(sha256=sha256, status="duplicate"))
    start, total, piece = _piece()
    evidence.refuse_large(total, settings.photo_max_mib)
    pieces = evidence.Pieces(settings.data_dir / evidence.FOLDER, user.bureau_id, sha256)
    if start == 0 and len(piece) == total:
        data = piece
    else:
        pieces.append(start, piece)
        if pieces.size_bytes < total:
            return answer(_partial(sha256, pieces), 202)
        data = pieces.whole()
    try:
        picture = evidence.read(data, max_mib=settings.photo_max_mib, sha256=sha256)
    except Invalid:
        pieces.forget()
        raise
    sealed = evidence.seal(current_app.extensions["storage"], picture)
    pieces.forget()
    db.begin_write(db.session())
    evidence.keep(db.session(), sealed, by=user, at=now())
    return answer(messages.Blob(sha256=sha256, status="applied"), 201)


@bp.get("/blobs/<sha256>")
@describes({200: messages.Blob})
@requires(Permission.INSPECTION_FILL)
def blob_state(sha256: messages.Sha256) -> ResponseReturnValue:
    """Say how much of a photo has arrived, so that an upload goes on where it broke off."""
    _check_digest(sha256)
    user = me()
    if db.session().get(Evidence, (user.bureau_id, sha256)) is not None:
        return answer(messages.Blob(sha256=sha256, status="duplicate"))
    folder = current_app.extensions["settings"].data_dir / evidence.FOLDER
    return answer(_partial(sha256, evidence.Pieces(folder, user.bureau_id, sha256)))


def _partial(sha256: str, pieces: evidence.Pieces) -> messages.Blob:
    return messages.Blob(sha256=sha256, status="partial", offset=pieces.size_bytes)


def _check_digest(sha256: str) -> None:
    if not SHA256.fullmatch(sha256):
        raise NotFound(N_("地址中的校验值不对"))


def _piece() -> tuple[int, int, bytes]:
    if request.content_encoding:
        raise Unsupported(N_("照片的格式不支持"), remedy=N_("请原样发送照片的字节，不要压缩。"))
    piece = request.get_data(cache=False)
    told = request.headers.get("Content-Range")
    if told is None:
        return 0, len(piece), piece
    match = RANGE.fullmatch(told)
    start, end, total = map(int, match.groups()) if match else (0, -2, 0)
    if end - start + 1 != len(piece) or end >= total:
        raise Invalid(N_("Content-Range 与内容不符"), code="bad_range", field="Content-Range")
    return start, total, piece
