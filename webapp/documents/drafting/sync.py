"""Drafting for programs: the same acts as the pages, by the same functions.

A program drafts, looks, hands on and issues what its owner may; it signs nothing, for a signature
is a person's, confirmed with the password each time.
"""

from datetime import UTC
from uuid import UUID

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts.access import me, requires
from webapp.accounts.models import User
from webapp.accounts.rules import Permission
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Conflict
from webapp.core.openapi import describes
from webapp.core.web import language
from webapp.core.wire import answer, read_body
from webapp.documents.countersigning import queries as signatures
from webapp.documents.countersigning.rules import Way
from webapp.documents.drafting import previews, queries, rules, service, subjects
from webapp.documents.drafting.messages import (
    DocumentKind,
    DocumentKinds,
    DraftBegun,
    DraftLack,
    DraftMessage,
    DraftReturned,
    DraftsMessage,
    DraftStep,
    DraftWritten,
    PreviewMessage,
    SignatureAwaited,
    SignaturesAwaited,
)
from webapp.documents.drafting.rules import DRAFTING
from webapp.documents.handing import preview_answer
from webapp.documents.kinds import KINDS
from webapp.documents.models import Draft, Preview
from webapp.documents.sync import DocumentMessage, message_of

bp = Blueprint("drafts_api", __name__, url_prefix="/api/v1")


@bp.get("/document-kinds")
@describes({200: DocumentKinds})
@requires(*DRAFTING)
def kinds() -> ResponseReturnValue:
    """List the kinds of papers that the asker may draft, with their questions."""
    told = [
        DocumentKind(
            kind=name, name=_(kind.name), summary=kind.form.summary.in_(language()),
            about=kind.form.about.value, handed_on=kind.form.is_handed_on,
            asks=[one.model_dump(mode="json", exclude_defaults=True) for one in kind.form.asks],
        )
        for name, kind in rules.drafted_by(me().permissions).items()
        if kind.form
    ]  # fmt: skip
    return answer(DocumentKinds(kinds=told))


@bp.get("/drafts")
@describes({200: DraftsMessage})
@requires(*DRAFTING)
def drafts() -> ResponseReturnValue:
    """List the asker's own drafts, and those that wait for the asker's issue."""
    session, user = db.session(), me()
    own, offered = queries.drafts_of(session, user), queries.offered_to(session, user)
    return answer(
        DraftsMessage(
            own=[_told(one, user) for one in own], offered=[_told(one, user) for one in offered]
        )
    )


@bp.post("/drafts")
@describes({200: DraftMessage}, request=DraftBegun, refuses=(404, 409))
@requires(*DRAFTING)
def begin_draft() -> ResponseReturnValue:
    """Begin a draft with what the system knows; the same id again is the same draft."""
    body, session, user, at = read_body(DraftBegun), db.session(), me(), now()
    about = subjects.chosen(
        session, user, unit_id=body.unit, inspection_id=body.inspection, finding_id=body.finding
    )
    draft = service.begin(
        session, draft_id=body.id, kind=body.kind, by=user, at=at, on=subjects.day_of(at), **about
    )
    return _answered(draft)


@bp.get("/drafts/<uuid:draft_id>")
@describes({200: DraftMessage})
@requires(*DRAFTING)
def draft(draft_id: UUID) -> ResponseReturnValue:
    """Return a draft with its answers and what it lacks."""
    return answer(_told(queries.draft_of(db.session(), me(), draft_id), me()))


@bp.put("/drafts/<uuid:draft_id>")
@describes({200: DraftMessage}, request=DraftWritten, refuses=(409,))
@requires(*DRAFTING)
def write_draft(draft_id: UUID) -> ResponseReturnValue:
    """Replace a draft's answers; what is missing is no fault until it is issued."""
    body, found = read_body(DraftWritten), _locked(draft_id)
    answers = service.parsed(found.kind, body.answers)
    service.write(db.session(), found, answers, revision=body.revision, by=me(), at=now())
    return _answered(found)


@bp.delete("/drafts/<uuid:draft_id>")
@describes({200: DraftsMessage})
@requires(*DRAFTING)
def discard_draft(draft_id: UUID) -> ResponseReturnValue:
    """Throw an own draft away, and return what is left."""
    service.discard(db.session(), _locked(draft_id), by=me(), at=now())
    db.session().flush()
    return drafts()


@bp.post("/drafts/<uuid:draft_id>/offer")
@describes({200: DraftMessage}, request=DraftStep, refuses=(409,))
@requires(*DRAFTING)
def offer_draft(draft_id: UUID) -> ResponseReturnValue:
    """Hand a complete draft on to whoever issues it."""
    body, found = read_body(DraftStep), _locked(draft_id)
    service.offer(db.session(), found, revision=body.revision, by=me(), at=now())
    return _answered(found)


