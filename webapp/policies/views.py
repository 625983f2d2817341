"""Pages about policy figures: what is in force, what was entered, confirming it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webapp.accounts.access import me, requires
from webapp.accounts.rules import Permission
from webapp.checklists import queries as checklists
from webapp.checklists.definitions import Checklist, Figure
from webapp.core.clock import now, today
from webapp.core.db import db
from webapp.core.errors import N_, NotFound
from webapp.core.web import NavItem
from webapp.policies import queries, service
from webapp.policies.forms import FigureForm
from webapp.policies.models import PolicyFigure
from webapp.policies.rules import Figures, InForce, declared, number

bp = Blueprint("policies", __name__)
NAV = (NavItem("policies.index", N_("参数"), "gear", Permission.POLICY_READ),)
bp.add_app_template_filter(number, "figure")


@bp.get("/policies")
@requires(Permission.POLICY_READ)
def index() -> ResponseReturnValue:
    """List the figures that rules compare with, as in force today."""
    newest = [version.definition for version in checklists.latest_versions(db.session())]
    return render_template(
        "policies/index.html",
        parts=[(one, _figures(one).on(today())) for one in newest if one.figures],
        waiting=queries.unconfirmed(db.session(), me().bureau_id),
    )


@bp.get("/policies/<key>")
@requires(Permission.POLICY_READ)
def show(key: str) -> ResponseReturnValue:
    """Show a figure: what is in force, what the bureau has entered."""
    return _page(key, FigureForm(formdata=None, effective_from=today()))


@bp.post("/policies/<key>")
@requires(Permission.POLICY_ENTER)
def enter(key: str) -> ResponseReturnValue:
    """Enter a figure."""
    _declared(key)
    form = FigureForm()
    if not form.validate_on_submit():
        return _page(key, form), 422
    service.enter(
        db.session(),
        key=key,
        value=form.value.data,
        effective_from=form.effective_from.data,
        effective_to=form.effective_to.data,
        source=form.source.data,
        document_no=form.document_no.data or "",
        by=me(),
        at=now(),
    )
    flash(_("已录入，由另一人复核后生效"), "success")
    return redirect(url_for(".show", key=key), 303)


@bp.post("/policies/entries/<int:figure_id>/confirmation")
@requires(Permission.POLICY_CONFIRM)
def confirm(figure_id: int) -> ResponseReturnValue:
    """Let a figure count that somebody else has entered."""
    figure = _entry(figure_id)
    service.confirm(db.session(), figure, by_id=me().id, at=now())
    flash(_("已复核"), "success")
    return redirect(url_for(".show", key=figure.key), 303)


@bp.post("/policies/entries/<int:figure_id>/withdrawal")
@requires(Permission.POLICY_ENTER)
def withdraw(figure_id: int) -> ResponseReturnValue:
    """Let a figure count no longer."""
    figure = _entry(figure_id)
    service.withdraw(db.session(), figure, by_id=me().id, at=now())
    flash(_("已撤回；以前的疑点不变"), "success")
    return redirect(url_for(".show", key=figure.key), 303)


def _page(key: str, form: FigureForm) -> str:
    checklist, figure = _declared(key)
    entries = queries.entered(db.session(), me().bureau_id, key)
    in_force = _figures(checklist).on(today()).get(key)
    return render_template(
        "policies/show.html",
        key=key,
        checklist=checklist,
        figure=figure,
        in_force=in_force,
        items=[item for item in checklist.items if key in item.figure_keys],
        entries=[(entry, _standing(entry, in_force)) for entry in entries],
        form=form,
    )


def _standing(entry: PolicyFigure, in_force: InForce | None) -> tuple[str, str]:
    """Return an entry's state as the name of a status and in words."""
    if entry.withdrawn_at:
        return "void", _("已撤回")
    if entry.confirmed_at is None:
        return "submitted", _("待复核")
    if entry.effective_from > today():
        return "queued", _("将生效")
    since = in_force.effective_from if in_force and in_force.own else None
    if since == entry.effective_from and in_force and in_force.value == entry.value:
        return "approved", _("生效中")
    return "na", _("已被替代或失效")


def _figures(checklist: Checklist) -> Figures:
    return queries.figures(db.session(), me().bureau_id, checklist, at=now())


def _entry(figure_id: int) -> PolicyFigure:
    return queries.figure_in(db.session(), me().bureau_id, figure_id)


def _declared(key: str) -> tuple[Checklist, Figure]:
    known = declared(v.definition for v in checklists.latest_versions(db.session()))
    if key not in known:
        raise NotFound(N_("没有这项参数"))
    return known[key]
