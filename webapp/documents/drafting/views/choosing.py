"""Choose a kind of paper, and then what it is about."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts import queries as accounts
from webapp.accounts.access import me, requires
from webapp.core.clock import now
from webapp.core.db import db
from webapp.core.errors import N_, Invalid, NotFound
from webapp.core.web import language, words
from webapp.documents.drafting import queries, rules, service, subjects
from webapp.documents.drafting.forms import BeginForm
from webapp.documents.drafting.rules import DRAFTING
from webapp.documents.drafting.views.board import bp, today
from webapp.documents.kinds import KINDS
from webapp.documents.kinds.base import GROUP_WORDS, About, Form, Group
from webapp.inspections import queries as inspections
from webapp.inspections.models import Inspection
from webapp.inspections.rules import Status


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
            at=now(), on=today(), **_chosen(form.about.data or ""),
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
        form = kind.form
        if form is None or (about and not rules.suits(form, About.INSPECTION)):
            continue
        if about is None or _has_word(form, about):
            groups.setdefault(form.group, []).append(name)
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
                for one in inspections.known_to(session, user) if _has_word(form, one)]  # fmt: skip
    if form.about is About.FINDING:
        return [(f"finding:{one.id}", f"{one.inspection.number} {one.item_id} {one.facts[:30]}")
                for one in subjects.findings_known_to(session, user)]  # fmt: skip
    return ()


def _has_word(form: Form, inspection: Inspection) -> bool:
    return rules.has_word(
        form, unit_id=me().unit_id, of_unit_id=inspection.unit_id,
        decided=inspection.status is Status.APPROVED,
    )  # fmt: skip


def _chosen(about: str) -> dict[str, Any]:
    """Return what was chosen, as the user may see it.

    :raises NotFound: there is no such thing, or not for this user.
    """
    what, _, key = about.partition(":")
    number = int(key) if key.isdecimal() else 0
    return subjects.chosen(
        db.session(),
        me(),
        unit_id=number if what == "unit" else None,
        inspection_id=_id(key) if what == "inspection" else None,
        finding_id=number if what == "finding" else None,
    )


def _id(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise NotFound(N_("没有找到这个页面。")) from None