@bp.post("/drafts/<uuid:draft_id>/return")
@describes({200: DraftMessage}, request=DraftReturned, refuses=(409,))
@requires(*DRAFTING)
def return_draft(draft_id: UUID) -> ResponseReturnValue:
    """Give a draft back to its author with a reason; the author takes it back."""
    body, found = read_body(DraftReturned), _locked(draft_id)
    told, own = _told(found, me()), found.author_id == me().id
    service.give_back(db.session(), found, remark=body.remark, by=me(), at=now())
    if own:
        return _answered(found)
    db.session().flush()
    return answer(told.model_copy(update={"state": "returned", "remark": found.remark, "may": []}))


@bp.post("/drafts/<uuid:draft_id>/issue")
@describes({200: DocumentMessage}, request=DraftStep, refuses=(409,))
@requires(*DRAFTING)
def issue_draft(draft_id: UUID) -> ResponseReturnValue:
    """Give the number and fix the contents; sent again, return the paper that was issued."""
    body, session, user, at = read_body(DraftStep), db.session(), me(), now()
    issued, _is_new = service.issue_once(
        session, draft_id, revision=body.revision, by=user, at=at, on=subjects.day_of(at)
    )
    session.flush()
    return answer(message_of(issued))


@bp.post("/drafts/<uuid:draft_id>/preview")
@describes({200: PreviewMessage}, refuses=(409,))
@requires(*DRAFTING)
def preview_draft(draft_id: UUID) -> ResponseReturnValue:
    """Have a draft printed in the background as it stands; ask again until it is ready."""
    session, user, at = db.session(), me(), now()
    found = queries.draft_of(session, user, draft_id)
    made = previews.of_draft(session, found, by=user, at=at, on=subjects.day_of(at))
    session.flush()
    return answer(_preview(made))


@bp.get("/previews/<uuid:preview_id>")
@describes({200: PreviewMessage})
@requires(*DRAFTING)
def preview(preview_id: UUID) -> ResponseReturnValue:
    """Return how far a preview of the asker's is."""
    return answer(_preview(queries.preview_of(db.session(), me(), preview_id)))


@bp.get("/previews/<uuid:preview_id>/file")
@describes({200: "application/pdf"}, refuses=(409,))
@requires(*DRAFTING)
def preview_pdf(preview_id: UUID) -> ResponseReturnValue:
    """Return a preview as PDF: watermarked, without number, code and seal."""
    made = queries.preview_of(db.session(), me(), preview_id, pdf=True)
    if made.pdf is None:
        raise Conflict(N_("预览还没有生成"), code="not_printed")
    return preview_answer(made.pdf)


@bp.get("/signatures")
@describes({200: SignaturesAwaited})
@requires(Permission.DOCUMENT_READ)
def awaited() -> ResponseReturnValue:
    """List the papers that wait for the asker's signature; a person gives it, on the page told."""
    turns = signatures.waiting_for(db.session(), me())
    return answer(SignaturesAwaited(awaited=[_awaited(turn) for turn in turns]))


# -- messages ---------------------------------------------------------------------------------


def _locked(draft_id: UUID) -> Draft:
    return queries.draft_of(db.session(), me(), draft_id, lock=True)


def _answered(draft: Draft) -> ResponseReturnValue:
    db.session().flush()
    return answer(_told(draft, me()))


def _told(draft: Draft, user: User) -> DraftMessage:
    form, steps = rules.form_of(draft.kind), service.steps(draft, user)
    faults = rules.faults(form, draft.answers) if form else []
    own, offered = draft.author_id == user.id, draft.offered_at is not None
    may = {
        "write": own != offered, "offer": steps.may_offer, "issue": steps.may_issue,
        "return": offered,
    }  # fmt: skip
    return DraftMessage(
        id=draft.id, kind=draft.kind, kind_name=_(KINDS[draft.kind].name), unit=draft.unit_id,
        inspection=draft.inspection_id, finding=draft.finding_id, author=draft.author.name,
        state="offered" if offered else "returned" if draft.remark else "draft",
        remark=draft.remark, revision=draft.revision, answers=draft.answers,
        lacks=[DraftLack(question=one.question.id, message=_(one.message)) for one in faults],
        may=[step for step, is_open in may.items() if is_open],
        changed_at=draft.changed_at.astimezone(UTC),
    )  # fmt: skip


def _preview(made: Preview) -> PreviewMessage:
    file = url_for("drafts_api.preview_pdf", preview_id=made.id)
    return PreviewMessage(
        id=made.id, state=made.state.value, kind=made.kind, draft=made.draft_id,
        revision=made.revision, pages=made.pages, file=file if made.pages else None,
        error=made.error,
    )  # fmt: skip


def _awaited(turn: signatures.Turn) -> SignatureAwaited:
    row, document = turn.row, turn.document
    return SignatureAwaited(
        document=message_of(document), role=row.role, label=_(row.label),
        printed_name=row.printed_name, way="own" if turn.way is Way.OWN else "attended",
        file_sha256=turn.file_sha256,
        page=url_for("documents.countersigning.show", document_id=document.id, _external=True),
    )  # fmt: skip
