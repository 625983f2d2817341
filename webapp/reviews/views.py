"""The supervisors' pages: the queue, one inspection with its findings, earlier rounds."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.core.clock import local_day, now, today
from webapp.core.db import db
from webapp.core.errors import N_, Forbidden, Invalid
from webapp.core.web import NavItem, language, words
from webapp.findings import service as findings
from webapp.inspections import queries as inspections
from webapp.inspections.models import Inspection, Submission
from webapp.inspections.rules import Status
from webapp.reviews import cursors, queries, reading, rules, service
from webapp.reviews.forms import ReviewForm, review_form
from webapp.reviews.models import Decision, Review

bp = Blueprint("reviews", __name__)
NAV = (NavItem("reviews.index", N_("待审核"), "review", Permission.INSPECTION_REVIEW),)
QUEUES = {
    "submitted": (Status.SUBMITTED, N_("待审核")),
    "returned": (Status.RETURNED, N_("已退回")),
    "approved": (Status.APPROVED, N_("已通过")),
}


# -- for the inspectors' pages, which come before this slice -----------------------------------


@bp.app_template_global()
def review_comments(inspection: Inspection) -> dict[str, list[str]]:
    """Return what supervisors said of the round returned last: texts by item."""
    said = queries.comments_for(db.session(), inspection)
    return {item_id: [comment.text for comment in comments] for item_id, comments in said.items()}


@bp.app_template_global()
def last_review(inspection: Inspection) -> Review | None:
    """Return the newest decision on an inspection."""
    return queries.last_review(db.session(), inspection)


# -- the queue --------------------------------------------------------------------------------


@bp.get("/reviews")
@requires(Permission.INSPECTION_REVIEW)
def index() -> ResponseReturnValue:
    """List what was handed in: the longest waiting first, the decided newest first."""
    chosen = request.args.get("state", "submitted")
    chosen = chosen if chosen in QUEUES else "submitted"
    status = QUEUES[chosen][0]
    user, session = me(), db.session()
    page = queries.queue(
        session,
        user,
        status,
        after=cursors.read(request.args.get("after")),
        before=cursors.read(request.args.get("before")),
    )
    return render_template(
        "reviews/index.html",
        page=page,
        chosen=chosen,
        states=[(key, _(word)) for key, (_status, word) in QUEUES.items()],
        count=_count_words(queries.count_of(session, user, status)),
        waited=_waited_days,
        barred=_barred,
        previous=_page_url(chosen, before=page.previous),
        next=_page_url(chosen, after=page.next),
    )


def _page_url(state: str, **place: queries.Place | None) -> str:
    found: dict[str, Any] = {name: cursors.write(where) for name, where in place.items() if where}
    return url_for(".index", state=state, **found) if found else ""


def _count_words(count: int) -> str:
    if count > queries.COUNT_MOST:
        return str(_("%(most)s 项以上", most=f"{queries.COUNT_MOST:,}"))
    return str(_("共 %(count)d 项", count=count))


def _waited_days(inspection: Inspection) -> int:
    since = inspection.submitted_at
    return (today() - local_day(since)).days if since else 0


def _barred(inspection: Inspection) -> str:
    """Return why the one who asks may not decide on it; empty when nothing stands against."""
    try:
        service.check_reviewer(inspection, me())
    except Forbidden as refusal:
        return words(refusal)
    return ""


# -- one inspection ---------------------------------------------------------------------------


@bp.get("/reviews/<uuid:inspection_id>")
@requires(Permission.INSPECTION_REVIEW)
def show(inspection_id: UUID) -> ResponseReturnValue:
    """Show the newest round beside its findings, to decide on."""
    inspection = inspections.inspection_of(db.session(), me(), inspection_id)
    submission = inspections.latest_submission(db.session(), inspection)
    return page(inspection, submission, _form(inspection, submission))


@bp.post("/reviews/<uuid:inspection_id>/comments")
@requires(Permission.INSPECTION_REVIEW)
def comment(inspection_id: UUID) -> ResponseReturnValue:
    """Keep the comments typed under the items."""
    inspection, submission, form = at_hand(inspection_id)
    try:
        kept = _keep_comments(inspection, submission, form)
    except Invalid as refusal:
        return refused(inspection, submission, form, refusal)
    if kept:
        flash(_("意见已保存"), "success")
    item = request.form.get("item", "")
    return _go_on(inspection, submission, form, anchor=item if item in kept else None)


@bp.post("/reviews/<uuid:inspection_id>/comments/<int:comment_id>/removal")
@requires(Permission.INSPECTION_REVIEW)
def remove_comment(inspection_id: UUID, comment_id: int) -> ResponseReturnValue:
    """Take an own comment back."""
    inspection, submission, form = at_hand(inspection_id)
    removed = service.remove_comment(
        db.session(), inspection, submission, comment_id, by=me(), at=now()
    )
    flash(_("意见已删除"), "success")
    return _go_on(inspection, submission, form, anchor=removed.item_id)


@bp.post("/reviews/<uuid:inspection_id>/return")
@requires(Permission.INSPECTION_REVIEW)
def return_(inspection_id: UUID) -> ResponseReturnValue:
    """Give the inspection back to its inspectors."""
    inspection, submission, form = at_hand(inspection_id)
    try:
        _keep_comments(inspection, submission, form)
        service.return_to_inspectors(
            db.session(), inspection, submission, opinion=form.opinion.data, by=me(), at=now()
        )
    except Invalid as refusal:
        return refused(inspection, submission, form, refusal)
    flash(_("已退回 %(number)s，督查员会看到意见", number=inspection.number), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/reviews/<uuid:inspection_id>/approval")
@requires(Permission.INSPECTION_REVIEW)
def approve(inspection_id: UUID) -> ResponseReturnValue:
    """Approve the inspection with its findings as worded."""
    inspection, submission, form = at_hand(inspection_id)
    undecided = inspection.status is Status.SUBMITTED
    if undecided and not form.check():
        return page(inspection, submission, form, 422)
    try:
        if undecided:
            _keep_comments(inspection, submission, form)
        service.approve(
            db.session(),
            inspection,
            submission,
            judgements=form.judgements(),
            opinion=form.opinion.data,
            by=me(),
            at=now(),
        )
    except Invalid as refusal:
        return refused(inspection, submission, form, refusal)
    flash(_("已通过 %(number)s，正在生成文书", number=inspection.number), "success")
    return redirect(url_for(".show", inspection_id=inspection.id), 303)


def at_hand(inspection_id: UUID) -> tuple[Inspection, Submission, ReviewForm]:
    """Return the locked inspection, the round that the form speaks of, and the form.

    :raises Forbidden: not for this supervisor to decide.
    :raises Conflict: the form speaks of a round that is not the newest.
    """
    inspection = inspections.inspection_of(db.session(), me(), inspection_id, lock=True)
    service.check_reviewer(inspection, me())
    newest = _newest(inspection, request.form.get("submission", ""))
    return inspection, newest, _form(inspection, newest)


def typed_again(inspection_id: UUID, typed: Mapping[str, str]) -> ResponseReturnValue:
    """Show the review page with what was typed there before.

    :raises Conflict: it was typed about a round that is not the newest.
    """
    inspection = inspections.inspection_of(db.session(), me(), inspection_id)
    newest = _newest(inspection, typed.get("submission", ""))
    form = _form(inspection, newest, MultiDict(typed))
    return page(inspection, newest, form, typed=form.comments(typed))


def _newest(inspection: Inspection, sent: str) -> Submission:
    """Return the newest round, which is the one that somebody speaks of."""
    newest = inspections.latest_submission(db.session(), inspection)
    number = next((s.number for s in inspection.submissions if str(s.id) == sent), None)
    if number is None:
        raise Invalid(
            N_("没有说明审核的是哪一次提交"),
            field="submission",
            code="no_submission",
            remedy=N_("请从审核页面操作。"),
        )
    rules.check_undecided(None, name="", number=number, latest=newest.number)
    return newest


def _form(
    inspection: Inspection, submission: Submission, typed: MultiDict[str, str] | None = None
) -> ReviewForm:
    """Return the page's form, with what came with the request, or was ``typed`` before."""
    return review_form(
        inspection.version.definition,
        findings.preview(db.session(), submission),
        typed,
        submission=str(submission.id),
        only=request.args.get("only", ""),
    )


def _keep_comments(
    inspection: Inspection, submission: Submission, form: ReviewForm
) -> dict[str, str]:
    typed = form.comments(request.form)
    for item_id, text in typed.items():
        service.comment(
            db.session(), inspection, submission, item_id=item_id, text=text, by=me(), at=now()
        )
    return typed


def refused(
    inspection: Inspection, submission: Submission, form: ReviewForm, refusal: Invalid
) -> ResponseReturnValue:
    """Show the review page again with a refusal beside the field that it names."""
    db.session.rollback()
    field = refusal.field or ""
    if field.startswith("comment-"):
        return page(inspection, submission, form, 422, wrong={field: words(refusal)})
    form.blame(field, refusal.message, **refusal.params)
    return page(inspection, submission, form, 422)


def _go_on(
    inspection: Inspection, submission: Submission, form: ReviewForm, *, anchor: str | None
) -> ResponseReturnValue:
    """Go back to the page; with unsaved words on it, show it as it is instead."""
    if form.is_touched:
        return page(inspection, submission, form, typed={})
    only = form.only.data or None
    return redirect(url_for(".show", inspection_id=inspection.id, only=only, _anchor=anchor), 303)


def page(
    inspection: Inspection,
    submission: Submission,
    form: ReviewForm,
    status: int = 200,
    *,
    wrong: dict[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> tuple[str, int]:
    """Render the review page; ``typed`` are the comments to show again, else those that came."""
    session = db.session()
    only = form.only.data == "problems"
    checklist, answers = inspection.version.definition, submission.answers
    day = findings.day_of(submission)
    figures = findings.figures_for(session, inspection, submission)
    everything = reading.lay_out(checklist, answers, day, figures)
    parts = reading.only_problems(everything) if only else everything
    review = queries.review_of(session, submission)
    barred = _barred(inspection)
    shown = render_template(
        "reviews/show.html",
        inspection=inspection,
        submission=submission,
        checklist=checklist,
        parts=parts,
        tally=reading.tally(everything),
        only=only,
        form=form,
        items={item.id: item for item in checklist.items},
        comments=queries.comments_on(session, submission),
        typed=form.comments(request.form) if typed is None else typed,
        wrong=wrong or {},
        review=review,
        barred=barred,
        open=review is None and not barred and inspection.status is Status.SUBMITTED,
        states=Counter(finding.state.value for finding in form.found),
        rounds=_rounds(inspection),
        changes=_changes(inspection, submission),
        signatures=[s for s in inspection.signatures if s.digest == submission.digest],
    )
    return shown, status


# -- rounds -----------------------------------------------------------------------------------


@bp.get("/reviews/<uuid:inspection_id>/submissions/<int:number>")
@requires(Permission.INSPECTION_READ)
def submission(inspection_id: UUID, number: int) -> ResponseReturnValue:
    """Show one round as it was handed in, and what it changed."""
    session = db.session()
    inspection = inspections.inspection_of(session, me(), inspection_id)
    one = inspections.submission_of(session, inspection, number)
    checklist = inspection.version.definition
    return render_template(
        "reviews/submission.html",
        inspection=inspection,
        submission=one,
        checklist=checklist,
        parts=reading.lay_out(
            checklist,
            one.answers,
            findings.day_of(one),
            findings.figures_for(session, inspection, one),
        ),
        review=queries.review_of(session, one),
        comments=queries.comments_on(session, one),
        rounds=_rounds(inspection),
        changes=_changes(inspection, one),
        signatures=[s for s in inspection.signatures if s.digest == one.digest],
    )


def _rounds(inspection: Inspection) -> list[dict[str, Any]]:
    reviews = queries.reviews_of(db.session(), inspection)
    return [
        {"number": s.number, "at": s.at, "review": reviews.get(s.id)}
        for s in inspection.submissions
    ]


def _changes(inspection: Inspection, one: Submission) -> tuple[rules.AnswerChange, ...]:
    if one.number == 1:
        return ()
    before = inspections.submission_of(db.session(), inspection, one.number - 1)
    return rules.changes(inspection.version.definition, before.answers, one.answers, language())


@bp.app_template_filter("decision_pair")
def decision_pair(decision: Decision) -> tuple[str, str]:
    """Return a decision as (kind, word) for ``components/status.html``."""
    return decision.value, _("已通过") if decision is Decision.APPROVED else _("已退回")
